/*
 * Preconditions (RFC 9110 13). Lines: the method, our ETag, then If-Match,
 * If-None-Match, If-Modified-Since, If-Unmodified-Since, If-Range, each "-" when
 * it is missing; then four bytes, our Last-Modified in seconds.
 *
 * Holds: the answers each method may get; what takes precedence (13.2.2); what
 * is only repeated or ignored changes nothing.
 */
#include "fuzz.h"

#include <apr_date.h>

#include "conditional.h"
#include "field.h"

static const char *const names[] = { "If-Match", "If-None-Match",
                                     "If-Modified-Since", "If-Unmodified-Since",
                                     "If-Range" };
enum { MATCH, NONE_MATCH, MODIFIED, UNMODIFIED, RANGE, FIELDS };

typedef struct request_t {
    const char *method;
    const char *etag;
    const char *fields[FIELDS];
    apr_time_t last_modified;
} request_t;

void fuzz_setup(void)
{
}

static apr_table_t *table_of(const request_t *request)
{
    apr_table_t *table = apr_table_make(pool, FIELDS);
    int i;

    for (i = 0; i < FIELDS; i++)
        if (request->fields[i] != NULL)
            apr_table_setn(table, names[i], request->fields[i]);
    return table;
}

static int decide(const request_t *request)
{
    return hbr_conditional(request->method, table_of(request), request->etag,
                           request->last_modified);
}

static int without(const request_t *request, int field)
{
    request_t less = *request;

    less.fields[field] = NULL;
    return decide(&less);
}

static bool is(const request_t *request, const char *method)
{
    return strcmp(request->method, method) == 0;
}

static void check_answers(const request_t *request, int answer)
{
    bool reads = is(request, "GET") || is(request, "HEAD");
    request_t bare = { .method = request->method, .etag = request->etag };

    CHECK(answer == 0 || answer == 304 || answer == 412);
    CHECK(answer != 304 || reads);
    CHECK(decide(&bare) == 0);
    if (is(request, "OPTIONS") || is(request, "TRACE")
        || is(request, "CONNECT"))
        CHECK(answer == 0);
    CHECK(without(request, RANGE) == answer);
}

static void check_precedence(const request_t *request, int answer)
{
    const char *const *fields = request->fields;

    if (fields[MATCH] != NULL)
        CHECK(without(request, UNMODIFIED) == answer);
    if (fields[NONE_MATCH] != NULL)
        CHECK(without(request, MODIFIED) == answer);
    if (answer == 304)
        CHECK(fields[NONE_MATCH] != NULL || fields[MODIFIED] != NULL);
}

/* A tag that is one is known, by itself and in a list; others never are. */
static void check_own_tag(const request_t *request)
{
    request_t own = { .method = "GET", .etag = request->etag };
    bool weak = strncmp(request->etag, "W/", 2) == 0;
    bool known;

    own.fields[NONE_MATCH] = "*";
    CHECK(decide(&own) == 304);
    own.fields[NONE_MATCH] = request->etag;
    known = decide(&own) == 304;
    if (request->etag[weak ? 2 : 0] != '"')
        return;
    own.fields[NONE_MATCH] =
        apr_pstrcat(pool, "\"no\", ", request->etag, ", W/\"no\"", NULL);
    CHECK(known == (decide(&own) == 304) || strchr(request->etag, ',') != NULL);
    own.fields[NONE_MATCH] = NULL;
    own.fields[MATCH] = "*";
    CHECK(decide(&own) == 0);
    own.fields[MATCH] = request->etag;
    CHECK(decide(&own) == (known && !weak ? 0 : 412));
}

static void check_if_range(const request_t *request)
{
    apr_time_t now = request->last_modified + apr_time_from_sec(60);
    const char *field = request->fields[RANGE];
    bool holds = hbr_if_range_holds(table_of(request), request->etag,
                                    request->last_modified, now);

    if (field == NULL)
        CHECK(holds);
    else if (field[0] == '"')
        CHECK(!holds || fuzz_same(field, request->etag));
    else if (holds)
        CHECK(apr_date_parse_http(field)
              == apr_time_from_sec(apr_time_sec(request->last_modified)));
}

void fuzz(fuzz_input_t *input)
{
    request_t request = { .method = fuzz_line(input) };
    int answer, i;

    request.etag = fuzz_field(input);
    for (i = 0; i < FIELDS; i++)
        request.fields[i] = fuzz_field(input);
    request.last_modified =
        apr_time_from_sec((apr_time_t)fuzz_number(input, 4));
    answer = decide(&request);
    check_answers(&request, answer);
    check_precedence(&request, answer);
    if (request.etag != NULL)
        check_own_tag(&request);
    check_if_range(&request);
}
