/*
 * Declared inputs of every type and from everywhere (input.h), over the test
 * kit. The lines are a query, what follows the mapping in the path, a Cookie
 * field, an X-Level field, and the rest is an urlencoded form.
 *
 * Holds: the answer is 200 or 400, or 414 or 431 for too many; process runs only with values that are as
 * declared; what was not given has its fallback; a 400 has a sentence of ours
 * and nothing of the client's.
 */
#include "fuzz.h"

#include <apr_time.h>
#include <math.h>

#include "handlerbridge_test.h"

typedef struct all_t {
    const char *text;
    const char *need;
    hbr_strings_t tags;
    int64_t size;
    int64_t any;
    double ratio;
    bool flag;
    int color;
    apr_time_t day;
    const char *rest;
    int64_t visits;
    int64_t level;
    hbr_strings_t marks;
} all_t;

enum { DAY_MIN = 946684800 };

static const char *const colors[] = { "red", "green", "blue", NULL };

static const hbr_input_t inputs[] = {
    HBR_STRING(all_t, text, "text", .min = 2, .max = 5, .fallback = "abc"),
    HBR_STRING(all_t, need, "need", .required = true, .max = 3),
    HBR_STRINGS(all_t, tags, "tag", .max = 4, .most = 3),
    HBR_INT(all_t, size, "size", .min = 8, .max = 144, .fallback = 32),
    HBR_INT(all_t, any, "any"),
    HBR_DOUBLE(all_t, ratio, "ratio", .min = -1.5, .max = 2.5, .fallback = 1),
    HBR_BOOL(all_t, flag, "flag", .fallback = true),
    HBR_ENUM(all_t, color, "color", .values = colors, .fallback = -1),
    HBR_DATE(all_t, day, "day", .min = (apr_time_t)DAY_MIN * APR_USEC_PER_SEC),
    HBR_STRING(all_t, rest, "rest", .from = HBR_FROM_PATH, .max = 8),
    HBR_INT(all_t, visits, "visits", .from = HBR_FROM_COOKIE, .min = 1,
            .max = 9, .fallback = 1),
    HBR_INT(all_t, level, "X-Level", .from = HBR_FROM_HEADER, .min = -3,
            .max = 3, .fallback = 2),
    HBR_STRINGS(all_t, marks, "mark", .from = HBR_FROM_FORM, .max = 4,
                .most = 3),
    HBR_INPUTS_END
};

static hbr_test_t *kit;

static apr_size_t count_characters(const char *text)
{
    apr_size_t count = 0;

    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static void check_text(const char *text, apr_size_t min, apr_size_t max)
{
    CHECK(hbr_is_utf8(text, strlen(text)));
    CHECK(count_characters(text) >= min);
    CHECK(count_characters(text) <= max);
}

static void check_list(hbr_context_t *ctx, const char *name,
                       const hbr_strings_t *list)
{
    apr_size_t i;

    CHECK(list->count <= 3);
    CHECK(hbr_input_given(ctx, name) == (list->count > 0));
    for (i = 0; i < list->count; i++)
        check_text(list->values[i], 0, 4);
}

static void check_texts(hbr_context_t *ctx, const all_t *in)
{
    check_text(in->text, 2, 5);
    check_text(in->need, 1, 3);
    CHECK(hbr_input_given(ctx, "need"));
    check_list(ctx, "tag", &in->tags);
    check_list(ctx, "mark", &in->marks);
    if (in->rest != NULL)
        check_text(in->rest, 0, 8);
}

/* What came from elsewhere is what was sent there. */
static void check_sources(hbr_context_t *ctx, const all_t *in)
{
    const hbr_pair_t *pair = NULL;
    apr_size_t i;

    CHECK(in->visits >= 1 && in->visits <= 9);
    CHECK(in->level >= -3 && in->level <= 3);
    CHECK(hbr_input_given(ctx, "visits") || in->visits == 1);
    CHECK(hbr_input_given(ctx, "X-Level") || in->level == 2);
    CHECK(hbr_input_given(ctx, "visits")
          == (*hbr_cookie(ctx, "visits", "") != '\0'));
    CHECK(hbr_input_given(ctx, "X-Level")
          == (*hbr_header(ctx, "x-level", "") != '\0'));
    CHECK(hbr_input_given(ctx, "mark")
          == (hbr_form_next(ctx, "mark", NULL) != NULL));
    if (hbr_input_given(ctx, "rest"))
        CHECK(strcmp(in->rest, ctx->path_info + (*ctx->path_info == '/')) == 0);
    for (i = 0; i < in->marks.count; i++) {
        pair = hbr_form_next(ctx, "mark", pair);
        CHECK(pair != NULL && strcmp(pair->value, in->marks.values[i]) == 0);
    }
}

static void check_fallbacks(hbr_context_t *ctx, const all_t *in)
{
    CHECK(hbr_input_given(ctx, "text") || strcmp(in->text, "abc") == 0);
    CHECK(hbr_input_given(ctx, "size") || in->size == 32);
    CHECK(hbr_input_given(ctx, "any") || in->any == 0);
    CHECK(hbr_input_given(ctx, "ratio") || in->ratio == 1);
    CHECK(hbr_input_given(ctx, "flag") || in->flag);
    CHECK(hbr_input_given(ctx, "color") || in->color == -1);
    CHECK(hbr_input_given(ctx, "day") || in->day == 0);
    CHECK(!hbr_input_given(ctx, "no-such-input"));
}

static int process(hbr_context_t *ctx)
{
    const all_t *in = hbr_inputs(ctx);
    const char *size = hbr_query(ctx, "size", "");

    check_texts(ctx, in);
    CHECK(in->size >= 8 && in->size <= 144);
    CHECK(isfinite(in->ratio) && in->ratio >= -1.5 && in->ratio <= 2.5);
    CHECK(in->color >= (hbr_input_given(ctx, "color") ? 0 : -1)
          && in->color < 3);
    CHECK(!hbr_input_given(ctx, "day") || apr_time_sec(in->day) >= DAY_MIN);
    CHECK(hbr_input_given(ctx, "size") == (*size != '\0'));
    check_fallbacks(ctx, in);
    check_sources(ctx, in);
    return hbr_text(ctx, "ok");
}

HBR_TEST_HANDLER(probe, .process = process, .inputs = inputs,
                 .methods = "POST");

void fuzz_setup(void)
{
    kit = hbr_test_create();
    CHECK(hbr_test_add(kit, &probe_handler) == NULL);
}

/* httpd takes no other bytes in a request line. */
static char *clean(char *query)
{
    char *c;

    for (c = query; *c != '\0'; c++)
        if ((unsigned char)*c <= ' ' || *c == '#' || *c == 0x7F)
            *c = '&';
    return query;
}

/* Any bytes but those that httpd refuses in a field. */
static const char *header(const char *name, char *value)
{
    char *c;

    for (c = value; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7F)
            *c = ' ';
    return apr_pstrcat(pool, name, ": ", value, NULL);
}

static const char *url_of(char *query, const char *rest)
{
    return apr_pstrcat(pool, "/probe/", hbr_url_escape(pool, rest), "?",
                       clean(query), NULL);
}

static void check_refusal(const hbr_test_response_t *response)
{
    static const char head[] = "400 Bad Request\n\n";
    const char *sentence = response->body + strlen(head);

    CHECK(strncmp(response->body, head, strlen(head)) == 0);
    CHECK(strncmp(sentence, "Input \"", 7) == 0
          || strncmp(sentence, "The ", 4) == 0);
    CHECK(hbr_is_utf8(response->body, response->length));
}

void fuzz(fuzz_input_t *input)
{
    const char *headers[] = { "Content-Type: application/x-www-form-urlencoded",
                              NULL, NULL, NULL };
    hbr_test_request_t request = { .method = "POST", .headers = headers };
    const hbr_test_response_t *response;
    char *query = fuzz_line(input);

    request.url = url_of(query, fuzz_line(input));
    headers[1] = header("Cookie", fuzz_line(input));
    headers[2] = header("X-Level", fuzz_line(input));
    request.body_length = input->left;
    request.body = request.body_length > 0
                       ? fuzz_bytes(input, &request.body_length)
                       : NULL;
    response = hbr_test_run(kit, &request);
    CHECK(response->violation == NULL);
    CHECK(response->complete);
    CHECK(response->status == 200 || response->status == 400
          || response->status == 414 || response->status == 431);
    if (response->status == 400)
        check_refusal(response);
    hbr_test_clear(kit);
}
