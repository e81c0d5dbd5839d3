/*
 * The handlers of this process, by name.
 *
 * A declaration is copied as far as its stamp says it goes, so that one that
 * was compiled against an older header reads as a new one with zeros. Nothing
 * here changes after start; look-ups need no lock.
 */
#include "registry.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "cacheable.h"
#include "input.h"
#include "metric.h"
#include "nearest.h"
#include "option.h"
#include "shared.h"

#define NAME_LENGTH_MAX 64

struct hbr_registry_t {
    apr_pool_t *pool;
    apr_hash_t *by_name;
    apr_array_header_t *sorted; /* of hbr_entry_t * */
};

/* The linker puts the pointers that HBR_HANDLER() made between these two. */
typedef const hbr_handler_t *const declared_t;
extern declared_t __start_hbr_handlers[]
    __attribute__((weak, visibility("hidden")));
extern declared_t __stop_hbr_handlers[]
    __attribute__((weak, visibility("hidden")));

const char *hbr_registry_create(apr_pool_t *pool, hbr_registry_t **registry)
{
    hbr_registry_t *made = apr_pcalloc(pool, sizeof(*made));
    declared_t *at;

    made->pool = pool;
    made->by_name = apr_hash_make(pool);
    made->sorted = apr_array_make(pool, 16, sizeof(hbr_entry_t *));
    for (at = __start_hbr_handlers; at != __stop_hbr_handlers; at++) {
        const char *problem = hbr_registry_add(made, *at);

        if (problem != NULL)
            return problem;
    }
    *registry = made;
    return NULL;
}

apr_pool_t *hbr_registry_pool(const hbr_registry_t *registry)
{
    return registry->pool;
}

const char *hbr_abi_refusal(apr_pool_t *pool, const char *place, int major,
                            int minor)
{
    bool newer = major > HBR_ABI_MAJOR
                 || (major == HBR_ABI_MAJOR && minor > HBR_ABI_MINOR);

    if (major == HBR_ABI_MAJOR && !newer)
        return NULL;
    return apr_psprintf(pool,
                        "%s was compiled for version %d.%d of the handler "
                        "interface, this bridge is %d.%d: %scompile it again "
                        "with the headers of this one",
                        place, major, minor, HBR_ABI_MAJOR, HBR_ABI_MINOR,
                        newer ? "install a newer mod_handlerbridge, or " : "");
}

/* Where a declaration stands, for messages: two modules may have source files
 * of one name. */
static const char *place_of(apr_pool_t *pool, const hbr_stamp_t *stamp,
                            const char *module_file)
{
    return module_file == NULL
               ? stamp->file
               : apr_psprintf(pool, "%s (%s)", module_file, stamp->file);
}

/* They stand for something else where a handler's name may. */
static bool name_is_reserved(const char *name)
{
    return strcmp(name, "none") == 0 || strcmp(name, "bridge-file") == 0;
}

static bool name_is_valid(const char *name)
{
    apr_size_t length = strlen(name);

    return length > 0 && length <= NAME_LENGTH_MAX
           && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == length
           && !name_is_reserved(name);
}

/* Inputs or options. */
static apr_size_t count_inputs(const hbr_handler_t *handler,
                               const hbr_input_t *inputs)
{
    const char *at = (const char *)inputs;
    apr_size_t count = 0;

    if (at == NULL)
        return 0;
    while (((const hbr_input_t *)at)->type != HBR_INPUT_END) {
        at += handler->stamp.input_size;
        count++;
    }
    return count;
}

static apr_size_t count_statements(const hbr_handler_t *handler)
{
    const char *at = (const char *)handler->statements;
    apr_size_t count = 0;

    if (at == NULL)
        return 0;
    while (((const hbr_statement_t *)at)->sql != NULL) {
        at += handler->stamp.statement_size;
        count++;
    }
    return count;
}

static apr_size_t count_metrics(const hbr_handler_t *handler)
{
    const char *at = (const char *)handler->metrics;
    apr_size_t count = 0;

    if (at == NULL)
        return 0;
    while (((const hbr_metric_t *)at)->type != HBR_METRIC_END) {
        at += handler->stamp.metric_size;
        count++;
    }
    return count;
}

/* Copies an array of smaller, older elements into one of today's. */
static void *widen(apr_pool_t *pool, const void *elements, apr_size_t count,
                   apr_size_t stride, apr_size_t size)
{
    char *copy = apr_pcalloc(pool, count * size);
    apr_size_t i;

    for (i = 0; i < count; i++)
        memcpy(copy + i * size, (const char *)elements + i * stride, stride);
    return copy;
}

static const hbr_input_t *widen_inputs(apr_pool_t *pool,
                                       const hbr_handler_t *handler,
                                       const hbr_input_t *inputs,
                                       apr_size_t *count)
{
    *count = count_inputs(handler, inputs);
    if (*count == 0)
        return NULL;
    return widen(pool, inputs, *count, handler->stamp.input_size,
                 sizeof(hbr_input_t));
}

static hbr_entry_t *entry_of(hbr_registry_t *registry,
                             const hbr_handler_t *handler)
{
    apr_pool_t *pool = registry->pool;
    const hbr_stamp_t *stamp = &handler->stamp;
    hbr_entry_t *entry = apr_pcalloc(pool, sizeof(*entry));
    hbr_handler_t *copy = &entry->handler;

    entry->registry = registry;
    entry->declared = handler;
    memcpy(copy, handler, stamp->handler_size);
    copy->inputs = widen_inputs(pool, copy, copy->inputs, &entry->inputs);
    copy->options = widen_inputs(pool, copy, copy->options, &entry->options);
    entry->statements = count_statements(copy);
    if (entry->statements > 0)
        copy->statements =
            widen(pool, copy->statements, entry->statements,
                  stamp->statement_size, sizeof(hbr_statement_t));
    entry->metrics = count_metrics(copy);
    if (entry->metrics > 0)
        copy->metrics = widen(pool, copy->metrics, entry->metrics,
                              stamp->metric_size, sizeof(hbr_metric_t));
    entry->name = copy->name != NULL ? copy->name : stamp->ident;
    entry->child.handler = copy;
    entry->shared_failed = APR_ENOSHMAVAIL; /* Until there is some. */
    return entry;
}

static bool sizes_are_known(const hbr_stamp_t *stamp)
{
    return stamp->handler_size <= sizeof(hbr_handler_t)
           && stamp->handler_size >= offsetof(hbr_handler_t, name)
           && stamp->input_size <= sizeof(hbr_input_t)
           && stamp->statement_size <= sizeof(hbr_statement_t)
           && stamp->metric_size <= sizeof(hbr_metric_t)
           && (stamp->metric_size > 0
               || stamp->handler_size <= offsetof(hbr_handler_t, metrics))
           && stamp->statement_size > 0 && stamp->input_size > 0;
}

/* Functions that do not go together. */
static const char *members_fault(const hbr_handler_t *handler)
{
    if (handler->process == NULL && handler->choose == NULL)
        return "it has no .process";
    if (handler->process != NULL && handler->choose != NULL)
        return "it has both .process and .choose";
    if (handler->choose != NULL
        && (handler->create != NULL || handler->inputs != NULL))
        return "with .choose there is no .create and there are no .inputs: "
               "those are the chosen handler's";
    if (handler->create == NULL
        && (handler->destroy != NULL || handler->lifetime != 0))
        return ".lifetime and .destroy need a .create";
    if (handler->session > HBR_SESSION_WRITE)
        return "its .session is none of HBR_SESSION_READ and "
               "HBR_SESSION_WRITE";
    if (handler->lifetime > HBR_PER_PROCESS)
        return "its .lifetime is none of HBR_PER_REQUEST, HBR_POOLED and "
               "HBR_PER_PROCESS";
    return NULL;
}

/* What is wrong with a declaration, said without its place. */
static const char *fault(hbr_registry_t *registry, hbr_entry_t *entry)
{
    apr_pool_t *pool = registry->pool;
    const char *problem;
    const hbr_entry_t *other;

    if (!name_is_valid(entry->name))
        return apr_psprintf(pool,
                            "the name \"%s\" is not made of 1 to %d lower case "
                            "letters, digits, '-', '_' and '.'",
                            entry->name, NAME_LENGTH_MAX);
    other = hbr_registry_find(registry, entry->name);
    if (other != NULL)
        return apr_psprintf(
            pool, "%s declares a handler of that name too",
            place_of(pool, &other->handler.stamp, other->module_file));
    problem = members_fault(&entry->handler);
    if (problem != NULL)
        return problem;
    problem = hbr_cacheable_declare(pool, entry);
    if (problem == NULL)
        problem = hbr_shared_refusal(&entry->handler);
    if (problem != NULL)
        return problem;
    problem = hbr_methods_parse(pool, entry->handler.methods, &entry->methods);
    if (problem != NULL)
        return apr_pstrcat(pool, ".methods: ", problem, NULL);
    problem = hbr_metrics_refusal(pool, entry->handler.metrics, entry->metrics);
    if (problem != NULL)
        return problem;
    problem =
        hbr_inputs_refusal(pool, "input", entry->handler.inputs, entry->inputs);
    return problem != NULL ? problem : hbr_options_refusal(pool, entry);
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(hbr_entry_t *const *)a)->name,
                  (*(hbr_entry_t *const *)b)->name);
}

const char *hbr_registry_add_from(hbr_registry_t *registry,
                                  const hbr_handler_t *handler,
                                  const char *module_file)
{
    apr_pool_t *pool = registry->pool;
    const hbr_stamp_t *stamp = &handler->stamp;
    const char *place = place_of(pool, stamp, module_file);
    const char *problem =
        hbr_abi_refusal(pool, place, stamp->major, stamp->minor);
    hbr_entry_t *entry;

    if (problem != NULL)
        return problem;
    if (!sizes_are_known(stamp))
        return apr_psprintf(pool,
                            "%s: the declaration \"%s\" was not made by "
                            "HBR_HANDLER()",
                            place, stamp->ident);
    entry = entry_of(registry, handler);
    entry->module_file = module_file;
    problem = fault(registry, entry);
    if (problem != NULL)
        return apr_psprintf(pool, "%s: handler \"%s\": %s", place, entry->name,
                            problem);
    if (entry->options > 0)
        entry->fallbacks = hbr_options_fallbacks(pool, entry);
    apr_hash_set(registry->by_name, entry->name, APR_HASH_KEY_STRING, entry);
    APR_ARRAY_PUSH(registry->sorted, hbr_entry_t *) = entry;
    qsort(registry->sorted->elts, registry->sorted->nelts,
          sizeof(hbr_entry_t *), by_name);
    return NULL;
}

const char *hbr_registry_add(hbr_registry_t *registry,
                             const hbr_handler_t *handler)
{
    return hbr_registry_add_from(registry, handler, NULL);
}

hbr_entry_t *hbr_registry_find(const hbr_registry_t *registry, const char *name)
{
    return apr_hash_get(registry->by_name, name, APR_HASH_KEY_STRING);
}

hbr_entry_t *hbr_registry_declared(const hbr_registry_t *registry,
                                   const hbr_handler_t *handler)
{
    int i;

    for (i = 0; i < registry->sorted->nelts; i++) {
        hbr_entry_t *entry = APR_ARRAY_IDX(registry->sorted, i, hbr_entry_t *);

        if (entry->declared == handler)
            return entry;
    }
    return NULL;
}

hbr_entry_t *const *hbr_registry_all(const hbr_registry_t *registry,
                                     apr_size_t *count)
{
    *count = registry->sorted->nelts;
    return (hbr_entry_t *const *)registry->sorted->elts;
}

const char *hbr_registry_nearest(const hbr_registry_t *registry,
                                 const char *name)
{
    hbr_nearest_t nearest = hbr_nearest_to(name);
    int i;

    for (i = 0; i < registry->sorted->nelts; i++)
        hbr_nearest_try(
            &nearest, APR_ARRAY_IDX(registry->sorted, i, hbr_entry_t *)->name);
    return nearest.name;
}

const char *hbr_registry_names(const hbr_registry_t *registry, apr_pool_t *pool)
{
    apr_array_header_t *names =
        apr_array_make(pool, registry->sorted->nelts, sizeof(char *));
    int i;

    for (i = 0; i < registry->sorted->nelts; i++) {
        if (i > 0)
            APR_ARRAY_PUSH(names, const char *) = ", ";
        APR_ARRAY_PUSH(names, const char *) =
            APR_ARRAY_IDX(registry->sorted, i, hbr_entry_t *)->name;
    }
    return apr_array_pstrcat(pool, names, '\0');
}

const hbr_input_t *hbr_entry_input(const hbr_entry_t *entry, apr_size_t index)
{
    return &entry->handler.inputs[index];
}

const hbr_input_t *hbr_entry_option(const hbr_entry_t *entry, apr_size_t index)
{
    return &entry->handler.options[index];
}

const hbr_statement_t *hbr_entry_statement(const hbr_entry_t *entry,
                                           apr_size_t index)
{
    return &entry->handler.statements[index];
}
