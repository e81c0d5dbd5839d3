/*
 * The text of a descriptor file: what is read, what is refused, and where.
 */
#include "support/pool.h"

#include <apr_strings.h>

#include "bridge/descriptor.h"

static hbr_descriptor_t descriptor;

static const char *parse(const char *text)
{
    apr_size_t length = strlen(text);

    /* A block of its own, without a NUL behind it. */
    return hbr_descriptor_parse(pool, apr_pmemdup(pool, text, length), length,
                                &descriptor);
}

/* "name@1 key=value@2 ..." */
static const char *as_text(const char *text)
{
    const char *mistake = parse(text);
    const char *all;
    int i;

    if (mistake != NULL)
        return mistake;
    all = apr_psprintf(pool, "%s@%u", descriptor.handler.value,
                       descriptor.handler.number);
    for (i = 0; i < descriptor.options->nelts; i++) {
        const hbr_descriptor_line_t *line =
            &APR_ARRAY_IDX(descriptor.options, i, hbr_descriptor_line_t);

        all = apr_psprintf(pool, "%s %s=%s@%u", all, line->key, line->value,
                           line->number);
    }
    return all;
}

static void test_read(void **state)
{
    static const struct {
        const char *text;
        const char *wanted;
    } cases[] = {
        { "handler card", "card@1" },
        { "handler card\n", "card@1" },
        { "HANDLER card\n", "card@1" },
        { "\xef\xbb\xbfhandler card\n", "card@1" },
        { "handler card\r\nsize 3\r\n\r\ntext \"a\"\r\n",
          "card@1 size=3@2 text=a@4" },
        { "\n# a comment's\n  # another\n\thandler\t card \n", "card@4" },
        { "handler card\ntext \"a b\"\ntext2 'c \"d\"'\n",
          "card@1 text=a b@2 text2=c \"d\"@3" },
        { "handler card\ntext \"a \\\"b\\\" \\\\ \\n\"\n",
          "card@1 text=a \"b\" \\ \\n@2" },
        { "handler card\ntext a\\\\b\n", "card@1 text=a\\b@2" },
        { "handler card\ntext it's\n", "card@1 text=it's@2" },
        { "handler card\ntext \"\"\nsize ''", "card@1 text=@2 size=@3" },
        { "handler card\n\"text\" 'x'", "card@1 text=x@2" },
        { "handler card\ntext a#b\n", "card@1 text=a#b@2" },
        { "handler \\\n  card\nsize \\\r\n\\\r\n7\ntext x",
          "card@1 size=7@3 text=x@6" },
        { "# a comment goes on \\\nhandler other\nhandler card", "card@3" },
        { "handler card\ntext \"a \\\nb\"", "card@1 text=a b@2" },
        { "handler card\ntext a\\", "card@1 text=a\\@2" },
        { "handler card\ntext a\\\\\n\nsize 1", "card@1 text=a\\@2 size=1@4" },
        { "handler card\nsize 1\nsize 2", "card@1 size=1@2 size=2@3" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++)
        assert_string_equal(as_text(cases[i].text), cases[i].wanted);
}

static void test_refused(void **state)
{
    static const struct {
        const char *text;
        const char *wanted;
    } cases[] = {
        { "", "it names no handler: \"handler NAME\" is missing" },
        { "\xef\xbb\xbf", "it names no handler: \"handler NAME\" is missing" },
        { "# handler card\n\n",
          "it names no handler: \"handler NAME\" is missing" },
        { "\nsize 3\nhandler card\n",
          "line 2: \"size\" comes before \"handler NAME\"" },
        { "handler card\n\nhandler other\n",
          "line 3: a second handler; line 1 names the first" },
        { "handler\n",
          "line 1: \"handler\" has no value; an empty one is written \"\"" },
        { "handler card\nsize",
          "line 2: \"size\" has no value; an empty one is written \"\"" },
        { "handler card\ntext Good morning\n",
          "line 2: \"morning\" stands behind the value of \"text\": a value "
          "with blanks needs quotes, a comment a line of its own" },
        { "handler card # the card\n",
          "line 1: \"# the card\" stands behind the value of \"handler\": a "
          "value with blanks needs quotes, a comment a line of its own" },
        { "handler card\ntext \"a\nsize 3\n", "line 2: a quote is not closed" },
        { "handler card\n'text a\n", "line 2: a quote is not closed" },
        { "handler card\ntext \"a\\\"\n", "line 2: a quote is not closed" },
        { "handler card\nsize \\\n1 2",
          "line 2: \"2\" stands behind the value of \"size\": a value with "
          "blanks needs quotes, a comment a line of its own" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++)
        assert_string_equal(parse(cases[i].text), cases[i].wanted);
}

static void test_nul(void **state)
{
    static const char text[] = "handler card\n# a\0b\n";
    const char *mistake =
        hbr_descriptor_parse(pool, text, sizeof(text) - 1, &descriptor);

    (void)state;
    assert_string_equal(mistake, "line 2: a NUL byte: the file has to be UTF-8 "
                                 "text (is it UTF-16?)");
}

static void test_long(void **state)
{
    char *text = apr_palloc(pool, 60001);

    (void)state;
    memset(text, 'x', 60000);
    text[60000] = '\0';
    assert_int_equal(strlen(parse(text)), /* 100 of it */
                     strlen("line 1: \"\" has no value; an empty one is "
                            "written \"\"")
                         + 100);
    assert_null(parse(apr_pstrcat(pool, "handler card\ntext ", text, NULL)));
    assert_int_equal(
        strlen(
            APR_ARRAY_IDX(descriptor.options, 0, hbr_descriptor_line_t).value),
        60000);
}

MAIN(POOL_TEST(test_read), POOL_TEST(test_refused), POOL_TEST(test_nul),
     POOL_TEST(test_long))
