/*
 * application/x-www-form-urlencoded (WHATWG URL Standard 5.1). The first byte
 * is how many pairs are allowed, the second where the bytes are split.
 *
 * Holds: however the bytes come in, the same pairs come out, with the CPU's wide
 * vectors and without; the check at the
 * edge and the parser agree; what is looked for without the parser is what it
 * finds; a query made of the pairs gives them again.
 */
#include "fuzz.h"

#include "handlerbridge/escape.h"
#include "plain_query.h"
#include "query.h"
#include "urlencoded.h"
#include "wide.h"

void fuzz_setup(void)
{
}

/* A step of 0: all at once. */
static hbr_urlencoded_t parse(const char *bytes, apr_size_t length,
                              apr_size_t most, apr_size_t step)
{
    hbr_urlencoded_t parser;
    apr_size_t at, now;

    hbr_urlencoded_open(&parser, pool, most, step == 0 ? length : 0);
    for (at = 0; at < length; at += now) {
        now = step == 0 || length - at < step ? length - at : step;
        hbr_urlencoded_feed(&parser, bytes + at, now);
    }
    hbr_urlencoded_close(&parser);
    return parser;
}

static void check_same(const hbr_urlencoded_t *a, const hbr_urlencoded_t *b)
{
    apr_size_t i;

    CHECK(a->result == b->result);
    CHECK(a->count == b->count);
    for (i = 0; i < a->count; i++) {
        CHECK(strcmp(a->pairs[i].name, b->pairs[i].name) == 0);
        CHECK(strcmp(a->pairs[i].value, b->pairs[i].value) == 0);
    }
}

static void check_pairs(const hbr_urlencoded_t *parser, apr_size_t most)
{
    apr_size_t i;

    CHECK(parser->count <= most);
    for (i = 0; i < parser->count; i++) {
        const hbr_pair_t *pair = &parser->pairs[i];

        CHECK(strlen(pair->name) == pair->name_length);
        CHECK(strlen(pair->value) == pair->value_length);
    }
}

static void check_written(const hbr_urlencoded_t *parser)
{
    hbr_urlencoded_t again;
    const char *text = "";
    apr_size_t i;

    for (i = 0; i < parser->count; i++)
        text = apr_pstrcat(pool, text, "&",
                           hbr_url_escape(pool, parser->pairs[i].name), "=",
                           hbr_url_escape(pool, parser->pairs[i].value), NULL);
    again = parse(text, strlen(text), parser->count, 0);
    CHECK(again.result == HBR_URLENCODED_OK);
    check_same(parser, &again);
}

/* What is looked for in a plain query is the first of what the parser finds. */
static void check_plain(const char *text, apr_size_t length,
                        const hbr_urlencoded_t *parser, const char *name)
{
    apr_ssize_t name_length = hbr_plain_name_length(name);
    hbr_plain_value_t found;
    apr_size_t i = 0, j;

    if (name_length < 0 || hbr_plain_query_length(text) != length)
        return;
    found = hbr_plain_query_find(text, length, name, (apr_size_t)name_length);
    while (i < parser->count && strcmp(parser->pairs[i].name, name) != 0)
        i++;
    CHECK((found.bytes != NULL) == (i < parser->count));
    if (found.bytes == NULL)
        return;
    CHECK(found.length == parser->pairs[i].value_length);
    for (j = 0; j < found.length; j++)
        CHECK((found.bytes[j] == '+' ? ' ' : found.bytes[j])
              == parser->pairs[i].value[j]);
}

static void check_looked_up(const char *bytes, apr_size_t length,
                            const hbr_urlencoded_t *parser)
{
    const char *text = apr_pstrmemdup(pool, bytes, length);
    apr_size_t i;

    if (parser->result != HBR_URLENCODED_OK || length == 0)
        return;
    for (i = 0; i < parser->count && i < 20; i++)
        check_plain(text, length, parser, parser->pairs[i].name);
    check_plain(text, length, parser, "");
    check_plain(text, length, parser, "name");
}

/* The edge reads a text, and there is no NUL in it. */
static void check_edge(const char *bytes, apr_size_t length, apr_size_t most,
                       hbr_urlencoded_e result)
{
    const char *text = apr_pstrmemdup(pool, bytes, length);
    int status;

    if (strlen(text) == length)
        CHECK((hbr_query_refusal(pool, text, hbr_plain_query_length(text), most,
                                 &status)
               == NULL)
              == (result == HBR_URLENCODED_OK));
}

void fuzz(fuzz_input_t *input)
{
    apr_size_t most = fuzz_byte(input) % 65;
    apr_size_t step = fuzz_byte(input) % 16 + 1;
    apr_size_t length;
    const char *bytes = fuzz_bytes(input, &length);
    hbr_urlencoded_t whole = parse(bytes, length, most, 0);
    hbr_urlencoded_t split = parse(bytes, length, most, step);
    const bool was_wide = hbr_wide;

    check_same(&whole, &split);
    check_pairs(&whole, most);
    check_edge(bytes, length, most, whole.result);
    check_looked_up(bytes, length, &whole);
    hbr_wide = false;
    split = parse(bytes, length, most, 0);
    check_same(&whole, &split);
    check_looked_up(bytes, length, &whole);
    hbr_wide = was_wide;
    if (whole.result == HBR_URLENCODED_OK && whole.count < 20)
        check_written(&whole);
}
