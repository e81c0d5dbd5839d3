/*
 * The handlers of a process: names, versions of the interface, declarations
 * that contradict themselves.
 */
#include <stdio.h>
#include <stdlib.h>

#include <apr_strings.h>

#include "support/main.h"
#include "support/serve.h"

#include "../../bridge/registry.h"

static apr_pool_t *pool;
static hbr_registry_t *registry;

static int process(hbr_context_t *ctx)
{
    return hbr_text(ctx, "here");
}

static int setup(void **state)
{
    const char *wrong;

    (void)state;
    apr_pool_create(&pool, NULL);
    wrong = hbr_registry_create(pool, &registry);
    if (wrong != NULL)
        print_error("%s\n", wrong);
    return wrong != NULL;
}

static int teardown(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    return 0;
}

static hbr_handler_t declaration(const char *name)
{
    return (hbr_handler_t){ .stamp = HBR_TEST_STAMP(ident),
                            .name = name,
                            .process = process };
}

/* A copy as long-lived as the registry; the sentence, or NULL. */
static const char *add(hbr_handler_t handler)
{
    return hbr_registry_add(registry,
                            apr_pmemdup(pool, &handler, sizeof(handler)));
}

static void assert_says(const char *sentence, const char *part)
{
    if (sentence == NULL || strstr(sentence, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", sentence ? sentence : "NULL",
                 part);
}

static void test_find(void **state)
{
    hbr_entry_t *entry;

    (void)state;
    assert_null(hbr_registry_find(registry, "mine"));
    assert_null(add(declaration("mine")));
    entry = hbr_registry_find(registry, "mine");
    assert_non_null(entry);
    assert_string_equal(entry->name, "mine");
    assert_ptr_equal(entry->handler.process, process);
    assert_null(hbr_registry_find(registry, "Mine"));
    assert_null(hbr_registry_find(registry, "mine "));
    assert_null(hbr_registry_find(registry, ""));
}

/* Without .name it is the identifier's. */
static void test_name_of_the_identifier(void **state)
{
    (void)state;
    assert_null(add(declaration(NULL)));
    assert_non_null(hbr_registry_find(registry, "ident"));
}

static void test_names(void **state)
{
    static const struct {
        const char *name;
        bool valid;
    } rows[] = {
        { "a", true },         { "bridge-other", true },
        { "a_b.c-9", true },   { "9", true },
        { "", false },         { "A", false },
        { "Hello", false },    { "a b", false },
        { "a/b", false },      { "a\n", false },
        { "\xc3\xa4", false }, { "a:b", false },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const char *wrong = add(declaration(rows[i].name));

        if ((wrong == NULL) != rows[i].valid)
            fail_msg("\"%s\": %s", rows[i].name, wrong ? wrong : "taken");
        if (wrong != NULL)
            assert_says(wrong, __FILE__);
    }
}

static void test_long_name(void **state)
{
    char *name = apr_palloc(pool, 10001);

    (void)state;
    memset(name, 'a', 10000);
    name[10000] = '\0';
    assert_non_null(add(declaration(name)));
}

/* The sentence names both files. */
static void test_duplicate(void **state)
{
    hbr_handler_t other = declaration("twice");
    const char *wrong;

    (void)state;
    other.stamp.file = "handlers/other.c";
    assert_null(add(declaration("twice")));
    wrong = add(other);
    assert_says(wrong, "handlers/other.c");
    assert_says(wrong, __FILE__);
    assert_says(wrong, "twice");
    assert_string_equal(
        hbr_registry_find(registry, "twice")->handler.stamp.file, __FILE__);
}

static int choose(hbr_context_t *ctx, hbr_choice_t *choice)
{
    (void)ctx;
    choice->name = "linked";
    return HBR_OK;
}

static apr_status_t create(const hbr_child_t *child, apr_pool_t *at,
                           void **instance)
{
    (void)child;
    *instance = apr_palloc(at, 1);
    return APR_SUCCESS;
}

static void destroy(const hbr_child_t *child, void *instance)
{
    (void)child, (void)instance;
}

typedef struct some_t {
    int64_t n;
} some_t;

static const hbr_input_t some_inputs[] = { HBR_INT(some_t, n, "n"),
                                           HBR_INPUTS_END };

#define NAMED(called) .stamp = HBR_TEST_STAMP(ident), .name = called
#define STAMPED NAMED("empty")
#define CHOSEN                                                                 \
    "with .choose there is no .create and there are no .inputs: those are "    \
    "the chosen handler's"
#define NO_SESSION                                                             \
    "its .session is none of HBR_SESSION_READ and HBR_SESSION_WRITE"
#define NO_CREATE ".lifetime and .destroy need a .create"
#define NO_LIFETIME                                                            \
    "its .lifetime is none of HBR_PER_REQUEST, HBR_POOLED and HBR_PER_PROCESS"

/* Functions that do not go together; NULL: they do. */
static void test_members(void **state)
{
    const struct {
        hbr_handler_t handler;
        const char *sentence;
    } rows[] = {
        { { STAMPED }, "it has no .process" },
        { { STAMPED, .process = process, .choose = choose },
          "it has both .process and .choose" },
        { { STAMPED, .choose = choose, .create = create }, CHOSEN },
        { { STAMPED, .choose = choose, .inputs = some_inputs }, CHOSEN },
        { { STAMPED, .process = process, .destroy = destroy }, NO_CREATE },
        { { STAMPED, .process = process, .lifetime = HBR_POOLED }, NO_CREATE },
        { { STAMPED, .choose = choose, .lifetime = HBR_POOLED }, NO_CREATE },
        { { STAMPED, .process = process, .create = create, .lifetime = 3 },
          NO_LIFETIME },
        { { STAMPED, .process = process, .session = 3 }, NO_SESSION },
        { { STAMPED, .choose = choose }, NULL },
        { { NAMED("a"), .process = process, .create = create }, NULL },
        { { NAMED("b"), .process = process, .create = create,
            .destroy = destroy, .lifetime = HBR_PER_PROCESS },
          NULL },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const char *wrong = add(rows[i].handler);

        if (rows[i].sentence != NULL) {
            assert_says(wrong, rows[i].sentence);
            assert_says(wrong, "handler \"empty\"");
        } else {
            assert_null(wrong);
        }
    }
}

static void test_methods(void **state)
{
    static const struct {
        const char *methods;
        bool valid;
    } rows[] = {
        { NULL, true },       { "GET", true },
        { "GET,POST", true }, { " GET , POST ", true },
        { "*", true },        { "BREW", true },
        { "", false },        { ",", false },
        { "GET, *", false },  { "GET POST;", false },
        { "G\"T", false },    { "get", false },
        { "TRACE", false },   { "GET, CONNECT", false },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        hbr_handler_t handler =
            declaration(apr_psprintf(pool, "methods-%d", (int)i));
        const char *wrong;

        handler.methods = rows[i].methods;
        wrong = add(handler);
        if ((wrong == NULL) != rows[i].valid)
            fail_msg("\"%s\": %s", handler.methods ? handler.methods : "NULL",
                     wrong ? wrong : "taken");
        if (wrong != NULL)
            assert_says(wrong, ": .methods: ");
    }
}

/* Another major version, and a newer minor, are refused: with the file, the
 * version found and the one expected. */
static void test_versions(void **state)
{
    static const struct {
        int major, minor;
        bool valid;
    } rows[] = {
        { HBR_ABI_MAJOR, HBR_ABI_MINOR, true },
        { HBR_ABI_MAJOR, 0, true },
        { HBR_ABI_MAJOR + 1, 0, false },
        { HBR_ABI_MAJOR - 1, 0, false },
        { HBR_ABI_MAJOR - 1, 99, false },
        { HBR_ABI_MAJOR, HBR_ABI_MINOR + 1, false },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        hbr_handler_t handler =
            declaration(apr_psprintf(pool, "version-%d", (int)i));
        const char *wrong;

        handler.stamp.major = (uint16_t)rows[i].major;
        handler.stamp.minor = (uint16_t)rows[i].minor;
        handler.stamp.file = "handlers/old.c";
        wrong = add(handler);
        assert_true((wrong == NULL) == rows[i].valid);
        if (wrong == NULL)
            continue;
        assert_says(wrong, "handlers/old.c");
        assert_says(wrong,
                    apr_psprintf(pool, "%d.%d", rows[i].major, rows[i].minor));
        assert_says(wrong,
                    apr_psprintf(pool, "%d.%d", HBR_ABI_MAJOR, HBR_ABI_MINOR));
    }
}

/* The first bytes of a declaration, with nothing readable behind them. */
static const hbr_handler_t *cut_declaration(hbr_handler_t handler,
                                            apr_size_t size)
{
    handler.stamp.handler_size = (uint32_t)size;
    return apr_pmemdup(pool, &handler, size);
}

/* A declaration of an older minor ends earlier; what is missing is 0. Every
 * end between two members is tried. */
static void test_smaller_handler(void **state)
{
    static const apr_size_t sizes[] = {
        offsetof(hbr_handler_t, name),       offsetof(hbr_handler_t, methods),
        offsetof(hbr_handler_t, summary),    offsetof(hbr_handler_t, inputs),
        offsetof(hbr_handler_t, statements), offsetof(hbr_handler_t, start),
        offsetof(hbr_handler_t, stop),       sizeof(hbr_handler_t)
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(sizes); i++) {
        hbr_handler_t handler = declaration(NULL);
        hbr_entry_t *entry;
        const char *wrong;

        handler.stamp.ident = apr_psprintf(pool, "size-%d", (int)i);
        handler.summary = "summary";
        wrong = hbr_registry_add(registry, cut_declaration(handler, sizes[i]));
        if (wrong != NULL)
            fail_msg("%s", wrong);
        entry = hbr_registry_find(registry, handler.stamp.ident);
        assert_non_null(entry);
        assert_ptr_equal(entry->handler.process, process);
        if (sizes[i] > offsetof(hbr_handler_t, summary))
            assert_string_equal(entry->handler.summary, "summary");
        else
            assert_null(entry->handler.summary);
        assert_null(entry->handler.stop);
    }
}

static void test_size_that_cannot_be(void **state)
{
    static const uint32_t sizes[] = { 0,
                                      1,
                                      offsetof(hbr_handler_t, process),
                                      offsetof(hbr_handler_t, process) + 1,
                                      sizeof(hbr_handler_t) + 1,
                                      UINT32_MAX };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(sizes); i++) {
        hbr_handler_t handler =
            declaration(apr_psprintf(pool, "size-%d", (int)i));

        handler.stamp.handler_size = sizes[i];
        if (add(handler) == NULL)
            fail_msg("a handler of %u bytes was taken", sizes[i]);
    }
}

typedef struct in_t {
    int64_t number;
    const char *word;
} in_t;

static const hbr_input_t inputs[] = {
    HBR_INT(in_t, number, "number", .max = 9, .fallback = 3),
    HBR_STRING(in_t, word, "word", .fallback = "none"), HBR_INPUTS_END
};

/* Elements of an older header are smaller: the array's stride is the stamp's.
 * What both kinds of input need ends well before the union's end. */
static void test_smaller_inputs(void **state)
{
    const apr_size_t stride = sizeof(hbr_input_t) - sizeof(int64_t);
    hbr_handler_t handler = declaration("older");
    hbr_entry_t *entry;
    char *packed = apr_palloc(pool, 3 * stride);
    apr_size_t i;

    (void)state;
    for (i = 0; i < 3; i++)
        memcpy(packed + i * stride, &inputs[i], stride);
    handler.inputs = (const hbr_input_t *)packed;
    handler.stamp.input_size = (uint32_t)stride;
    assert_null(add(handler));
    entry = hbr_registry_find(registry, "older");
    assert_int_equal(entry->inputs, 2);
    assert_string_equal(hbr_entry_input(entry, 0)->name, "number");
    assert_int_equal(hbr_entry_input(entry, 0)->as.integer.fallback, 3);
    assert_string_equal(hbr_entry_input(entry, 1)->name, "word");
    assert_string_equal(hbr_entry_input(entry, 1)->as.string.fallback, "none");
}

static const hbr_statement_t statements[] = { { "one", "SELECT 1" },
                                              { "two", "SELECT 2" },
                                              HBR_STATEMENTS_END };

static void test_counts(void **state)
{
    hbr_handler_t handler = declaration("counted");
    hbr_entry_t *entry;

    (void)state;
    handler.inputs = inputs;
    handler.statements = statements;
    assert_null(add(handler));
    entry = hbr_registry_find(registry, "counted");
    assert_int_equal(entry->inputs, 2);
    assert_int_equal(entry->statements, 2);
    assert_string_equal(hbr_entry_statement(entry, 1)->sql, "SELECT 2");
}

typedef struct bad_t {
    int64_t i;
    double d;
    const char *s;
    hbr_strings_t l;
    bool b;
    int e;
    apr_time_t t;
} bad_t;

static const char *const words[] = { "red", "green", NULL };
static const char *const no_words[] = { NULL };

/* What contradicts itself is refused, with file, handler and input named. */
static void test_contradictions(void **state)
{
    static const hbr_input_t rows[][3] = {
        { HBR_INT(bad_t, i, "bad", .min = 5, .max = 3), HBR_INPUTS_END },
        { HBR_INT(bad_t, i, "bad", .min = 1, .max = 3, .fallback = 9),
          HBR_INPUTS_END },
        { HBR_INT(bad_t, i, "bad", .max = 3, .fallback = -1), HBR_INPUTS_END },
        { HBR_INT(bad_t, i, "bad", .required = true, .fallback = 1),
          HBR_INPUTS_END },
        { HBR_DOUBLE(bad_t, d, "bad", .min = 0.5, .max = 0.25),
          HBR_INPUTS_END },
        { HBR_DOUBLE(bad_t, d, "bad", .min = 1, .max = 2, .fallback = 3),
          HBR_INPUTS_END },
        { HBR_STRING(bad_t, s, "bad", .min = 5, .max = 3), HBR_INPUTS_END },
        { HBR_STRING(bad_t, s, "bad", .max = 3, .fallback = "four"),
          HBR_INPUTS_END },
        { HBR_STRING(bad_t, s, "bad", .required = true, .fallback = "x"),
          HBR_INPUTS_END },
        { HBR_STRINGS(bad_t, l, "bad", .min = 5, .max = 3), HBR_INPUTS_END },
        { HBR_BOOL(bad_t, b, "bad", .required = true, .fallback = true),
          HBR_INPUTS_END },
        { HBR_ENUM(bad_t, e, "bad"), HBR_INPUTS_END },
        { HBR_ENUM(bad_t, e, "bad", .values = no_words), HBR_INPUTS_END },
        { HBR_ENUM(bad_t, e, "bad", .values = words, .fallback = 2),
          HBR_INPUTS_END },
        { HBR_ENUM(bad_t, e, "bad", .values = words, .fallback = -2),
          HBR_INPUTS_END },
        { HBR_DATE(bad_t, t, "bad", .min = 9, .max = 5), HBR_INPUTS_END },
        { HBR_INT(bad_t, i, "bad"), HBR_DOUBLE(bad_t, d, "bad"),
          HBR_INPUTS_END },
        { HBR_INT(bad_t, i, ""), HBR_INPUTS_END },
        { HBR_INT(bad_t, i, NULL), HBR_INPUTS_END },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        hbr_handler_t handler =
            declaration(apr_psprintf(pool, "contradiction-%d", (int)i));
        const char *wrong;

        handler.inputs = rows[i];
        wrong = add(handler);
        if (wrong == NULL)
            fail_msg("row %zu was taken", i);
        assert_says(wrong, __FILE__);
        assert_says(wrong, handler.name);
        if (rows[i][0].name != NULL && rows[i][0].name[0] != '\0')
            assert_says(wrong, "bad");
        assert_null(hbr_registry_find(registry, handler.name));
    }
}

/* Words of a BridgeMap line and of a descriptor file. */
static void test_reserved_options(void **state)
{
    static const hbr_input_t rows[][2] = {
        { HBR_INT(bad_t, i, "require"), HBR_INPUTS_END },
        { HBR_INT(bad_t, i, "handler"), HBR_INPUTS_END },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        hbr_handler_t handler = declaration("reserved");
        const char *wrong;

        handler.options = rows[i];
        wrong = add(handler);
        assert_non_null(wrong);
        assert_says(wrong, rows[i][0].name);
        assert_says(wrong, "stands for something else");
    }
}

/* These do not contradict themselves. */
static void test_sound_inputs(void **state)
{
    static const hbr_input_t rows[][2] = {
        { HBR_INT(bad_t, i, "x"), HBR_INPUTS_END },
        { HBR_INT(bad_t, i, "x", .min = 5, .max = 5, .fallback = 5),
          HBR_INPUTS_END },
        { HBR_INT(bad_t, i, "x", .min = -5, .max = -2, .fallback = -3),
          HBR_INPUTS_END },
        { HBR_INT(bad_t, i, "x", .required = true, .min = 1, .max = 2),
          HBR_INPUTS_END },
        { HBR_STRING(bad_t, s, "x", .min = 2, .required = true),
          HBR_INPUTS_END },
        { HBR_STRING(bad_t, s, "x", .max = 2, .fallback = "\xc3\xa4\xc3\xa4"),
          HBR_INPUTS_END },
        { HBR_ENUM(bad_t, e, "x", .values = words, .fallback = -1),
          HBR_INPUTS_END },
        { HBR_DATE(bad_t, t, "x", .min = 5, .max = 9), HBR_INPUTS_END },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        hbr_handler_t handler =
            declaration(apr_psprintf(pool, "sound-%d", (int)i));
        const char *wrong;

        handler.inputs = rows[i];
        wrong = add(handler);
        if (wrong != NULL)
            fail_msg("row %zu: %s", i, wrong);
    }
}

/* "Did you mean ...?": at most two edits away, the nearest one. */
static void test_nearest(void **state)
{
    static const struct {
        const char *name, *nearest;
    } rows[] = {
        { "merchnts", "merchants" }, { "merchant", "merchants" },
        { "mrchnts", "merchants" },  { "mrchnt", NULL },
        { "merchants-list", NULL },  { "legder", "ledger" },
        { "ledgers", "ledger" },     { "MERCHANTS", NULL },
        { "zzzzzzzz", NULL },
    };
    apr_size_t i;

    (void)state;
    assert_null(add(declaration("merchants")));
    assert_null(add(declaration("ledger")));
    for (i = 0; i < COUNT(rows); i++) {
        const char *nearest = hbr_registry_nearest(registry, rows[i].name);

        if (rows[i].nearest == NULL && nearest != NULL)
            fail_msg("%s: %s", rows[i].name, nearest);
        if (rows[i].nearest != NULL) {
            assert_non_null(nearest);
            assert_string_equal(nearest, rows[i].nearest);
        }
    }
}

static void test_all_are_sorted(void **state)
{
    static const char *const names[] = { "m", "zz", "a", "b-c", "b.c" };
    hbr_entry_t *const *all;
    apr_size_t count, before, i;

    (void)state;
    hbr_registry_all(registry, &before);
    for (i = 0; i < COUNT(names); i++)
        assert_null(add(declaration(names[i])));
    all = hbr_registry_all(registry, &count);
    assert_int_equal(count, before + COUNT(names));
    for (i = 1; i < count; i++)
        assert_true(strcmp(all[i - 1]->name, all[i]->name) < 0);
    assert_says(hbr_registry_names(registry, pool), "a, b-c, b.c, ");
}

static void test_linked_in(void **state)
{
    hbr_entry_t *entry;

    (void)state;
    entry = hbr_registry_find(registry, "linked");
    assert_non_null(entry);
    assert_string_equal(entry->handler.methods, "POST");
}

HBR_HANDLER(linked, .process = process, .methods = "POST");

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

MAIN(TEST(test_find), TEST(test_name_of_the_identifier), TEST(test_names),
     TEST(test_long_name), TEST(test_duplicate), TEST(test_members),
     TEST(test_methods), TEST(test_versions), TEST(test_smaller_handler),
     TEST(test_size_that_cannot_be), TEST(test_smaller_inputs),
     TEST(test_counts), TEST(test_contradictions), TEST(test_reserved_options),
     TEST(test_sound_inputs), TEST(test_nearest), TEST(test_all_are_sorted),
     TEST(test_linked_in))
