/*
 * Reading the declared inputs of a query (include/handlerbridge/input.h). What
 * single values are taken is t/unit/input_value.c's.
 */
#include <stdio.h>

#include "support/inputs.h"

#include "handlerbridge_test.h"
#include "state.h"

static hbr_context_t *context(const hbr_input_t *inputs, const char *args)
{
    hbr_full_context_t *full = apr_pcalloc(pool, sizeof(*full));
    hbr_full_context_t made = {
        .view = { .pool = pool, .args = args, .state = &full->state },
        .state = { .entry = entry_of(inputs), .request = { .pool = pool } }
    };

    assert_null(
        hbr_inputs_refusal(pool, "input", inputs, made.state.entry->inputs));
    memcpy(full, &made, sizeof(made));
    return &full->view;
}

static const hbr_input_t optional[] = {
    HBR_STRING(all_t, text, "text", .fallback = "none"),
    HBR_STRINGS(all_t, tags, "tag", .max = 3, .most = 2),
    HBR_INT(all_t, size, "size", .min = 8, .max = 144, .fallback = 32),
    HBR_DOUBLE(all_t, ratio, "ratio", .fallback = 1.5),
    HBR_BOOL(all_t, deep, "deep", .fallback = true),
    HBR_ENUM(all_t, format, "format", .values = formats, .fallback = -1),
    HBR_DATE(all_t, day, "day", .fallback = DAY(7)),
    HBR_INPUTS_END
};

static const char *const names[] = { "text", "tag",    "size", "ratio",
                                     "deep", "format", "day" };

/* An empty value counts as not given, except for strings. */
static void test_fallbacks(void **state)
{
    static const char *const queries[] = { NULL, "", "other=1",
                                           "size=&ratio=&deep=&format=&day",
                                           "Size=9&TEXT=x" };
    size_t i, n;

    (void)state;
    for (i = 0; i < ITEMS(queries); i++) {
        hbr_context_t *ctx = context(optional, queries[i]);
        const all_t *all;

        assert_null(hbr_inputs_fill(ctx));
        all = hbr_inputs(ctx);
        assert_string_equal(all->text, "none");
        assert_int_equal(all->tags.count, 0);
        assert_int_equal(all->size, 32);
        assert_true(all->ratio == 1.5);
        assert_true(all->deep);
        assert_int_equal(all->format, -1);
        assert_int_equal(all->day, DAY(7));
        for (n = 0; n < ITEMS(names); n++)
            assert_false(hbr_input_given(ctx, names[n]));
    }
}

/* The first of a repeated name counts; of HBR_STRINGS all. */
static void test_given(void **state)
{
    hbr_context_t *ctx =
        context(optional, "day=1970-01-02&format=svg&deep=no&ratio=.5&size=9"
                          "&size=bad&tag=a+b&text=&tag=&text=x");
    const all_t *all;
    size_t n;

    (void)state;
    assert_null(hbr_inputs_fill(ctx));
    all = hbr_inputs(ctx);
    assert_string_equal(all->text, "");
    assert_int_equal(all->tags.count, 2);
    assert_string_equal(all->tags.values[0], "a b");
    assert_string_equal(all->tags.values[1], "");
    assert_int_equal(all->size, 9);
    assert_true(all->ratio == 0.5);
    assert_false(all->deep);
    assert_int_equal(all->format, 2);
    assert_int_equal(all->day, DAY(1));
    for (n = 0; n < ITEMS(names); n++)
        assert_true(hbr_input_given(ctx, names[n]));
    assert_false(hbr_input_given(ctx, "none"));
}

static void test_one_given(void **state)
{
    hbr_context_t *ctx = context(optional, "ratio=2");

    (void)state;
    assert_false(hbr_input_given(ctx, "ratio"));
    assert_null(hbr_inputs(ctx));
    assert_null(hbr_inputs_fill(ctx));
    assert_true(hbr_input_given(ctx, "ratio"));
    assert_false(hbr_input_given(ctx, "size"));
    assert_false(hbr_input_given(ctx, "deep"));
}

static void test_refused_queries(void **state)
{
    static const hbr_input_t required[] = {
        HBR_STRING(all_t, text, "text", .required = true, .max = 200),
        HBR_STRINGS(all_t, tags, "tag", .required = true, .most = 1),
        HBR_INT(all_t, size, "size", .required = true), HBR_INPUTS_END
    };
    static const struct {
        const hbr_input_t *inputs;
        const char *query;
        const char *why;
    } cases[] = {
        { required, "text=a&tag=b&size=0", NULL },
        { required, NULL, "Input \"text\" is required." },
        { required, "tag=b&size=0", "Input \"text\" is required." },
        { required, "text=&tag=b&size=0", "Input \"text\" is required." },
        { required, "text=a&size=0", "Input \"tag\" is required." },
        { required, "text=a&tag=&size=0", "Input \"tag\" is required." },
        { required, "text=a&tag=b", "Input \"size\" is required." },
        { required, "text=a&tag=b&size=", "Input \"size\" is required." },
        { required, "text=a&tag=b&tag=c&size=1",
          "Input \"tag\" must not be given more than 1 time." },
        { required, "text=%FF&tag=b&size=1",
          "Input \"text\" is not valid UTF-8." },
        { optional, "tag=a&tag=b&tag=c",
          "Input \"tag\" must not be given more than 2 times." },
        { optional, "tag=abc&tag=abcd",
          "Input \"tag\" must not be longer than 3 characters." },
        { optional, "tag=a&tag=%C0%AF", "Input \"tag\" is not valid UTF-8." },
        { optional, "size=145&size=9",
          "Input \"size\" must be a whole number from 8 to 144." },
        { optional, "format=%3Cscript%3E",
          "Input \"format\" must be one of png, jpeg, svg." }
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        hbr_context_t *ctx = context(cases[i].inputs, cases[i].query);
        const char *why = hbr_inputs_fill(ctx);

        if (cases[i].why == NULL) {
            assert_null(why);
            continue;
        }
        assert_non_null(why);
        assert_string_equal(why, cases[i].why);
        assert_null(hbr_inputs(ctx));
    }
}

/* A whole request: the sentence reaches the client, and process runs only when
 * all is well. */
static int show_size(hbr_context_t *ctx)
{
    const all_t *all = hbr_inputs(ctx);

    return hbr_text(ctx, "%lld", (long long)all->size);
}

HBR_TEST_HANDLER(sized, .process = show_size, .inputs = optional);

static void test_request(void **state)
{
    hbr_test_t *kit = hbr_test_create();
    const hbr_test_response_t *response;

    (void)state;
    assert_null(hbr_test_add(kit, &sized_handler));
    response = hbr_test_get(kit, "/sized?size=9");
    assert_int_equal(response->status, 200);
    assert_string_equal(response->body, "9");
    response = hbr_test_get(kit, "/sized?size=7");
    assert_int_equal(response->status, 400);
    assert_non_null(strstr(response->body, "Input \"size\" must be a whole "
                                           "number from 8 to 144."));
    hbr_test_destroy(kit);
}

static void test_no_inputs(void **state)
{
    static const hbr_input_t none[] = { HBR_INPUTS_END };
    hbr_context_t *ctx = context(none, "a=1");

    (void)state;
    assert_int_equal(hbr_inputs_read(ctx), HBR_OK);
    assert_null(hbr_inputs(ctx));
    assert_false(hbr_input_given(ctx, "a"));
}

static void test_last_of_64(void **state)
{
    static hbr_input_t inputs[HBR_INPUTS_MOST + 1];
    char labels[HBR_INPUTS_MOST][16];
    hbr_context_t *ctx;
    int i;

    (void)state;
    memset(inputs, 0, sizeof(inputs));
    for (i = 0; i < HBR_INPUTS_MOST; i++) {
        snprintf(labels[i], sizeof(labels[i]), "n%d", i);
        inputs[i] = (hbr_input_t)HBR_INT(all_t, size, labels[i]);
    }
    ctx = context(inputs, "n63=1");
    assert_null(hbr_inputs_fill(ctx));
    assert_true(hbr_input_given(ctx, "n63"));
    assert_false(hbr_input_given(ctx, "n62"));
    assert_false(hbr_input_given(ctx, "n31"));
}

MAIN(POOL_TEST(test_fallbacks), POOL_TEST(test_given),
     POOL_TEST(test_one_given), POOL_TEST(test_refused_queries),
     POOL_TEST(test_request), POOL_TEST(test_no_inputs),
     POOL_TEST(test_last_of_64))
