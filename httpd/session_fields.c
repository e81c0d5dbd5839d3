/*
 * The cookies that a session store has set. mod_session_dbd sets one in each
 * of httpd's two tables of fields, and its cookie for a session that has ended
 * names a new one that nobody keeps.
 */
#include "session_fields.h"

#include <string.h>

#include <apr_strings.h>

#define SET_COOKIE "Set-Cookie"

static int count(const apr_table_t *table)
{
    const apr_array_header_t *all = apr_table_elts(table);
    int found = 0;
    int i;

    for (i = 0; i < all->nelts; i++)
        found +=
            strcasecmp(APR_ARRAY_IDX(all, i, apr_table_entry_t).key, SET_COOKIE)
            == 0;
    return found;
}

hbr_session_fields_t hbr_session_fields(const request_rec *r)
{
    return (hbr_session_fields_t){ .errors = count(r->err_headers_out),
                                   .plain = count(r->headers_out) };
}

/* The value of the field number index; NULL: there are not so many. */
static const char *field_at(const apr_table_t *table, int index)
{
    const apr_array_header_t *all = apr_table_elts(table);
    int i;

    for (i = 0; i < all->nelts; i++) {
        const apr_table_entry_t *field =
            &APR_ARRAY_IDX(all, i, apr_table_entry_t);

        if (strcasecmp(field->key, SET_COOKIE) == 0 && index-- == 0)
            return field->val;
    }
    return NULL;
}

static bool has_name_of(const char *cookie, const char *other)
{
    apr_size_t length = strcspn(other, "=");

    return strncmp(cookie, other, length) == 0 && cookie[length] == '=';
}

static void take_out(apr_pool_t *pool, apr_table_t *table, const char *cookie)
{
    apr_table_t *others = apr_table_make(pool, 4);
    const char *field;
    int i;

    for (i = 0; (field = field_at(table, i)) != NULL; i++)
        if (!has_name_of(field, cookie))
            apr_table_addn(others, SET_COOKIE, field);
    apr_table_unset(table, SET_COOKIE);
    for (i = 0; (field = field_at(others, i)) != NULL; i++)
        apr_table_addn(table, SET_COOKIE, field);
}

/* RFC 6265 4.1.2.2: Max-Age 0 ends it; a store may have said another before.
 * The attributes have to stay: Path and Domain say which cookie it is. */
static const char *ended(apr_pool_t *pool, const char *cookie)
{
    char *copy = apr_pstrdup(pool, cookie);
    char *state;
    const char *part = apr_strtok(copy, ";", &state);
    const char *end = apr_pstrcat(
        pool, apr_pstrmemdup(pool, part, strcspn(part, "=")), "=", NULL);

    while ((part = apr_strtok(NULL, ";", &state)) != NULL) {
        while (*part == ' ')
            part++;
        if (*part != '\0' && strncasecmp(part, "Max-Age=", 8) != 0
            && strncasecmp(part, "Expires=", 8) != 0)
            end = apr_pstrcat(pool, end, "; ", part, NULL);
    }
    return apr_pstrcat(pool, end, "; Max-Age=0", NULL);
}

void hbr_session_fields_unite(request_rec *r, hbr_session_fields_t before,
                              bool ends)
{
    apr_array_header_t *made = apr_array_make(r->pool, 2, sizeof(const char *));
    const char *field;
    int i;

    for (i = before.plain; (field = field_at(r->headers_out, i)) != NULL; i++)
        APR_ARRAY_PUSH(made, const char *) = field;
    for (i = before.errors; (field = field_at(r->err_headers_out, i)) != NULL;
         i++)
        APR_ARRAY_PUSH(made, const char *) = field;
    for (i = 0; i < made->nelts; i++) {
        field = APR_ARRAY_IDX(made, i, const char *);
        take_out(r->pool, r->headers_out, field);
        take_out(r->pool, r->err_headers_out, field);
        apr_table_addn(r->err_headers_out, SET_COOKIE,
                       ends ? ended(r->pool, field) : field);
    }
}
