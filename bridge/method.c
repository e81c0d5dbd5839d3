/*
 * The methods a handler declares: read once at start, looked up on every
 * request. Names are case-sensitive tokens (RFC 9110 9.1, 5.6.2). GET brings
 * HEAD with it, since a server has to answer both alike (RFC 9110 9.3.2). Only
 * read after hbr_methods_parse(), so any thread.
 */
#include <string.h>

#include <apr_cstr.h>
#include <apr_lib.h>
#include <apr_strings.h>

#include "method.h"

#define SEPARATORS ", \t"
#define ANY_ALLOW "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"

/* Those a mistaken case is checked against (RFC 9110 9.3, RFC 5789). */
static const char *const known[] = { "GET",     "HEAD",   "POST",
                                     "PUT",     "DELETE", "CONNECT",
                                     "OPTIONS", "TRACE",  "PATCH" };

/* RFC 9110 5.6.2. */
static bool is_token(const char *text)
{
    for (; *text != '\0'; text++) {
        if (!apr_isascii(*text)
            || (!apr_isalnum(*text)
                && strchr("!#$%&'*+-.^_`|~", *text) == NULL))
            return false;
    }
    return true;
}

static bool is_forbidden(const char *name)
{
    return strcmp(name, "TRACE") == 0 || strcmp(name, "CONNECT") == 0;
}

/* "get" is a method too, but not the one that was meant. */
static const char *meant(const char *name)
{
    apr_size_t i;

    for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (strcmp(name, known[i]) != 0
            && apr_cstr_casecmp(name, known[i]) == 0)
            return known[i];
    }
    return NULL;
}

static const char *refusal(apr_pool_t *pool, const char *name)
{
    if (strcmp(name, "*") == 0)
        return "\"*\" stands alone";
    if (!is_token(name)) {
        return apr_psprintf(pool,
                            "\"%s\" is no method's name: it is not a token "
                            "(RFC 9110 5.6.2)",
                            name);
    }
    if (meant(name) != NULL) {
        return apr_psprintf(pool,
                            "\"%s\" is not \"%s\": the case of methods "
                            "matters",
                            name, meant(name));
    }
    if (is_forbidden(name)) {
        return apr_psprintf(pool, "\"%s\" never reaches a handler", name);
    }
    return NULL;
}

static bool listed(const hbr_methods_t *methods, const char *name)
{
    apr_size_t i;

    for (i = 0; i < methods->count; i++) {
        if (strcmp(methods->names[i], name) == 0)
            return true;
    }
    return false;
}

static void add(hbr_methods_t *methods, const char *name)
{
    if (!listed(methods, name))
        methods->names[methods->count++] = name;
}

static const char *add_all(apr_pool_t *pool, char *list, hbr_methods_t *methods)
{
    char *rest;
    char *name;

    for (name = apr_strtok(list, SEPARATORS, &rest); name != NULL;
         name = apr_strtok(NULL, SEPARATORS, &rest)) {
        const char *why = refusal(pool, name);

        if (why != NULL)
            return why;
        add(methods, name);
        if (strcmp(name, "GET") == 0)
            add(methods, "HEAD");
    }
    return methods->count > 0 ? NULL : "the list names no method";
}

/* RFC 9110 10.2.1. OPTIONS is in it because the bridge answers it. */
static const char *allow_field(apr_pool_t *pool, const hbr_methods_t *methods)
{
    const char *allow = "";
    apr_size_t i;

    for (i = 0; i < methods->count; i++)
        allow = apr_pstrcat(pool, allow, methods->names[i], ", ", NULL);
    if (!listed(methods, "OPTIONS"))
        return apr_pstrcat(pool, allow, "OPTIONS", NULL);
    return apr_pstrmemdup(pool, allow, strlen(allow) - 2);
}

/* Works out what follows from the names. */
static void settle(apr_pool_t *pool, hbr_methods_t *methods)
{
    methods->get_only = methods->count == 2 && listed(methods, "GET")
                        && listed(methods, "HEAD");
    methods->allow = allow_field(pool, methods);
}

const char *hbr_methods_parse(apr_pool_t *pool, const char *text,
                              hbr_methods_t *methods)
{
    char *list = apr_pstrdup(pool, text != NULL ? text : "GET");
    const char *why;

    memset(methods, 0, sizeof(*methods));
    if (strcmp(list, "*") == 0) {
        methods->any = true;
        methods->allow = ANY_ALLOW;
        return NULL;
    }
    /* A name has at least one byte and a separator; HEAD may come by itself. */
    methods->names =
        apr_palloc(pool, (strlen(list) / 2 + 2) * sizeof(*methods->names));
    why = add_all(pool, list, methods);
    if (why != NULL)
        return why;
    settle(pool, methods);
    return NULL;
}

bool hbr_methods_allow(const hbr_methods_t *methods, const char *method)
{
    if (methods->get_only)
        return hbr_method_is_get(method) || strcmp(method, "HEAD") == 0;
    if (methods->any)
        return !is_forbidden(method);
    return listed(methods, method);
}

void hbr_methods_meet(apr_pool_t *pool, const hbr_methods_t *a,
                      const hbr_methods_t *b, hbr_methods_t *met)
{
    hbr_methods_t both = { .any = false };
    apr_size_t i;

    if (a->any || b->any) {
        *met = a->any ? *b : *a;
        return;
    }
    both.names = apr_palloc(pool, (a->count + 1) * sizeof(*a->names));
    for (i = 0; i < a->count; i++)
        if (listed(b, a->names[i]))
            add(&both, a->names[i]);
    settle(pool, &both);
    *met = both;
}

void hbr_methods_join(apr_pool_t *pool, const hbr_methods_t *a,
                      const hbr_methods_t *b, hbr_methods_t *joined)
{
    hbr_methods_t both = { .any = false };
    apr_size_t i;

    if (a->any || b->any) {
        *joined = a->any ? *a : *b;
        return;
    }
    both.names = apr_palloc(pool, (a->count + b->count) * sizeof(*a->names));
    for (i = 0; i < a->count; i++)
        add(&both, a->names[i]);
    for (i = 0; i < b->count; i++)
        add(&both, b->names[i]);
    settle(pool, &both);
    *joined = both;
}
