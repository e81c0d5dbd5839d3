/*
 * Modules that bring handlers of their own: which records are taken, what they
 * are given, and what is said about the others.
 */
#include <stdio.h>
#include <stdlib.h>

#include <apr_strings.h>

#include "support/main.h"
#include "support/serve.h"

#include "../../bridge/module.h"

#define PATH "/modules/mod_calendar.so"

static apr_pool_t *pool;
static hbr_registry_t *registry;

static int process(hbr_context_t *ctx)
{
    return hbr_text(ctx, "here");
}

HBR_TEST_HANDLER(day, .process = process);
HBR_TEST_HANDLER(month, .process = process, .methods = "POST");
HBR_TEST_HANDLER(hello, .process = process);
HBR_TEST_HANDLER(nameless, .process = process, .name = "No Name");

static const hbr_handler_t *const both[] = { &day_handler, &month_handler };
static const hbr_handler_t *const again[] = { &day_handler };
static const hbr_handler_t *const taken[] = { &hello_handler };
static const hbr_handler_t *const wrong[] = { &nameless_handler };

static int setup(void **state)
{
    (void)state;
    apr_pool_create(&pool, NULL);
    return hbr_registry_create(pool, &registry) != NULL;
}

static int teardown(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    return 0;
}

#define RECORD(handlers)                                                       \
    (hbr_module_t)                                                             \
    {                                                                          \
        .size = sizeof(hbr_module_t), .major = HBR_ABI_MAJOR,                  \
        .minor = HBR_ABI_MINOR, .name = "calendar", .file = "src/calendar.c",  \
        .api_size = sizeof(hbr_api_t), .begin = handlers,                      \
        .end = handlers + COUNT(handlers)                                      \
    }

static void assert_says(const char *sentence, const char *part)
{
    if (sentence == NULL || strstr(sentence, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", sentence ? sentence : "NULL",
                 part);
}

/* Refused with the file's and the source's name; nothing is left of it. */
static const char *refused(hbr_module_t module)
{
    const char *problem = hbr_module_take(registry, &module, PATH);

    assert_says(problem, PATH " (src/calendar.c)");
    assert_null(module.api);
    assert_null(hbr_registry_find(registry, "day"));
    return problem;
}

static void test_taken(void **state)
{
    hbr_module_t module = RECORD(both);
    hbr_entry_t *entry;

    (void)state;
    assert_null(hbr_module_take(registry, &module, PATH));
    entry = hbr_registry_find(registry, "day");
    assert_non_null(entry);
    assert_string_equal(entry->module_file, PATH);
    assert_ptr_equal(entry->handler.process, process);
    entry = hbr_registry_find(registry, "month");
    assert_non_null(entry);
    assert_string_equal(entry->module_file, PATH);
    assert_string_equal(entry->handler.methods, "POST");
    assert_null(hbr_registry_find(registry, "hello")->module_file);
    assert_string_equal(hbr_registry_nearest(registry, "mnth"), "month");
}

/* Each function stands in its own place. */
static void test_table(void **state)
{
    hbr_module_t module = RECORD(both);

    (void)state;
    assert_null(hbr_module_take(registry, &module, PATH));
    assert_non_null(module.api);
    assert_int_equal(module.api->size, sizeof(hbr_api_t));
    assert_int_equal(module.api->major, HBR_ABI_MAJOR);
    assert_int_equal(module.api->minor, HBR_ABI_MINOR);
#define SAME(name) assert_ptr_equal((void *)module.api->name, (void *)name);
    HBR_API_FUNCTIONS(SAME)
}

static void test_versions(void **state)
{
    static const struct {
        int major, minor;
        const char *advice;
    } rows[] = {
        { HBR_ABI_MAJOR + 1, 0, "install a newer mod_handlerbridge, or" },
        { HBR_ABI_MAJOR, HBR_ABI_MINOR + 1, "install a newer" },
        { HBR_ABI_MAJOR - 1, 99, ": compile it again" },
        { HBR_ABI_MAJOR - 1, 0, ": compile it again" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        hbr_module_t module = RECORD(both);
        const char *problem;

        module.major = (uint16_t)rows[i].major;
        module.minor = (uint16_t)rows[i].minor;
        problem = refused(module);
        assert_says(problem,
                    apr_psprintf(pool, "%d.%d", rows[i].major, rows[i].minor));
        assert_says(problem,
                    apr_psprintf(pool, "%d.%d", HBR_ABI_MAJOR, HBR_ABI_MINOR));
        assert_says(problem, rows[i].advice);
        assert_says(problem, "compile it again");
    }
}

static void test_oldest_minor(void **state)
{
    hbr_module_t module = RECORD(both);

    (void)state;
    module.minor = 0;
    assert_null(hbr_module_take(registry, &module, PATH));
    assert_non_null(module.api);
}

/* Of another major version's record only the first members are looked at. */
static void test_unknown_record(void **state)
{
    apr_size_t known = offsetof(hbr_module_t, api_size);
    hbr_module_t whole = RECORD(both);
    hbr_module_t *cut;

    (void)state;
    whole.major = HBR_ABI_MAJOR + 1;
    whole.size = (uint32_t)known;
    cut = malloc(known);
    assert_non_null(cut);
    memcpy(cut, &whole, known);
    assert_says(hbr_module_take(registry, cut, PATH), "compiled for version");
    free(cut);
}

static void test_sizes(void **state)
{
    hbr_module_t module = RECORD(both);

    (void)state;
    module.size = sizeof(module) - 1;
    assert_says(refused(module), "HBR_MODULE()");
    module = RECORD(both);
    module.api_size = sizeof(hbr_api_t) + 1;
    assert_says(refused(module), "more functions than this bridge");
    /* A later one may have more members, and know fewer functions. */
    module = RECORD(both);
    module.size = sizeof(module) + 8;
    module.api_size = sizeof(hbr_api_t) - sizeof(void *);
    assert_null(hbr_module_take(registry, &module, PATH));
}

static void test_no_handler(void **state)
{
    hbr_module_t module = RECORD(both);

    (void)state;
    module.end = module.begin;
    assert_says(refused(module), "declares no handler");
    module.begin = module.end = NULL;
    assert_says(refused(module), "declares no handler");
}

/* Both files are named, be it another module's or the bridge's own. */
static void test_duplicates(void **state)
{
    hbr_module_t module = RECORD(both), second = RECORD(again),
                 own = RECORD(taken);
    const char *problem;

    (void)state;
    assert_null(hbr_module_take(registry, &module, PATH));
    problem = hbr_module_take(registry, &second, "/modules/mod_other.so");
    assert_says(problem, "/modules/mod_other.so (" __FILE__ ")");
    assert_says(problem, "handler \"day\"");
    assert_says(problem, PATH " (" __FILE__ ") declares");
    assert_null(second.api);
    problem = hbr_module_take(registry, &own, PATH);
    assert_says(problem, PATH " (" __FILE__ "): handler \"hello\"");
    assert_says(problem, ": handlers/hello.c declares");
}

static void test_wrong_declaration(void **state)
{
    hbr_module_t module = RECORD(wrong);
    const char *problem = hbr_module_take(registry, &module, PATH);

    (void)state;
    assert_says(problem, PATH " (" __FILE__ "): handler \"No Name\"");
    assert_null(module.api);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

MAIN(TEST(test_taken), TEST(test_table), TEST(test_versions),
     TEST(test_oldest_minor), TEST(test_unknown_record), TEST(test_sizes),
     TEST(test_no_handler), TEST(test_duplicates), TEST(test_wrong_declaration))
