/*
 * What `httpd -t -D DUMP_BRIDGE` prints: three tables, whose columns stand two
 * blanks or more apart. Runs once, in the one thread that tests the
 * configuration.
 */
#include "listing.h"

#include <http_config.h>
#include <http_core.h>

#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_strings.h>

#include "bridge/option.h"
#include "config.h"
#include "host.h"
#include "map.h"
#include "mappings.h"

#define COLUMNS_MAX 8

/* Cells by rows; NULL and "" are shown as "-". The first row is the head. */
typedef struct table_t {
    apr_pool_t *pool;
    int columns;
    apr_array_header_t *cells;
} table_t;

static table_t table_of(apr_pool_t *pool, int columns)
{
    return (table_t){ .pool = pool,
                      .columns = columns,
                      .cells = apr_array_make(pool, 64, sizeof(char *)) };
}

/* Two blanks are the end of a cell, and a line's end that of a row. */
static const char *one_line(apr_pool_t *pool, const char *text)
{
    char *line = apr_palloc(pool, strlen(text) + 1);
    char *end = line;

    for (; *text != '\0'; text++) {
        bool is_blank = apr_isspace(*text) || apr_iscntrl(*text);

        if (!is_blank || end == line || end[-1] != ' ')
            *end++ = is_blank ? ' ' : *text;
    }
    *end = '\0';
    return line;
}

static void put_row(table_t *table, const char *const *cells)
{
    int i;

    for (i = 0; i < table->columns; i++)
        APR_ARRAY_PUSH(table->cells, const char *) =
            cells[i] != NULL && *cells[i] != '\0'
                ? one_line(table->pool, cells[i])
                : "-";
}

#define ROW(table, ...) put_row(table, (const char *const[]){ __VA_ARGS__ })

static void measure(const table_t *table, apr_size_t *widths)
{
    int i;

    for (i = 0; i < table->cells->nelts; i++) {
        apr_size_t length = strlen(APR_ARRAY_IDX(table->cells, i, char *));
        apr_size_t *width = &widths[i % table->columns];

        if (length > *width)
            *width = length;
    }
}

static void print_table(apr_file_t *out, const char *title,
                        const table_t *table)
{
    apr_size_t widths[COLUMNS_MAX] = { 0 };
    int i;

    measure(table, widths);
    apr_file_printf(out, "%s:\n", title);
    for (i = 0; i < table->cells->nelts; i++) {
        const char *cell = APR_ARRAY_IDX(table->cells, i, char *);
        int column = i % table->columns;

        if (column == table->columns - 1)
            apr_file_printf(out, "  %s\n", cell);
        else
            apr_file_printf(out, "  %-*s", (int)widths[column], cell);
    }
}

/* What the line sets: "size=12 require=file". */
static const char *line_sets(apr_pool_t *pool, const hbr_target_t *target)
{
    const char *all = "";
    int i;

    if (target == NULL)
        return NULL;
    for (i = 0; target->values.set != NULL && i < target->values.set->nelts;
         i++) {
        const hbr_input_t *option =
            APR_ARRAY_IDX(target->values.set, i, hbr_option_value_t).option;

        all = apr_pstrcat(
            pool, all, *all != '\0' ? " " : "", option->name, "=",
            hbr_option_format(pool, option, target->values.options), NULL);
    }
    if (target->require == HBR_REQUIRE_UNSET)
        return all;
    return apr_pstrcat(pool, all, *all != '\0' ? " " : "",
                       "require=", hbr_require_word(target->require), NULL);
}

static void print_mappings(apr_file_t *out, apr_pool_t *pool,
                           const server_rec *main_server)
{
    const apr_array_header_t *all = hbr_mappings_all();
    table_t table = table_of(pool, 8);
    int i;

    ROW(&table, "SERVER", "SECTION", "DIRECTIVE", "METHODS", "PATTERN",
        "HANDLER", "SETS", "WHERE");
    for (i = 0; i < all->nelts; i++) {
        const hbr_mapping_t *mapping = &APR_ARRAY_IDX(all, i, hbr_mapping_t);

        ROW(&table, hbr_mapping_server(pool, mapping, main_server),
            mapping->section, mapping->directive, mapping->methods,
            mapping->what, mapping->entry != NULL ? mapping->entry->name : NULL,
            line_sets(pool, mapping->target),
            apr_psprintf(pool, "%s:%d", mapping->file, mapping->line));
    }
    print_table(out, "Bridge mappings", &table);
}

static const char *lifetime_word(const hbr_handler_t *handler)
{
    if (handler->create == NULL)
        return NULL;
    switch (handler->lifetime) {
    case HBR_PER_REQUEST: return "per request";
    case HBR_POOLED: return "pooled";
    case HBR_PER_PROCESS: return "per process";
    }
    return NULL;
}

/* The file a handler comes from. */
static const char *file_of(const hbr_entry_t *entry)
{
    return entry->module_file != NULL ? entry->module_file
                                      : entry->handler.stamp.file;
}

static void print_handlers(apr_file_t *out, apr_pool_t *pool)
{
    table_t table = table_of(pool, 5);
    apr_size_t count;
    hbr_entry_t *const *all = hbr_registry_all(hbr_registry, &count);
    apr_size_t i;

    ROW(&table, "HANDLER", "METHODS", "LIFETIME", "FILE", "SUMMARY");
    for (i = 0; i < count; i++)
        ROW(&table, all[i]->name,
            all[i]->methods.any ? "*" : all[i]->methods.allow,
            lifetime_word(&all[i]->handler), file_of(all[i]),
            all[i]->handler.summary);
    print_table(out, "Bridge handlers", &table);
}

/* As a request has them that no section says anything about. */
static const void *server_options(apr_pool_t *pool, const server_rec *server,
                                  const hbr_entry_t *entry)
{
    const hbr_dir_config_t *config =
        ap_get_module_config(server->lookup_defaults, &handlerbridge_module);
    const void *options =
        config != NULL ? hbr_scope_options(pool, config->scope, entry, NULL)
                       : NULL;

    return options != NULL ? options : entry->fallbacks;
}

static void put_options(table_t *table, const server_rec *server,
                        const hbr_entry_t *entry)
{
    apr_pool_t *pool = table->pool;
    const void *options = server_options(pool, server, entry);
    apr_size_t i;

    for (i = 0; i < entry->options; i++) {
        const hbr_input_t *option = hbr_entry_option(entry, i);

        ROW(table, entry->name, option->name,
            hbr_option_format(pool, option, options),
            hbr_option_expectation(pool, option), hbr_option_help(option));
    }
}

static void print_options(apr_file_t *out, apr_pool_t *pool,
                          const server_rec *main_server)
{
    table_t table = table_of(pool, 5);
    apr_size_t count;
    hbr_entry_t *const *all = hbr_registry_all(hbr_registry, &count);
    apr_size_t i;

    ROW(&table, "HANDLER", "OPTION", "VALUE", "TAKES", "HELP");
    for (i = 0; i < count; i++)
        if (all[i]->options > 0)
            put_options(&table, main_server, all[i]);
    print_table(out, "Bridge options, as the main server sets them", &table);
}

void hbr_listing_print(apr_pool_t *pconf, server_rec *main_server)
{
    apr_file_t *out;

    if (!ap_exists_config_define("DUMP_BRIDGE")
        || apr_file_open_stdout(&out, pconf) != APR_SUCCESS)
        return;
    print_mappings(out, pconf, main_server);
    print_handlers(out, pconf);
    print_options(out, pconf, main_server);
}
