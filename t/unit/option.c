/*
 * Options: what a declaration may say, what the configuration may, and the
 * struct that comes of it. Bounds and sentences of the types themselves are
 * t/unit/input_value.c's.
 */
#include <apr_strings.h>

#include "support/main.h"
#include "support/pool.h"

#include "../../bridge/option.h"

typedef struct look_t {
    const char *title;
    const char *plain;
    int64_t size;
    double ratio;
    bool deep;
    int format;
    apr_time_t day;
} look_t;

static const char *const formats[] = { "png", "jpeg", NULL };

static const hbr_input_t all[] = {
    HBR_STRING(look_t, title, "title", .min = 2, .max = 5, .fallback = "none",
               .help = "above it"),
    HBR_STRING(look_t, plain, "plain"),
    HBR_INT(look_t, size, "size", .min = -1, .max = 99, .fallback = 8),
    HBR_DOUBLE(look_t, ratio, "ratio", .min = 0.5, .fallback = 1),
    HBR_BOOL(look_t, deep, "deep", .fallback = true),
    HBR_ENUM(look_t, format, "format", .values = formats, .fallback = -1),
    HBR_DATE(look_t, day, "day"),
    HBR_INPUTS_END
};

static int process(hbr_context_t *ctx)
{
    (void)ctx;
    return HBR_OK;
}

/* Declares a handler with these options: the sentence, or NULL. */
static const char *declare(const hbr_input_t *options, hbr_entry_t **entry)
{
    hbr_handler_t handler = {
        .stamp = { .major = HBR_ABI_MAJOR,
                   .minor = HBR_ABI_MINOR,
                   .handler_size = sizeof(hbr_handler_t),
                   .input_size = sizeof(hbr_input_t),
                   .statement_size = sizeof(hbr_statement_t),
                   .metric_size = sizeof(hbr_metric_t),
                   .ident = "look",
                   .file = "look.c" },
        .process = process,
        .options = options,
    };
    hbr_registry_t *registry;
    const char *why = hbr_registry_create(pool, &registry);

    assert_null(why);
    why = hbr_registry_add(registry,
                           apr_pmemdup(pool, &handler, sizeof(handler)));
    *entry = hbr_registry_find(registry, "look");
    return why;
}

static hbr_entry_t *look(void)
{
    hbr_entry_t *entry;

    assert_null(declare(all, &entry));
    return entry;
}

static void assert_says(const char *sentence, const char *part)
{
    if (sentence == NULL || strstr(sentence, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", sentence ? sentence : "NULL",
                 part);
}

/* ------------------------------------------------------------- declarations */

#define ONE(...) ((const hbr_input_t[]){ __VA_ARGS__, HBR_INPUTS_END })

static void test_refused_declarations(void **state)
{
    typedef struct many_t {
        hbr_strings_t many;
    } many_t;
    const struct {
        const hbr_input_t *options;
        const char *part;
    } rows[] = {
        { ONE(HBR_INT(look_t, size, "Size")), "option \"Size\": its name is" },
        { ONE(HBR_INT(look_t, size, "si ze")), "\"si ze\": its name is" },
        { ONE(HBR_INT(look_t, size, "size=")), "its name is not made of" },
        { ONE(HBR_INT(look_t, size,
                      "gr\xc3\xb6\xc3\x9f"
                      "e")),
          "its name is not made of" },
        { ONE(HBR_INT(look_t, size, "require")), "\"require\"" },
        { ONE(HBR_STRINGS(many_t, many, "many")),
          "option \"many\": an option has one value" },
        { ONE(HBR_STRING(look_t, title, "title", .required = true)),
          "never .required" },
        { ONE(HBR_INT(look_t, size, "size", .required = true)),
          "never .required" },
        { ONE(HBR_DOUBLE(look_t, ratio, "ratio", .required = true)),
          "never .required" },
        { ONE(HBR_BOOL(look_t, deep, "deep", .required = true)),
          "never .required" },
        { ONE(HBR_ENUM(look_t, format, "format", .values = formats,
                       .required = true)),
          "never .required" },
        { ONE(HBR_DATE(look_t, day, "day", .required = true)),
          "never .required" },
        { ONE(HBR_INT(look_t, size, "size", .from = HBR_FROM_PATH)),
          "it has no .from" },
        { ONE(HBR_STRING(look_t, title, "title", .from = HBR_FROM_HEADER)),
          "it has no .from" },
        { ONE(HBR_INT(look_t, size, "size"), HBR_DOUBLE(look_t, ratio, "size")),
          "declared twice" },
        { ONE(HBR_INT(look_t, size, "size", .min = 9, .max = 1)), "size" },
        { ONE(HBR_INT(look_t, size, "size", .min = 1, .max = 9)),
          "\"size\": without a .fallback it is 0" },
        { ONE(HBR_DOUBLE(look_t, ratio, "ratio", .min = 0.5)),
          "\"ratio\": without a .fallback it is 0" },
        { ONE(HBR_INT(look_t, size, "size", .min = 1, .fallback = -1)),
          ".fallback is out of bounds" },
        { ONE(HBR_INT(look_t, size, "size"), HBR_BOOL(look_t, deep, "Deep")),
          "option \"Deep\"" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < ITEMS(rows); i++) {
        hbr_entry_t *entry;
        const char *why = declare(rows[i].options, &entry);

        assert_says(why, rows[i].part);
        assert_says(why, "option");
        assert_says(why, "look.c");
        assert_null(entry);
    }
}

static void test_taken_names(void **state)
{
    hbr_entry_t *entry;

    (void)state;
    assert_null(declare(ONE(HBR_INT(look_t, size, "a-b_c9"),
                            HBR_BOOL(look_t, deep, "required")),
                        &entry));
    assert_int_equal(entry->options, 2);
    assert_null(declare(NULL, &entry));
    assert_int_equal(entry->options, 0);
    assert_null(entry->fallbacks);
    assert_null(declare((const hbr_input_t[]){ HBR_INPUTS_END }, &entry));
    assert_int_equal(entry->options, 0);
}

/* A declaration of an older minor has none: nothing behind it is read. */
static void test_older_declaration(void **state)
{
    const apr_size_t size = offsetof(hbr_handler_t, options);
    hbr_handler_t handler = {
        .stamp = { .major = HBR_ABI_MAJOR,
                   .minor = 0,
                   .handler_size = (uint32_t)size,
                   .input_size = sizeof(hbr_input_t),
                   .statement_size = sizeof(hbr_statement_t),
                   .metric_size = sizeof(hbr_metric_t),
                   .ident = "old",
                   .file = "old.c" },
        .process = process,
        .options = all,
    };
    hbr_registry_t *registry;

    (void)state;
    assert_null(hbr_registry_create(pool, &registry));
    assert_null(hbr_registry_add(registry, apr_pmemdup(pool, &handler, size)));
    assert_int_equal(hbr_registry_find(registry, "old")->options, 0);
}

/* -------------------------------------------------------------------- values */

static void test_fallbacks(void **state)
{
    hbr_entry_t *entry = look();
    const look_t *fallbacks = entry->fallbacks;
    look_t *fresh = hbr_options_fallbacks(pool, entry);

    (void)state;
    assert_string_equal(fallbacks->title, "none");
    assert_null(fallbacks->plain);
    assert_int_equal(fallbacks->size, 8);
    assert_true(fallbacks->ratio == 1);
    assert_true(fallbacks->deep);
    assert_int_equal(fallbacks->format, -1);
    assert_int_equal(fallbacks->day, 0);
    assert_ptr_not_equal(fresh, fallbacks);
    assert_memory_equal(fresh, fallbacks, sizeof(*fresh));
}

static void put(hbr_entry_t *entry, look_t *options, const char *key,
                const char *text)
{
    hbr_option_value_t value;
    char *gone = apr_pstrdup(pool, text);
    const char *why = hbr_option_read(pool, entry, key, gone, &value);

    if (why != NULL)
        fail_msg("%s", why);
    memset(gone, '#', strlen(gone)); /* the value is its own */
    hbr_option_put(options, &value);
}

static void test_every_type(void **state)
{
    hbr_entry_t *entry = look();
    look_t *options = hbr_options_fallbacks(pool, entry);

    (void)state;
    put(entry, options, "title", "\xc3\xa4\xc3\xb6\xc3\xbc"); /* characters */
    put(entry, options, "plain", "");
    put(entry, options, "size", "-1");
    put(entry, options, "ratio", "5e-1");
    put(entry, options, "deep", "Off");
    put(entry, options, "format", "jpeg");
    put(entry, options, "day", "1970-01-02");
    assert_string_equal(options->title, "\xc3\xa4\xc3\xb6\xc3\xbc");
    assert_string_equal(options->plain, "");
    assert_int_equal(options->size, -1);
    assert_true(options->ratio == 0.5);
    assert_false(options->deep);
    assert_int_equal(options->format, 1);
    assert_int_equal(options->day, apr_time_from_sec(86400));
}

/* One value changes its own member alone. */
static void test_put_changes_one(void **state)
{
    hbr_entry_t *entry = look();
    look_t *options = hbr_options_fallbacks(pool, entry);
    look_t expected = *options;

    (void)state;
    put(entry, options, "deep", "off");
    expected.deep = false;
    assert_memory_equal(options, &expected, sizeof(expected));
    put(entry, options, "format", "png");
    expected.format = 0;
    assert_memory_equal(options, &expected, sizeof(expected));
}

static void test_mistakes(void **state)
{
    static const struct {
        const char *key;
        const char *text;
        const char *sentence;
    } rows[] = {
        { "title", "x",
          "option \"title\" of the handler \"look\" is \"x\", but must not be "
          "shorter than 2 characters." },
        { "title", "toolong",
          "option \"title\" of the handler \"look\" is \"toolong\", but must "
          "not be longer than 5 characters." },
        { "title", "\xff\xfe",
          "option \"title\" of the handler \"look\" is \"\xff\xfe\", but is "
          "not valid UTF-8." },
        { "size", "x",
          "option \"size\" of the handler \"look\" is \"x\", but must be a "
          "whole number from -1 to 99." },
        { "size", "",
          "option \"size\" of the handler \"look\" is \"\", but must be a "
          "whole number from -1 to 99." },
        { "size", "100",
          "option \"size\" of the handler \"look\" is \"100\", but must be a "
          "whole number from -1 to 99." },
        { "size", "1.5",
          "option \"size\" of the handler \"look\" is \"1.5\", but must be a "
          "whole number from -1 to 99." },
        { "ratio", "0.4",
          "option \"ratio\" of the handler \"look\" is \"0.4\", but must be a "
          "number of at least 0.5." },
        { "ratio", "nan",
          "option \"ratio\" of the handler \"look\" is \"nan\", but must be a "
          "number of at least 0.5." },
        { "deep", "perhaps",
          "option \"deep\" of the handler \"look\" is \"perhaps\", but must be "
          "one of 1, true, yes, on, 0, false, no, off." },
        { "format", "PNG",
          "option \"format\" of the handler \"look\" is \"PNG\", but must be "
          "one of png, jpeg." },
        { "day", "2026-02-30",
          "option \"day\" of the handler \"look\" is \"2026-02-30\", but must "
          "be a date such as 2026-11-21 or 2026-11-21T08:30:00Z." },
        { "sise", "1",
          "the handler \"look\" has no option \"sise\", did you mean "
          "\"size\"? "
          "It has: title, plain, size, ratio, deep, format, day" },
        { "SIZE", "1",
          "the handler \"look\" has no option \"SIZE\"; it has: title, plain, "
          "size, ratio, deep, format, day" },
        { "", "1",
          "the handler \"look\" has no option \"\"; it has: title, plain, "
          "size, ratio, deep, format, day" },
        { "%s%n", "%n",
          "the handler \"look\" has no option \"%s%n\"; it has: title, plain, "
          "size, ratio, deep, format, day" },
        { "deep", "%n",
          "option \"deep\" of the handler \"look\" is \"%n\", but must be one "
          "of 1, true, yes, on, 0, false, no, off." },
    };
    hbr_entry_t *entry = look();
    apr_size_t i;

    (void)state;
    for (i = 0; i < ITEMS(rows); i++) {
        hbr_option_value_t value;
        const char *why =
            hbr_option_read(pool, entry, rows[i].key, rows[i].text, &value);

        assert_non_null(why);
        assert_string_equal(why, rows[i].sentence);
    }
}

static void test_handler_without(void **state)
{
    hbr_option_value_t value;
    hbr_entry_t *entry;

    (void)state;
    assert_null(declare(NULL, &entry));
    assert_string_equal(
        hbr_option_read(pool, entry, "size", "1", &value),
        "the handler \"look\" has no options, and so no \"size\"");
}

/* ------------------------------------------------------------------ listings */

static void assert_shown(hbr_entry_t *entry, const void *options,
                         const char *const *texts)
{
    apr_size_t i;

    for (i = 0; i < entry->options; i++)
        assert_string_equal(
            hbr_option_format(pool, hbr_entry_option(entry, i), options),
            texts[i]);
}

static void test_format(void **state)
{
    static const char *const fallbacks[] = {
        "\"none\"", "none", "8", "1", "on", "none", "1970-01-01T00:00:00Z"
    };
    static const char *const values[] = {
        "\"a b\"", "\"\"", "-1", "0.75", "off", "jpeg", "2026-11-21T08:30:00Z"
    };
    hbr_entry_t *entry = look();
    look_t *options = hbr_options_fallbacks(pool, entry);

    (void)state;
    assert_shown(entry, options, fallbacks);
    put(entry, options, "title", "a b");
    put(entry, options, "plain", "");
    put(entry, options, "size", "-1");
    put(entry, options, "ratio", "0.75");
    put(entry, options, "deep", "no");
    put(entry, options, "format", "jpeg");
    put(entry, options, "day", "2026-11-21T09:30:00+01:00");
    assert_shown(entry, options, values);
}

static void test_expectation(void **state)
{
    static const char *const texts[] = {
        "text of 2 to 5 characters",
        "text",
        "a whole number from -1 to 99",
        "a number of at least 0.5",
        "one of 1, true, yes, on, 0, false, no, off",
        "one of png, jpeg",
        "a date such as 2026-11-21 or 2026-11-21T08:30:00Z"
    };
    static const hbr_input_t bounds[] = {
        HBR_STRING(look_t, title, "most", .max = 5),
        HBR_STRING(look_t, title, "least", .min = 2, .fallback = "ab"),
    };
    hbr_entry_t *entry = look();
    apr_size_t i;

    (void)state;
    for (i = 0; i < entry->options; i++)
        assert_string_equal(
            hbr_option_expectation(pool, hbr_entry_option(entry, i)), texts[i]);
    assert_string_equal(hbr_option_expectation(pool, &bounds[0]),
                        "text of at most 5 characters");
    assert_string_equal(hbr_option_expectation(pool, &bounds[1]),
                        "text of at least 2 characters");
}

static void test_help(void **state)
{
    static const hbr_input_t helped[] = {
        HBR_STRING(look_t, title, "a", .help = "a"),
        HBR_INT(look_t, size, "b", .help = "b"),
        HBR_DOUBLE(look_t, ratio, "c", .help = "c"),
        HBR_BOOL(look_t, deep, "d", .help = "d"),
        HBR_ENUM(look_t, format, "e", .values = formats, .help = "e"),
        HBR_DATE(look_t, day, "f", .help = "f"),
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < ITEMS(helped); i++)
        assert_string_equal(hbr_option_help(&helped[i]), helped[i].name);
    assert_null(hbr_option_help(&all[1]));
}

MAIN(POOL_TEST(test_refused_declarations), POOL_TEST(test_taken_names),
     POOL_TEST(test_older_declaration), POOL_TEST(test_fallbacks),
     POOL_TEST(test_every_type), POOL_TEST(test_put_changes_one),
     POOL_TEST(test_mistakes), POOL_TEST(test_handler_without),
     POOL_TEST(test_format), POOL_TEST(test_expectation), POOL_TEST(test_help))
