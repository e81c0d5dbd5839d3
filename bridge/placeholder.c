/*
 * The placeholders of a declared statement: found in its text once, and each
 * value checked against its placeholder before a driver sees it, because a
 * driver trusts what it is given: a wrong type is a wild pointer there.
 * Nothing is kept; any thread may call.
 */
#include "placeholder.h"

#include <limits.h>
#include <math.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "number.h"

typedef struct spec_t {
    const char *letters;
    apr_size_t length;
    hbr_place_e type;
    const char *as_text; /* NULL: it is no floating number */
} spec_t;

static const spec_t specs[] = {
    { "s", 1, HBR_PLACE_TEXT, NULL },
    { "d", 1, HBR_PLACE_INT, NULL },
    { "lld", 3, HBR_PLACE_INT64, NULL },
    { "lf", 2, HBR_PLACE_DOUBLE, "CAST(%s AS double precision)" },
    { "f", 1, HBR_PLACE_FLOAT, "CAST(%s AS real)" },
    { "pDb", 3, HBR_PLACE_BLOB, NULL },
};

#define SPECS (sizeof(specs) / sizeof(specs[0]))

/* The placeholder whose letters stand here. A letter or digit behind them
 * means that none was meant: LIKE '%data'. */
static const spec_t *spec_at(const char *letters)
{
    apr_size_t i;

    for (i = 0; i < SPECS; i++) {
        if (strncmp(letters, specs[i].letters, specs[i].length) == 0
            && !apr_isalnum(letters[specs[i].length]))
            return &specs[i];
    }
    return NULL;
}

/* '%s' in quotes would become the text '?', and no value would reach it. */
static bool quoted(const char *sql, const char *percent, const spec_t *spec)
{
    return percent > sql && percent[-1] == '\''
           && percent[1 + spec->length] == '\'';
}

/* The next percent sign that begins a placeholder; the rule is that of
 * apr_dbd_prepare(): a letter behind it, and %% is a percent sign. */
static const char *next_place(const char *at)
{
    while ((at = strchr(at, '%')) != NULL) {
        if (apr_isalpha(at[1]))
            return at;
        at += at[1] == '%' ? 2 : 1;
    }
    return NULL;
}

static const char *scan_one(apr_pool_t *pool, const char *sql, const char *at,
                            const spec_t **spec)
{
    *spec = spec_at(at + 1);
    if (*spec == NULL)
        return apr_psprintf(pool,
                            "unknown placeholder at \"%.8s\"; a percent "
                            "sign is written %%%%",
                            at);
    if (quoted(sql, at, *spec))
        return apr_psprintf(pool,
                            "the placeholder at \"%.8s\" stands in "
                            "quotes; leave them out",
                            at - 1);
    return NULL;
}

static const char *scan(apr_pool_t *pool, const char *sql, hbr_places_t *places)
{
    const spec_t *spec;
    const char *at, *wrong;

    places->count = 0;
    for (at = sql; (at = next_place(at)) != NULL; at++)
        places->count++;
    places->types = apr_palloc(pool, places->count * sizeof(*places->types));
    places->count = 0;
    for (at = sql; (at = next_place(at)) != NULL; at += 1 + spec->length) {
        wrong = scan_one(pool, sql, at, &spec);
        if (wrong != NULL)
            return wrong;
        places->types[places->count++] = spec->type;
    }
    return NULL;
}

/* The text, with each floating number's placeholder in its cast. */
static const char *with_casts(apr_pool_t *pool, const char *sql)
{
    const char *done = "", *from = sql, *at;

    for (at = sql; (at = next_place(at)) != NULL;) {
        const spec_t *spec = spec_at(at + 1);

        if (spec->as_text != NULL) {
            done = apr_pstrcat(
                pool, done, apr_pstrmemdup(pool, from, (apr_size_t)(at - from)),
                spec->as_text, NULL);
            from = at + 1 + spec->length;
        }
        at += 1 + spec->length;
    }
    return from == sql ? sql : apr_pstrcat(pool, done, from, NULL);
}

const char *hbr_places_scan(apr_pool_t *pool, const char *sql,
                            bool reals_as_text, hbr_places_t *places)
{
    const char *wrong = scan(pool, sql, places);

    places->reals_as_text = reals_as_text;
    places->longest = INT_MAX; /* drivers take lengths as int */
    places->sql = sql;
    if (wrong == NULL && reals_as_text)
        places->sql = with_casts(pool, sql);
    return wrong;
}

static hbr_value_type_e wanted(hbr_place_e place)
{
    switch (place) {
    case HBR_PLACE_INT:
    case HBR_PLACE_INT64: return HBR_VALUE_INT;
    case HBR_PLACE_FLOAT:
    case HBR_PLACE_DOUBLE: return HBR_VALUE_DOUBLE;
    case HBR_PLACE_BLOB: return HBR_VALUE_BLOB;
    default: return HBR_VALUE_TEXT;
    }
}

static const char *kind(hbr_value_type_e type)
{
    switch (type) {
    case HBR_VALUE_INT: return "an integer";
    case HBR_VALUE_DOUBLE: return "a double";
    case HBR_VALUE_TEXT: return "text";
    case HBR_VALUE_BLOB: return "a BLOB";
    default: return "of no known kind";
    }
}

static const char *misfit(hbr_place_e place, const hbr_value_t *value,
                          apr_size_t longest)
{
    if (value->type != wanted(place))
        return kind(value->type);
    if (place == HBR_PLACE_INT
        && (value->as.integer < INT_MIN || value->as.integer > INT_MAX))
        return "too large for %d (use %lld)";
    if ((value->type == HBR_VALUE_TEXT || value->type == HBR_VALUE_BLOB)
        && value->as.bytes.length > longest)
        return "longer than the database takes";
    if (value->type == HBR_VALUE_BLOB && value->as.bytes.data == NULL
        && value->as.bytes.length > 0)
        return "a BLOB without bytes";
    return NULL;
}

static const char *check(apr_pool_t *pool, const hbr_places_t *places,
                         const hbr_value_t *values)
{
    apr_size_t given = 0, i;
    const char *wrong;

    while (values != NULL && given <= places->count
           && values[given].type != HBR_VALUE_END)
        given++;
    if (given != places->count)
        return apr_psprintf(pool,
                            "it has %" APR_SIZE_T_FMT " placeholder%s, "
                            "%s values were given",
                            places->count, places->count == 1 ? "" : "s",
                            given < places->count ? "fewer" : "more");
    for (i = 0; i < given; i++) {
        if (values[i].type == HBR_VALUE_NULL)
            continue;
        wrong = misfit(places->types[i], &values[i], places->longest);
        if (wrong != NULL)
            return apr_psprintf(pool,
                                "value %" APR_SIZE_T_FMT " is %s, its "
                                "placeholder takes %s",
                                i + 1, wrong, kind(wanted(places->types[i])));
    }
    return NULL;
}

/* A BLOB takes four arguments: bytes, length, and a table's and a column's
 * name for drivers that need them. */
#define BLOB_ARGUMENTS 4

static const void **bind_blob(const hbr_value_t *value, const void **next)
{
    /* a NULL here is SQL's NULL, so an empty BLOB must point at something */
    *next++ = value->as.bytes.data != NULL ? value->as.bytes.data : "";
    *next++ = &value->as.bytes.length;
    *next++ = "";
    *next++ = "";
    return next;
}

static const char *real_as_text(apr_pool_t *pool, double value)
{
    return isnan(value) ? "NaN" : hbr_exact_double(pool, value);
}

static const void **bind_one(apr_pool_t *pool, hbr_place_e place,
                             const hbr_value_t *value, const void **next)
{
    if (value->type == HBR_VALUE_NULL) {
        *next++ = NULL; /* one argument, for a BLOB too: drivers skip none */
        return next;
    }
    switch (place) {
    case HBR_PLACE_INT: {
        int *narrow = apr_palloc(pool, sizeof(*narrow));

        *narrow = (int)value->as.integer;
        *next++ = narrow;
        return next;
    }
    case HBR_PLACE_FLOAT: {
        float *narrow = apr_palloc(pool, sizeof(*narrow));

        *narrow = (float)value->as.real;
        *next++ = narrow;
        return next;
    }
    case HBR_PLACE_INT64: *next++ = &value->as.integer; return next;
    case HBR_PLACE_DOUBLE: *next++ = &value->as.real; return next;
    case HBR_PLACE_BLOB: return bind_blob(value, next);
    default: *next++ = value->as.bytes.data; return next;
    }
}

const char *hbr_places_bind(apr_pool_t *pool, const hbr_places_t *places,
                            const hbr_value_t *values, const void ***arguments)
{
    const char *wrong = check(pool, places, values);
    const void **next;
    apr_size_t i;

    if (wrong != NULL)
        return wrong;
    next =
        apr_palloc(pool, (places->count * BLOB_ARGUMENTS + 1) * sizeof(*next));
    *arguments = next;
    for (i = 0; i < places->count; i++) {
        if (places->reals_as_text && values[i].type == HBR_VALUE_DOUBLE)
            *next++ = real_as_text(pool, values[i].as.real);
        else
            next = bind_one(pool, places->types[i], &values[i], next);
    }
    *next = NULL;
    return NULL;
}
