/*
 * Descriptor files. The whole input is one.
 *
 * Holds: a mistake is a sentence; what is read lies in order on lines that are
 * there; written anew, each word in quotes, behind a byte order mark and with
 * other line ends, the same is read.
 */
#include "fuzz.h"

#include "descriptor.h"

void fuzz_setup(void)
{
}

static const hbr_descriptor_line_t *option(const hbr_descriptor_t *descriptor,
                                           int i)
{
    return &APR_ARRAY_IDX(descriptor->options, i, hbr_descriptor_line_t);
}

static unsigned count_lines(const char *bytes, apr_size_t length)
{
    unsigned count = 1;
    apr_size_t i;

    for (i = 0; i < length; i++)
        count += bytes[i] == '\n';
    return count;
}

static void check_order(const hbr_descriptor_t *descriptor, unsigned lines)
{
    unsigned last = descriptor->handler.number;
    int i;

    CHECK(last >= 1 && descriptor->handler.value != NULL);
    for (i = 0; i < descriptor->options->nelts; i++) {
        const hbr_descriptor_line_t *line = option(descriptor, i);

        CHECK(line->number > last && line->number <= lines);
        CHECK(strcasecmp(line->key, "handler") != 0 && line->value != NULL);
        last = line->number;
    }
}

static const char *quoted(const char *word)
{
    char *text = apr_palloc(pool, 2 * strlen(word) + 3);
    char *to = text;

    *to++ = '"';
    for (; *word != '\0'; word++) {
        if (*word == '"' || *word == '\\')
            *to++ = '\\';
        *to++ = *word;
    }
    *to++ = '"';
    *to = '\0';
    return text;
}

static const char *written(const hbr_descriptor_line_t *line)
{
    return apr_pstrcat(pool, quoted(line->key), " \\\r\n\t",
                       quoted(line->value), "\r\n# \"\r\n", NULL);
}

static void check_same(const hbr_descriptor_line_t *a,
                       const hbr_descriptor_line_t *b)
{
    CHECK(strcmp(a->key, b->key) == 0 && strcmp(a->value, b->value) == 0);
}

static void check_written(const hbr_descriptor_t *descriptor)
{
    const char *text =
        apr_pstrcat(pool, "\xef\xbb\xbf", written(&descriptor->handler), NULL);
    hbr_descriptor_t again;
    int i;

    for (i = 0; i < descriptor->options->nelts; i++)
        text = apr_pstrcat(pool, text, written(option(descriptor, i)), NULL);
    CHECK(hbr_descriptor_parse(pool, text, strlen(text), &again) == NULL);
    CHECK(again.options->nelts == descriptor->options->nelts);
    check_same(&again.handler, &descriptor->handler);
    for (i = 0; i < again.options->nelts; i++) {
        check_same(option(&again, i), option(descriptor, i));
        CHECK(option(&again, i)->number == 3u * (unsigned)i + 4);
    }
}

void fuzz(fuzz_input_t *input)
{
    apr_size_t length;
    const char *bytes = fuzz_bytes(input, &length);
    hbr_descriptor_t descriptor;
    const char *mistake =
        hbr_descriptor_parse(pool, bytes, length, &descriptor);

    if (mistake != NULL) {
        CHECK(strlen(mistake) > 20);
        return;
    }
    CHECK(memchr(bytes, '\0', length) == NULL);
    check_order(&descriptor, count_lines(bytes, length));
    if (descriptor.options->nelts < 100)
        check_written(&descriptor);
}
