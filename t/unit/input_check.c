/*
 * Declarations of inputs that contradict themselves, and such that only seem
 * to (include/handlerbridge/input.h).
 */
#include <math.h>
#include <stdio.h>

#include "support/inputs.h"

static const char *refusal(const hbr_input_t *inputs)
{
    apr_size_t count = 0;

    while (inputs[count].type != HBR_INPUT_END)
        count++;
    return hbr_inputs_refusal(pool, "input", inputs, count);
}

typedef struct other_t {
    int64_t size;
} other_t;

static void test_declarations(void **state)
{
    static const char *const empty[] = { NULL };
    const struct {
        hbr_input_t input;
        const char *why; /* after `input "x": `; NULL: taken */
    } cases[] = {
        { HBR_INT(all_t, size, "x"), NULL },
        { HBR_INT(all_t, size, "x", .min = 8, .max = 8), NULL },
        { HBR_INT(all_t, size, "x", .min = 8), NULL },
        { HBR_INT(all_t, size, "x", .min = -8), NULL },
        { HBR_INT(all_t, size, "x", .min = 8, .max = 144, .fallback = 144),
          NULL },
        { HBR_INT(all_t, size, "x", .min = 8, .required = true), NULL },
        { HBR_INT(all_t, size, "x", .min = 144, .max = 8),
          ".min 144 is over .max 8" },
        { HBR_INT(all_t, size, "x", .max = -5), ".min 0 is over .max -5" },
        { HBR_INT(all_t, size, "x", .min = 8, .max = 144, .fallback = 145),
          ".fallback is out of bounds" },
        { HBR_INT(all_t, size, "x", .min = 8, .fallback = 7),
          ".fallback is out of bounds" },
        { HBR_INT(all_t, size, "x", .max = 8, .fallback = -1),
          ".fallback is out of bounds" },
        { HBR_INT(all_t, size, "x", .required = true, .fallback = 1),
          "it is .required, so .fallback is never used" },
        { HBR_DOUBLE(all_t, ratio, "x", .max = 1, .fallback = 0.5), NULL },
        { HBR_DOUBLE(all_t, ratio, "x", .min = 0.5, .max = 0.25),
          ".min 0.5 is over .max 0.25" },
        { HBR_DOUBLE(all_t, ratio, "x", .max = 1, .fallback = 1.5),
          ".fallback is out of bounds" },
        { HBR_DOUBLE(all_t, ratio, "x", .required = true, .fallback = 1),
          "it is .required, so .fallback is never used" },
        { HBR_DOUBLE(all_t, ratio, "x", .max = INFINITY),
          ".min, .max and .fallback have to be finite; leave out a bound "
          "that is none" },
        { HBR_DOUBLE(all_t, ratio, "x", .fallback = NAN),
          ".min, .max and .fallback have to be finite; leave out a bound "
          "that is none" },
        { HBR_STRING(all_t, text, "x", .min = 3, .max = 3), NULL },
        { HBR_STRING(all_t, text, "x", .max = 2,
                     .fallback = "\xC3\xBC\xC3\xBC"),
          NULL },
        { HBR_STRING(all_t, text, "x", .min = 4, .max = 3),
          ".min 4 is over .max 3" },
        { HBR_STRING(all_t, text, "x", .max = 3, .fallback = "long"),
          ".fallback is out of bounds" },
        { HBR_STRING(all_t, text, "x", .required = true, .fallback = "a"),
          "it is .required, so .fallback is never used" },
        { HBR_STRING(all_t, text, "x", .fallback = "\xFF"),
          ".fallback is not UTF-8" },
        { HBR_STRINGS(all_t, tags, "x", .min = 1, .most = 3), NULL },
        { HBR_STRINGS(all_t, tags, "x", .min = 4, .max = 3),
          ".min 4 is over .max 3" },
        { HBR_BOOL(all_t, deep, "x", .fallback = true), NULL },
        { HBR_BOOL(all_t, deep, "x", .required = true), NULL },
        { HBR_BOOL(all_t, deep, "x", .required = true, .fallback = true),
          "it is .required, so .fallback is never used" },
        { HBR_ENUM(all_t, format, "x", .values = formats, .fallback = -1),
          NULL },
        { HBR_ENUM(all_t, format, "x", .values = formats, .fallback = 2),
          NULL },
        { HBR_ENUM(all_t, format, "x", .values = formats, .required = true),
          NULL },
        { HBR_ENUM(all_t, format, "x", .values = formats, .fallback = 3),
          ".fallback is out of bounds" },
        { HBR_ENUM(all_t, format, "x", .values = formats, .fallback = -2),
          ".fallback is out of bounds" },
        { HBR_ENUM(all_t, format, "x", .values = formats, .required = true,
                   .fallback = 1),
          "it is .required, so .fallback is never used" },
        { HBR_ENUM(all_t, format, "x"), ".values names no value" },
        { HBR_ENUM(all_t, format, "x", .values = empty),
          ".values names no value" },
        { HBR_DATE(all_t, day, "x", .min = DAY(1), .max = DAY(1)), NULL },
        { HBR_DATE(all_t, day, "x", .min = DAY(2), .max = DAY(1)),
          ".min 1970-01-03T00:00:00Z is over .max 1970-01-02T00:00:00Z" },
        { HBR_DATE(all_t, day, "x", .max = DAY(1), .fallback = DAY(2)),
          ".fallback is out of bounds" },
        { HBR_DATE(all_t, day, "x", .required = true, .fallback = DAY(2)),
          "it is .required, so .fallback is never used" },
        { { .type = (hbr_input_type_e)99, .name = "x" },
          "its type is unknown to this bridge" },
        { HBR_INT(other_t, size, "x"),
          "its member belongs to another struct than the first input's" },
        { { .type = HBR_INPUT_INT,
            .name = "x",
            .offset = sizeof(all_t) - 7,
            .struct_size = sizeof(all_t) },
          "its member lies outside of the struct" },
        { { .type = HBR_INPUT_INT,
            .name = "x",
            .offset = (apr_size_t)-4,
            .struct_size = sizeof(all_t) },
          "its member lies outside of the struct" }
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        hbr_input_t inputs[3] = { HBR_STRING(all_t, text, "first") };
        char wanted[128];
        const char *why;

        inputs[1] = cases[i].input;
        why = refusal(inputs);
        if (cases[i].why == NULL) {
            assert_null(why);
            continue;
        }
        snprintf(wanted, sizeof(wanted), "input \"x\": %s", cases[i].why);
        assert_non_null(why);
        assert_string_equal(why, wanted);
    }
}

static void test_names(void **state)
{
    static const hbr_input_t twice[] = { HBR_INT(all_t, size, "a"),
                                         HBR_DOUBLE(all_t, ratio, "b"),
                                         HBR_BOOL(all_t, deep, "a"),
                                         HBR_INPUTS_END };
    static const hbr_input_t unnamed[] = { HBR_INT(all_t, size, "a"),
                                           HBR_DOUBLE(all_t, ratio, NULL),
                                           HBR_INPUTS_END };
    static const hbr_input_t empty[] = { HBR_INT(all_t, size, ""),
                                         HBR_INPUTS_END };

    (void)state;
    assert_string_equal(refusal(twice),
                        "input \"a\": its name is declared twice");
    assert_string_equal(refusal(unnamed), "input number 2 has no name");
    assert_string_equal(refusal(empty), "input number 1 has no name");
}

static void test_too_many(void **state)
{
    static hbr_input_t inputs[HBR_INPUTS_MOST + 2];
    char labels[HBR_INPUTS_MOST][16];
    int i;

    (void)state;
    for (i = 0; i < HBR_INPUTS_MOST; i++) {
        snprintf(labels[i], sizeof(labels[i]), "n%d", i);
        inputs[i] = (hbr_input_t)HBR_INT(all_t, size, labels[i]);
    }
    assert_null(refusal(inputs));
    inputs[i] = (hbr_input_t)HBR_INT(all_t, size, "one");
    assert_string_equal(refusal(inputs),
                        "65 inputs are declared; at most 64 can be");
}

MAIN(POOL_TEST(test_declarations), POOL_TEST(test_names),
     POOL_TEST(test_too_many))
