/*
 * Content-Disposition on its way out (RFC 6266, RFC 8187). The input is a file
 * name of any bytes.
 *
 * Holds: the field is of one shape and may be sent; the name that a client reads
 * from it is UTF-8, no path, without control characters and not too long; given
 * to the function again it stays as it is.
 */
#include "fuzz.h"

#include <stdio.h>

#include "disposition.h"
#include "field.h"
#include "handlerbridge/escape.h"

static const char plain[] = "attachment; filename=\"";
static const char extended[] = "; filename*=UTF-8''";

void fuzz_setup(void)
{
}

/* Undoes percent-encoding; there is no other byte than attr-char and %XX. */
static const char *decode(const char *text)
{
    char *out = apr_palloc(pool, strlen(text) + 1);
    char *at = out;

    while (*text != '\0') {
        unsigned code = (unsigned char)*text;

        if (*text == '%') {
            CHECK(sscanf(text, "%%%2X", &code) == 1);
            text += 2;
        } else {
            CHECK(strchr("!#$&+-.^_`|~", *text) != NULL
                  || (*text >= '0' && *text <= '9')
                  || (*text >= 'A' && *text <= 'Z')
                  || (*text >= 'a' && *text <= 'z'));
        }
        *at++ = (char)code;
        text++;
    }
    *at = '\0';
    return out;
}

static void check_name(const char *name)
{
    const char *c;

    CHECK(hbr_is_utf8(name, strlen(name)));
    CHECK(strlen(name) > 0 && strlen(name) <= HBR_FILENAME_MAX);
    CHECK(strcmp(name, ".") != 0 && strcmp(name, "..") != 0);
    CHECK(strpbrk(name, "/\\") == NULL);
    for (c = name; *c != '\0'; c++)
        CHECK((unsigned char)*c >= 0x20 && *c != 0x7F);
    CHECK(strstr(name, "\xE2\x80\xAE") == NULL); /* U+202E turns the line */
}

/* The name that a client gets from the field. */
static const char *read_name(const char *value)
{
    const char *name = value + strlen(plain);
    const char *end;

    CHECK(strncmp(value, plain, strlen(plain)) == 0);
    end = strchr(name, '"');
    CHECK(end != NULL);
    if (end[1] == '\0')
        return apr_pstrmemdup(pool, name, (apr_size_t)(end - name));
    CHECK(strncmp(end + 1, extended, strlen(extended)) == 0);
    return decode(end + 1 + strlen(extended));
}

void fuzz(fuzz_input_t *input)
{
    const char *filename = fuzz_text(input);
    const char *value = hbr_disposition_format(pool, HBR_ATTACHMENT, filename);
    const char *inlined = hbr_disposition_format(pool, HBR_INLINE, filename);
    const char *c, *name;

    CHECK(hbr_field_value_ok(value));
    for (c = value; *c != '\0'; c++)
        CHECK((unsigned char)*c < 0x7F);
    CHECK(strncmp(inlined, "inline", 6) == 0);
    CHECK(strcmp(inlined + 6, value + strlen("attachment")) == 0);
    if (strcmp(value, "attachment") == 0)
        return;
    name = read_name(value);
    check_name(name);
    CHECK(strcmp(hbr_disposition_format(pool, HBR_ATTACHMENT, name), value)
          == 0);
}
