/*
 * One declared input and one value: the bounds as include/handlerbridge/input.h
 * tells them, and the sentences for the client.
 */
#include <stdio.h>
#include <stdlib.h>

#include <apr_strings.h>

#include "support/inputs.h"

#include "input_value.h"

/* The whole sentence, or "" when the value is taken; the member may be looked
 * at. */
static const char *set(const hbr_input_t *input, const char *text, void *all)
{
    size_t length = strlen(text);
    char *copy = malloc(length + 1);
    const char *why;

    memcpy(copy, text, length + 1);
    why = hbr_input_set(pool, input, copy, length, (char *)all + input->offset);
    free(copy);
    return why != NULL
               ? apr_pstrcat(pool, "Input \"", input->name, "\" ", why, NULL)
               : "";
}

static void test_int(void **state)
{
    static const hbr_input_t both =
        HBR_INT(all_t, size, "size", .min = 8, .max = 144);
    static const hbr_input_t low = HBR_INT(all_t, size, "size", .min = 8);
    static const hbr_input_t high = HBR_INT(all_t, size, "size", .max = 5);
    static const hbr_input_t below = HBR_INT(all_t, size, "size", .min = -5);
    static const hbr_input_t none = HBR_INT(all_t, size, "size");
    static const char whole[] = "Input \"size\" must be a whole number";
    static const struct {
        const hbr_input_t *input;
        const char *text;
        const char *rest; /* of the sentence; NULL: taken */
        int64_t value;
    } cases[] = { { &both, "8", NULL, 8 },
                  { &both, "144", NULL, 144 },
                  { &both, "7", " from 8 to 144.", 0 },
                  { &both, "145", " from 8 to 144.", 0 },
                  { &both, "-8", " from 8 to 144.", 0 },
                  { &both, "8.0", " from 8 to 144.", 0 },
                  { &both, "99999999999999999999", " from 8 to 144.", 0 },
                  { &low, "8", NULL, 8 },
                  { &low, "9223372036854775807", NULL, INT64_MAX },
                  { &low, "7", " of at least 8.", 0 },
                  { &low, "9223372036854775808",
                    " that fits 64 bits of at least 8.", 0 },
                  { &high, "0", NULL, 0 },
                  { &high, "5", NULL, 5 },
                  { &high, "-1", " from 0 to 5.", 0 },
                  { &high, "6", " from 0 to 5.", 0 },
                  { &below, "-5", NULL, -5 },
                  { &below, "0", NULL, 0 },
                  { &below, "1", " from -5 to 0.", 0 },
                  { &below, "-6", " from -5 to 0.", 0 },
                  { &none, "-9223372036854775808", NULL, INT64_MIN },
                  { &none, "x", ".", 0 },
                  { &none, " 1", ".", 0 },
                  { &none, "9223372036854775808", " that fits 64 bits.", 0 } };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        all_t all = { .size = 42 };
        const char *why = set(cases[i].input, cases[i].text, &all);
        char wanted[128] = "";

        if (cases[i].rest != NULL)
            snprintf(wanted, sizeof(wanted), "%s%s", whole, cases[i].rest);
        assert_string_equal(why, wanted);
        assert_int_equal(all.size, cases[i].rest == NULL ? cases[i].value : 42);
    }
}

static void test_double(void **state)
{
    static const hbr_input_t both =
        HBR_DOUBLE(all_t, ratio, "ratio", .min = 0.5, .max = 2);
    static const hbr_input_t low =
        HBR_DOUBLE(all_t, ratio, "ratio", .min = 0.5);
    static const hbr_input_t high = HBR_DOUBLE(all_t, ratio, "ratio", .max = 1);
    static const hbr_input_t below =
        HBR_DOUBLE(all_t, ratio, "ratio", .min = -1.5);
    static const hbr_input_t none = HBR_DOUBLE(all_t, ratio, "ratio");
    static const struct {
        const hbr_input_t *input;
        const char *text;
        const char *why;
        double value;
    } cases[] = {
        { &both, "0.5", "", 0.5 },
        { &both, "2", "", 2 },
        { &both, "0.49", "Input \"ratio\" must be a number from 0.5 to 2.", 0 },
        { &both, "2.01", "Input \"ratio\" must be a number from 0.5 to 2.", 0 },
        { &both, "nan", "Input \"ratio\" must be a number from 0.5 to 2.", 0 },
        { &both, "1e999", "Input \"ratio\" must be a number from 0.5 to 2.",
          0 },
        { &low, "1e300", "", 1e300 },
        { &low, "0.4", "Input \"ratio\" must be a number of at least 0.5.", 0 },
        { &high, "0", "", 0 },
        { &high, "-0.1", "Input \"ratio\" must be a number from 0 to 1.", 0 },
        { &below, "-1.5", "", -1.5 },
        { &below, "0.1", "Input \"ratio\" must be a number from -1.5 to 0.",
          0 },
        { &none, "-1e3", "", -1000 },
        { &none, "inf", "Input \"ratio\" must be a number.", 0 },
        { &none, "1e999",
          "Input \"ratio\" must be a number that fits a double.", 0 }
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        all_t all = { .ratio = 42 };

        assert_string_equal(set(cases[i].input, cases[i].text, &all),
                            cases[i].why);
        assert_true(all.ratio == (*cases[i].why == '\0' ? cases[i].value : 42));
    }
}

static void test_bool(void **state)
{
    static const hbr_input_t deep = HBR_BOOL(all_t, deep, "deep");
    static const char *const yes[] = { "1", "true", "yes", "on", "TRUE", "On" };
    static const char *const no[] = { "0", "false", "no", "off", "False" };
    static const char *const bad[] = { "", "2", "y", "truer", " 1", "00" };
    all_t all;
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(yes); i++) {
        all.deep = false;
        assert_string_equal(set(&deep, yes[i], &all), "");
        assert_true(all.deep);
    }
    for (i = 0; i < ITEMS(no); i++) {
        all.deep = true;
        assert_string_equal(set(&deep, no[i], &all), "");
        assert_false(all.deep);
    }
    for (i = 0; i < ITEMS(bad); i++)
        assert_string_equal(set(&deep, bad[i], &all),
                            "Input \"deep\" must be one of 1, true, yes, on, "
                            "0, false, no, off.");
}

static void test_enum(void **state)
{
    static const hbr_input_t format =
        HBR_ENUM(all_t, format, "format", .values = formats);
    static const char *const bad[] = { "PNG", "pn", "pngs", "", "0" };
    all_t all;
    size_t i;

    (void)state;
    for (i = 0; formats[i] != NULL; i++) {
        all.format = 42;
        assert_string_equal(set(&format, formats[i], &all), "");
        assert_int_equal(all.format, i);
    }
    for (i = 0; i < ITEMS(bad); i++)
        assert_string_equal(set(&format, bad[i], &all),
                            "Input \"format\" must be one of png, jpeg, svg.");
}

#define DATE_WHY                                                               \
    "Input \"day\" must be a date such as 2026-11-21 or 2026-11-21T08:30:00Z"

static void test_date(void **state)
{
    static const hbr_input_t none = HBR_DATE(all_t, day, "day");
    static const hbr_input_t low = HBR_DATE(all_t, day, "day", .min = DAY(1));
    static const hbr_input_t high = HBR_DATE(all_t, day, "day", .max = DAY(2));
    static const hbr_input_t both =
        HBR_DATE(all_t, day, "day", .min = DAY(1), .max = DAY(2));
    static const struct {
        const hbr_input_t *input;
        const char *text;
        const char *why;
        apr_time_t value;
    } cases[] = { { &none, "1970-01-03", "", DAY(2) },
                  { &none, "1970-01-01T02:00:00+01:00", "", DAY(1) / 24 },
                  { &none, "1969-12-31", "", -DAY(1) },
                  { &none, "3.1.1970", DATE_WHY ".", 0 },
                  { &low, "1970-01-02", "", DAY(1) },
                  { &low, "1970-01-01",
                    DATE_WHY ", not before 1970-01-02T00:00:00Z.", 0 },
                  { &high, "1960-01-01", "", -DAY(3653) },
                  { &high, "1970-01-03", "", DAY(2) },
                  { &high, "1970-01-03T00:00:01Z",
                    DATE_WHY ", not after 1970-01-03T00:00:00Z.", 0 },
                  { &both, "x",
                    DATE_WHY ", not before 1970-01-02T00:00:00Z, not after "
                             "1970-01-03T00:00:00Z.",
                    0 } };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        all_t all = { .day = 42 };

        assert_string_equal(set(cases[i].input, cases[i].text, &all),
                            cases[i].why);
        assert_int_equal(all.day, *cases[i].why == '\0' ? cases[i].value : 42);
    }
}

static void test_string(void **state)
{
    static const hbr_input_t both =
        HBR_STRING(all_t, text, "text", .min = 2, .max = 3);
    static const hbr_input_t one = HBR_STRING(all_t, text, "text", .max = 1);
    static const hbr_input_t none = HBR_STRING(all_t, text, "text");
    static const char bad[] = "Input \"text\" is not valid UTF-8.";
    static const char shorter[] =
        "Input \"text\" must not be shorter than 2 characters.";
    static const char longer[] =
        "Input \"text\" must not be longer than 3 characters.";
    static const struct {
        const hbr_input_t *input;
        const char *text;
        const char *why;
    } cases[] = { { &both, "ab", "" },
                  { &both, "abc", "" },
                  { &both, "\xC3\xBC\xF0\x9F\x98\x80\xE2\x82\xAC", "" },
                  { &both, "", shorter },
                  { &both, "\xC3\xBC", shorter },
                  { &both, "abcd", longer },
                  { &both, "\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC", longer },
                  { &both, "a\xFF", bad },
                  { &one, "ab",
                    "Input \"text\" must not be longer than 1 character." },
                  { &none, "", "" },
                  { &none, "\x01 any", "" },
                  { &none, "\xED\xA0\x80", bad } };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        all_t all = { .text = NULL };

        assert_string_equal(set(cases[i].input, cases[i].text, &all),
                            cases[i].why);
        assert_int_equal(all.text != NULL, *cases[i].why == '\0');
    }
}

MAIN(POOL_TEST(test_int), POOL_TEST(test_double), POOL_TEST(test_bool),
     POOL_TEST(test_enum), POOL_TEST(test_date), POOL_TEST(test_string))
