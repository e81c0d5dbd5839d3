/*
 * The text of a descriptor file. It is copied once, and words are cut out of
 * the copy where they stand: unescaping and joining only ever shorten. Nothing
 * is kept; any thread.
 */
#include "descriptor.h"

#include <stdbool.h>
#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* How much of a mistaken word is shown. */
#define SHOWN "%.100s"

typedef struct reader_t {
    apr_pool_t *pool;
    char *at;
    const char *end;
    unsigned next;   /* the number of the line at hand */
    unsigned number; /* that of the line cut off last */
} reader_t;

/* Cuts a line off; one that ends with a backslash has the next one in it. */
static char *cut_line(reader_t *reader)
{
    char *line = reader->at;
    char *piece = line;
    char *to = line;

    reader->number = reader->next;
    while (reader->at < reader->end) {
        *to = *reader->at++;
        if (*to++ != '\n')
            continue;
        reader->next++;
        to--;
        if (to > piece && to[-1] == '\r')
            to--;
        if (to == piece || to[-1] != '\\')
            break;
        piece = --to;
    }
    *to = '\0';
    return line;
}

static char *skip_blanks(char *at)
{
    while (apr_isspace(*at))
        at++;
    return at;
}

static bool is_escape(const char *at, char quote)
{
    return *at == '\\' && (at[1] == '\\' || (quote != '\0' && at[1] == quote));
}

static bool ends_word(char byte, char quote)
{
    return quote != '\0' ? byte == quote : apr_isspace(byte) != 0;
}

/* Cuts a word off, as ap_getword_conf() does. NULL: there is none; closed is
 * then, and for a word without quotes, true. */
static char *cut_word(char **line, bool *closed)
{
    char *at = skip_blanks(*line);
    char quote = *at == '"' || *at == '\'' ? *at : '\0';
    char *word, *to;

    *closed = true;
    *line = at;
    if (*at == '\0')
        return NULL;
    if (quote != '\0')
        at++;
    for (word = to = at; *at != '\0' && !ends_word(*at, quote); at++) {
        if (is_escape(at, quote))
            at++;
        *to++ = *at;
    }
    if (*at == '\0')
        *closed = quote == '\0';
    else
        at++;
    *to = '\0';
    *line = at;
    return word;
}

static const char *read_words(apr_pool_t *pool, char *line,
                              hbr_descriptor_line_t *read)
{
    bool key_closed, value_closed;

    read->key = cut_word(&line, &key_closed);
    read->value = cut_word(&line, &value_closed);
    if (!key_closed || !value_closed)
        return "a quote is not closed";
    if (read->value == NULL)
        return apr_psprintf(pool,
                            "\"" SHOWN "\" has no value; an empty one is "
                            "written \"\"",
                            read->key);
    line = skip_blanks(line);
    if (*line != '\0')
        return apr_psprintf(pool,
                            "\"" SHOWN "\" stands behind the value of \"" SHOWN
                            "\": a value with blanks needs quotes, a comment a "
                            "line of its own",
                            line, read->key);
    return NULL;
}

/* The handler comes first, its options follow. */
static const char *take(apr_pool_t *pool, hbr_descriptor_t *descriptor,
                        const hbr_descriptor_line_t *line)
{
    bool is_handler = strcasecmp(line->key, "handler") == 0;

    if (descriptor->handler.value != NULL) {
        if (is_handler)
            return apr_psprintf(pool,
                                "a second handler; line %u names the first",
                                descriptor->handler.number);
        APR_ARRAY_PUSH(descriptor->options, hbr_descriptor_line_t) = *line;
        return NULL;
    }
    if (!is_handler)
        return apr_psprintf(pool, "\"" SHOWN "\" comes before \"handler NAME\"",
                            line->key);
    descriptor->handler = *line;
    return NULL;
}

static const char *read_lines(reader_t *reader, hbr_descriptor_t *descriptor)
{
    while (reader->at < reader->end) {
        char *text = skip_blanks(cut_line(reader));
        hbr_descriptor_line_t line = { .number = reader->number };
        const char *mistake;

        if (*text == '\0' || *text == '#')
            continue;
        mistake = read_words(reader->pool, text, &line);
        if (mistake == NULL)
            mistake = take(reader->pool, descriptor, &line);
        if (mistake != NULL)
            return apr_psprintf(reader->pool, "line %u: %s", line.number,
                                mistake);
    }
    return descriptor->handler.value == NULL
               ? "it names no handler: \"handler NAME\" is missing"
               : NULL;
}

static const char *refuse_nul(apr_pool_t *pool, const char *text,
                              apr_size_t length)
{
    const char *nul = memchr(text, '\0', length);
    unsigned number = 1;

    if (nul == NULL)
        return NULL;
    for (; text < nul; text++)
        number += *text == '\n';
    return apr_psprintf(pool,
                        "line %u: a NUL byte: the file has to be UTF-8 text "
                        "(is it UTF-16?)",
                        number);
}

const char *hbr_descriptor_parse(apr_pool_t *pool, const char *text,
                                 apr_size_t length,
                                 hbr_descriptor_t *descriptor)
{
    const char *mistake = refuse_nul(pool, text, length);
    reader_t reader = { .pool = pool, .next = 1 };

    descriptor->handler = (hbr_descriptor_line_t){ 0 };
    descriptor->options =
        apr_array_make(pool, 4, sizeof(hbr_descriptor_line_t));
    if (mistake != NULL)
        return mistake;
    reader.at = apr_pstrmemdup(pool, text, length);
    reader.end = reader.at + length;
    if (strncmp(reader.at, BYTE_ORDER_MARK, 3) == 0)
        reader.at += 3;
    return read_lines(&reader, descriptor);
}
