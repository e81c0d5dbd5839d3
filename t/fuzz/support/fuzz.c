/* See fuzz.h. libFuzzer runs one input after the other in one thread. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

#include <apr_general.h>

apr_pool_t *pool;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The build hides what is not the API's; libFuzzer looks these up. */
__attribute__((visibility("default"))) int LLVMFuzzerInitialize(int *argc,
                                                                char ***argv)
{
    (void)argc;
    (void)argv;
    apr_initialize();
    fuzz_setup();
    return 0;
}

__attribute__((visibility("default"))) int LLVMFuzzerTestOneInput(
    const uint8_t *data, size_t size)
{
    fuzz_input_t input = { (const char *)data, size };

    apr_pool_create(&pool, NULL);
    fuzz(&input);
    apr_pool_destroy(pool);
    return 0;
}

void fuzz_fail(const char *file, int line, const char *what)
{
    fprintf(stderr, "FUZZ: %s:%d: %s\n", file, line, what);
    abort();
}

unsigned fuzz_byte(fuzz_input_t *input)
{
    if (input->left == 0)
        return 0;
    input->left--;
    return (unsigned char)*input->at++;
}

uint64_t fuzz_number(fuzz_input_t *input, unsigned bytes)
{
    uint64_t number = 0;

    while (bytes-- > 0)
        number = number << 8 | fuzz_byte(input);
    return number;
}

static char *take_text(fuzz_input_t *input, apr_size_t length)
{
    char *text = apr_palloc(pool, length + 1);
    apr_size_t i;

    for (i = 0; i < length; i++)
        text[i] = input->at[i] != '\0' ? input->at[i] : ' ';
    text[length] = '\0';
    input->at += length;
    input->left -= length;
    return text;
}

char *fuzz_line(fuzz_input_t *input)
{
    const char *end =
        input->left > 0 ? memchr(input->at, '\n', input->left) : NULL;
    char *text = take_text(input, end != NULL ? (apr_size_t)(end - input->at)
                                              : input->left);

    if (end != NULL)
        fuzz_byte(input);
    return text;
}

char *fuzz_field(fuzz_input_t *input)
{
    char *line = fuzz_line(input);

    return strcmp(line, "-") == 0 ? NULL : line;
}

char *fuzz_text(fuzz_input_t *input)
{
    return take_text(input, input->left);
}

const char *fuzz_bytes(fuzz_input_t *input, apr_size_t *length)
{
    char *bytes = apr_palloc(pool, input->left);

    *length = input->left;
    if (input->left > 0)
        memcpy(bytes, input->at, input->left);
    input->at += input->left;
    input->left = 0;
    return bytes;
}

bool fuzz_same(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return strcmp(a, b) == 0;
}

char *fuzz_upper(const char *text)
{
    char *upper = apr_pstrdup(pool, text);
    char *c;

    for (c = upper; *c != '\0'; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    return upper;
}
