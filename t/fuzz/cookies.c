/*
 * The cookies a client sends (RFC 6265 5.4). Each line is one Cookie field.
 *
 * Holds: no piece keeps a separator or blanks at its ends; all that is no
 * blank, ';' or '=' is kept; what is counted is what is parsed; the pairs
 * written down give the same pairs.
 */
#include "fuzz.h"

#include "cookies.h"

void fuzz_setup(void)
{
}

static bool is_trimmed(const char *text, apr_size_t length)
{
    return length == 0
           || (strchr(" \t", text[0]) == NULL
               && strchr(" \t", text[length - 1]) == NULL);
}

static apr_size_t count_kept(const char *text)
{
    apr_size_t count = 0;

    for (; *text != '\0'; text++)
        count += strchr(" \t;=", *text) == NULL;
    return count;
}

static apr_size_t check_pair(const hbr_pair_t *pair)
{
    CHECK(strlen(pair->name) == pair->name_length);
    CHECK(strlen(pair->value) == pair->value_length);
    CHECK(pair->name_length > 0 || pair->value_length > 0);
    CHECK(strpbrk(pair->name, ";=") == NULL);
    CHECK(strchr(pair->value, ';') == NULL);
    CHECK(is_trimmed(pair->name, pair->name_length));
    CHECK(is_trimmed(pair->value, pair->value_length));
    return count_kept(pair->name) + count_kept(pair->value);
}

static void check_written(const hbr_cookies_t *cookies)
{
    apr_table_t *headers = apr_table_make(pool, 1);
    const hbr_cookies_t *again;
    const char *text = "";
    apr_size_t i;

    for (i = 0; i < cookies->count; i++)
        text =
            apr_pstrcat(pool, text, i > 0 ? "; " : "", cookies->pairs[i].name,
                        "=", cookies->pairs[i].value, NULL);
    apr_table_setn(headers, "cookie", text);
    again = hbr_cookies_parse(pool, headers);
    CHECK(again->count == cookies->count);
    for (i = 0; i < cookies->count; i++) {
        CHECK(strcmp(again->pairs[i].name, cookies->pairs[i].name) == 0);
        CHECK(strcmp(again->pairs[i].value, cookies->pairs[i].value) == 0);
    }
}

void fuzz(fuzz_input_t *input)
{
    apr_table_t *headers = apr_table_make(pool, 1);
    const hbr_cookies_t *cookies;
    apr_size_t kept = 0;
    apr_size_t i;

    while (input->left > 0) {
        const char *field = fuzz_line(input);

        kept += count_kept(field);
        apr_table_addn(headers, "Cookie", field);
    }
    cookies = hbr_cookies_parse(pool, headers);
    for (i = 0; i < cookies->count; i++)
        kept -= check_pair(&cookies->pairs[i]);
    CHECK(kept == 0);
    CHECK(hbr_cookies_refusal(pool, headers, cookies->count) == NULL);
    if (cookies->count > 0)
        CHECK(hbr_cookies_refusal(pool, headers, cookies->count - 1) != NULL);
    if (cookies->count < 50)
        check_written(cookies);
}
