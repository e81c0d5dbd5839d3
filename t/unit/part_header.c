/*
 * The header of a part, held to RFC 7578 4 (and 2 for the escapes), RFC 5322
 * 2.2 and RFC 9110 5.6. Each is fed whole, byte by byte and split at every
 * position.
 */
#include <stdio.h>
#include <stdlib.h>

#include "support/palloc.h"
#include "support/pool.h"

#include "part_header.h"

#define CD "Content-Disposition: form-data; "

static hbr_multipart_limits_t limits = HBR_MULTIPART_LIMITS_DEFAULT;

static hbr_multipart_e read_pieces(hbr_part_header_t *header, const char *text,
                                   apr_size_t length, apr_size_t split,
                                   apr_size_t step, hbr_part_t *part)
{
    hbr_multipart_e problem = HBR_MULTIPART_OK;
    bool complete = false;
    apr_size_t fed = 0;

    hbr_part_header_reset(header);
    while (!complete && fed < length) {
        apr_size_t piece = fed < split ? split - fed : step;
        const char *at;
        char *copy;

        if (piece > length - fed)
            piece = length - fed;
        copy = malloc(piece);
        memcpy(copy, text + fed, piece);
        at = copy;
        problem = hbr_part_header_feed(header, &at, copy + piece, &complete);
        fed += (apr_size_t)(at - copy);
        if (problem == HBR_MULTIPART_OK && !complete)
            assert_ptr_equal(at, copy + piece);
        free(copy);
        if (problem != HBR_MULTIPART_OK)
            return problem;
    }
    if (!complete)
        return -1;
    assert_int_equal(fed, length);
    return hbr_part_header_read(header, part);
}

static const char *or_null(const char *text)
{
    return text != NULL ? text : "NULL";
}

/* "name|filename|type", or the problem's number. */
static void show(hbr_multipart_e problem, const hbr_part_t *part, char *shown,
                 size_t size)
{
    if (problem == HBR_MULTIPART_OK)
        snprintf(shown, size, "%s|%s|%s", part->name, or_null(part->filename),
                 or_null(part->type));
    else
        snprintf(shown, size, "%d", (int)problem);
}

static void check_bytes(const char *text, apr_size_t length, const char *wanted)
{
    hbr_part_header_t header;
    char shown[2048];
    hbr_part_t part;
    apr_size_t split;

    hbr_part_header_open(&header, pool, &limits);
    for (split = 0; split <= length; split++) {
        show(read_pieces(&header, text, length, split, length, &part), &part,
             shown, sizeof(shown));
        if (strcmp(shown, wanted) != 0)
            fail_msg("%s\n-> %s\nnot %s", text, shown, wanted);
    }
    show(read_pieces(&header, text, length, 0, 1, &part), &part, shown,
         sizeof(shown));
    assert_string_equal(shown, wanted);
}

/* `fields` are without the empty line. */
static void check(const char *fields, const char *wanted)
{
    char text[2048];
    int length = snprintf(text, sizeof(text), "%s\r\n", fields);

    check_bytes(text, (apr_size_t)length, wanted);
}

static void check_problem(const char *fields, hbr_multipart_e problem)
{
    char wanted[16];

    snprintf(wanted, sizeof(wanted), "%d", (int)problem);
    check(fields, wanted);
}

/* What follows "Content-Disposition: ". */
static void test_disposition(void **state)
{
    static const char *const cases[][2] = {
        { "form-data; name=\"a\"", "a|NULL|NULL" },
        { "form-data; name=a", "a|NULL|NULL" },
        { "form-data;name=a", "a|NULL|NULL" },
        { "Form-Data; NAME=a", "a|NULL|NULL" },
        { "form-data ; name=a ;", "a|NULL|NULL" },
        { "form-data; name=\"\"", "|NULL|NULL" },
        { "form-data; name=\"a b; c=d\"", "a b; c=d|NULL|NULL" },
        { "form-data; x=y; name=a; z=\"1\"", "a|NULL|NULL" },
        { "form-data; name=\"a[]\"", "a[]|NULL|NULL" },
        { "form-data; name=\"a\tb\"", "a\tb|NULL|NULL" },
        { "form-data; name=\"_charset_\"", "_charset_|NULL|NULL" },
        /* files */
        { "form-data; name=\"a\"; filename=\"f.txt\"", "a|f.txt|NULL" },
        { "form-data; filename=\"f.txt\"; name=\"a\"", "a|f.txt|NULL" },
        { "form-data; name=a; filename=f.txt", "a|f.txt|NULL" },
        { "form-data; filename=f.txt;name=a", "a|f.txt|NULL" },
        { "form-data; filename=f.txt;name=a;x=y", "a|f.txt|NULL" },
        { "form-data; name=\"a\"; filename=\"\"", "a||NULL" },
        { "form-data; name=\"name=b\"; filename=\"name=c\"",
          "name=b|name=c|NULL" },
        { "form-data; name=a; filename=\"a;b=\\\"c\\\".txt\"",
          "a|a;b=\"c\".txt|NULL" },
        /* filename* and name* are not for forms (RFC 7578 4.2) */
        { "form-data; name=a; filename=f; filename*=utf-8''x", "a|f|NULL" },
        { "form-data; name=a; filename*=utf-8''x; filename=f", "a|f|NULL" },
        { "form-data; name=a; filename*0=x; filename=f", "a|f|NULL" },
        { "form-data; name=a; name*=utf-8''b", "a|NULL|NULL" },
        { "form-data; name=a; xfilename*=utf-8''b", "a|NULL|NULL" },
        { "form-data; name=a; filename2=x; xname=b; file=c", "a|NULL|NULL" },
        /* the three escapes of browsers, and no other */
        { "form-data; name=\"a%22b\"; filename=\"%22c%22\"",
          "a\"b|\"c\"|NULL" },
        { "form-data; name=\"a%0D%0Ab\"", "a\r\nb|NULL|NULL" },
        { "form-data; name=\"%0D\"; filename=\"%0A\"", "\r|\n|NULL" },
        { "form-data; name=a%22b", "a\"b|NULL|NULL" },
        { "form-data; name=\"%0d%0a%2F%00%25%41%\"",
          "%0d%0a%2F%00%25%41%|NULL|NULL" },
        { "form-data; name=\"%2%222\"", "%2\"2|NULL|NULL" },
        { "form-data; name=\"a%0\"", "a%0|NULL|NULL" },
        /* the end of the value is not looked over */
        { "form-data; name=\"%2\"; x=\"2\"", "%2|NULL|NULL" },
        { "form-data; name=%2;x=2", "%2|NULL|NULL" },
        /* only \" and \\ are pairs */
        { "form-data; name=\"a\\\"b\\\\c\\d\"", "a\"b\\c\\d|NULL|NULL" },
        { "form-data; name=\"\\\\\"", "\\|NULL|NULL" },
        { "form-data; name=\"\\\\\\\"\"", "\\\"|NULL|NULL" },
        { "form-data; name=\"\\%22\"", "\\\"|NULL|NULL" },
        /* the last component */
        { "form-data; name=a; filename=\"C:\\Users\\x\\f.txt\"",
          "a|f.txt|NULL" },
        { "form-data; name=a; filename=\"C:\\\\Users\\\\f.txt\"",
          "a|f.txt|NULL" },
        { "form-data; name=a; filename=\"../../etc/passwd\"", "a|passwd|NULL" },
        { "form-data; name=a; filename=\"/etc\\x/y\"", "a|y|NULL" },
        { "form-data; name=a; filename=\"x/y\\z\"", "a|z|NULL" },
        { "form-data; name=a; filename=\"x/\"", "a||NULL" },
        { "form-data; name=a; filename=\"x\\\\\"", "a||NULL" },
        { "form-data; name=a; filename=\".\"", "a||NULL" },
        { "form-data; name=a; filename=\"x/..\"", "a||NULL" },
        { "form-data; name=a; filename=\"...\"", "a|...|NULL" },
        { "form-data; name=a; filename=\".x\"", "a|.x|NULL" },
        { "form-data; name=\"x/y\"; filename=\"f\"", "x/y|f|NULL" },
        /* UTF-8: umlauts, U+1F600 */
        { "form-data; name=\"\xC3\xA4\"; filename=\"\xF0\x9F\x98\x80.png\"",
          "\xC3\xA4|\xF0\x9F\x98\x80.png|NULL" },
    };
    char text[512];
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        snprintf(text, sizeof(text), "Content-Disposition: %s\r\n",
                 cases[i][0]);
        check(text, cases[i][1]);
    }
}

static void test_fields(void **state)
{
    static const char *const cases[][2] = {
        { CD "name=a\r\n", "a|NULL|NULL" },
        { CD "name=a\r\nContent-Type: text/plain\r\n", "a|NULL|text/plain" },
        { "Content-Type: text/plain; charset=utf-8\r\n" CD "name=a\r\n",
          "a|NULL|text/plain; charset=utf-8" },
        { CD "name=a\r\ncontent-TYPE:x/y\r\n", "a|NULL|x/y" },
        { CD "name=a\r\nContent-Type: \t x/y \t \r\n", "a|NULL|x/y" },
        { CD "name=a\r\nContent-Type:\r\n", "a|NULL|" },
        { CD "name=a\r\nContent-Type: anything at all\xFF\r\n",
          "a|NULL|anything at all\xFF" },
        { CD "name=a\r\nContent-Type: xmultipart/y\r\n",
          "a|NULL|xmultipart/y" },
        { CD "name=a\r\nContent-Type: multipart\r\n", "a|NULL|multipart" },
        { "content-disposition:form-data;name=a\r\n", "a|NULL|NULL" },
        { "CONTENT-DISPOSITION: form-data;name=a\r\n", "a|NULL|NULL" },
        { CD "name=a\r\nContent-Transfer-Encoding: binary\r\n", "a|NULL|NULL" },
        { CD "name=a\r\nContent-Transfer-Encoding: 8BIT\r\n", "a|NULL|NULL" },
        { CD "name=a\r\ncontent-transfer-encoding:7bit \r\n", "a|NULL|NULL" },
        /* others are not read, but for their form */
        { "X: \r\nContent-Length: 7\r\nX:y\r\n" CD "name=a\r\nx-2+$: \xFF\r\n",
          "a|NULL|NULL" },
        { "Content-Typ: x\r\nContent-Typex: y\r\n" CD "name=a\r\n",
          "a|NULL|NULL" },
        /* folded */
        { "Content-Disposition: form-data;\r\n name=a;\r\n\tfilename=f\r\n",
          "a|f|NULL" },
        { "Content-Disposition:\r\n form-data;name=a\r\n", "a|NULL|NULL" },
        { CD "name=\"a\r\n b\"\r\n", "a   b|NULL|NULL" },
        { CD "name=a\r\n \r\n\t\r\nX: y\r\n", "a|NULL|NULL" },
        { CD "name=a\r\n \r\n", "a|NULL|NULL" },
        { CD "name=a\r\nX: y\r\n Content-Type: z\r\n", "a|NULL|NULL" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++)
        check(cases[i][0], cases[i][1]);
}

static void test_refused(void **state)
{
    static const struct {
        const char *fields;
        hbr_multipart_e problem;
    } cases[] = {
        { "", HBR_MULTIPART_DISPOSITION },
        { "Content-Type: text/plain\r\n", HBR_MULTIPART_DISPOSITION },
        { "Content-Disposition: attachment; name=a\r\n",
          HBR_MULTIPART_DISPOSITION },
        { "Content-Disposition: form-datax; name=a\r\n",
          HBR_MULTIPART_DISPOSITION },
        { "Content-Disposition: form; name=a\r\n", HBR_MULTIPART_DISPOSITION },
        { "Content-Disposition:\r\n", HBR_MULTIPART_DISPOSITION },
        { "Content-Disposition: form-data\r\n", HBR_MULTIPART_DISPOSITION },
        { CD "filename=f\r\n", HBR_MULTIPART_DISPOSITION },
        { CD "name*=utf-8''a\r\n", HBR_MULTIPART_DISPOSITION },
        /* filename* alone: to others it is a file (RFC 7578 4.2) */
        { CD "name=a; filename*=utf-8''x\r\n", HBR_MULTIPART_FILENAME_STAR },
        { CD "FileName*=utf-8''x; name=a\r\n", HBR_MULTIPART_FILENAME_STAR },
        { CD "name=a; filename*0=x\r\n", HBR_MULTIPART_FILENAME_STAR },
        { CD "filename*=utf-8''x\r\n", HBR_MULTIPART_DISPOSITION },
        /* malformed dispositions */
        { CD "name\r\n", HBR_MULTIPART_DISPOSITION_SYNTAX },
        { CD "name=\r\n", HBR_MULTIPART_DISPOSITION_SYNTAX },
        { CD "name =a\r\n", HBR_MULTIPART_DISPOSITION_SYNTAX },
        { CD "name=a b\r\n", HBR_MULTIPART_DISPOSITION_SYNTAX },
        { CD "name=\"a\r\n", HBR_MULTIPART_DISPOSITION_SYNTAX },
        { CD "name=\"%22\r\n", HBR_MULTIPART_DISPOSITION_SYNTAX },
        { CD "name=\"a\\\"\r\n", HBR_MULTIPART_DISPOSITION_SYNTAX },
        { CD "name=\"a\"b\r\n", HBR_MULTIPART_DISPOSITION_SYNTAX },
        { CD "name=a, b\r\n", HBR_MULTIPART_DISPOSITION_SYNTAX },
        { CD "name=a; filename=\xC3\xA4\r\n",
          HBR_MULTIPART_DISPOSITION_SYNTAX },
        { "Content-Disposition: form-data name=a\r\n",
          HBR_MULTIPART_DISPOSITION_SYNTAX },
        { CD "name=a; name=b\r\n", HBR_MULTIPART_DISPOSITION_SYNTAX },
        { CD "name=a; Name=a\r\n", HBR_MULTIPART_DISPOSITION_SYNTAX },
        { CD "name=a; filename=f; filename=g\r\n",
          HBR_MULTIPART_DISPOSITION_SYNTAX },
        /* fields that come twice */
        { CD "name=a\r\n" CD "name=b\r\n", HBR_MULTIPART_HEADER_TWICE },
        { CD "name=a\r\nContent-Type: x/y\r\ncontent-type:\r\n",
          HBR_MULTIPART_HEADER_TWICE },
        { "Content-Transfer-Encoding: 8bit\r\n"
          "Content-Transfer-Encoding: 8bit\r\n" CD "name=a\r\n",
          HBR_MULTIPART_HEADER_TWICE },
        /* malformed fields */
        { ": x\r\n" CD "name=a\r\n", HBR_MULTIPART_HEADER_SYNTAX },
        { CD "name=a\r\nX\r\n", HBR_MULTIPART_HEADER_SYNTAX },
        { CD "name=a\r\nX : y\r\n", HBR_MULTIPART_HEADER_SYNTAX },
        { CD "name=a\r\nX Y: z\r\n", HBR_MULTIPART_HEADER_SYNTAX },
        { CD "name=a\r\nX@: y\r\n", HBR_MULTIPART_HEADER_SYNTAX },
        { CD "name=a\r\n\xC3\xA4: y\r\n", HBR_MULTIPART_HEADER_SYNTAX },
        { " X: y\r\n" CD "name=a\r\n", HBR_MULTIPART_HEADER_SYNTAX },
        { " \r\n" CD "name=a\r\n", HBR_MULTIPART_HEADER_SYNTAX },
        { "--b\r\n" CD "name=a\r\n", HBR_MULTIPART_HEADER_SYNTAX },
        /* control characters, CR and LF on their own */
        { CD "name=\"a\x01\"\r\n", HBR_MULTIPART_HEADER_CONTROL },
        { CD "name=\"a\x7F\"\r\n", HBR_MULTIPART_HEADER_CONTROL },
        { CD "name=a\r\nX: \x1B[31m\r\n", HBR_MULTIPART_HEADER_CONTROL },
        { CD "name=a\nX: y\r\n", HBR_MULTIPART_HEADER_CONTROL },
        { CD "name=a\rX: y\r\n", HBR_MULTIPART_HEADER_CONTROL },
        { CD "name=a\r\r\n", HBR_MULTIPART_HEADER_CONTROL },
        { CD "name=a\r\n\n", HBR_MULTIPART_HEADER_CONTROL },
        { CD "name=a\r\n\rX", HBR_MULTIPART_HEADER_CONTROL },
        { "\n" CD "name=a\r\n", HBR_MULTIPART_HEADER_CONTROL },
        { "\r" CD "name=a\r\n", HBR_MULTIPART_HEADER_CONTROL },
        /* UTF-8: latin-1, overlong, a surrogate, cut off, Shift-JIS */
        { CD "name=\"\xE4\"\r\n", HBR_MULTIPART_NAME_UTF8 },
        { CD "name=\"\xC0\xAF\"\r\n", HBR_MULTIPART_NAME_UTF8 },
        { CD "name=a; filename=\"\xED\xA0\x80\"\r\n",
          HBR_MULTIPART_FILENAME_UTF8 },
        { CD "name=a; filename=\"x\xF0\x9F\x98\"\r\n",
          HBR_MULTIPART_FILENAME_UTF8 },
        { CD "name=a; filename=\"\x83\x5C.txt\"\r\n",
          HBR_MULTIPART_FILENAME_UTF8 },
        { CD "name=a; filename=\"\xE4/f.txt\"\r\n",
          HBR_MULTIPART_FILENAME_UTF8 },
        /* RFC 7578 4.3, 4.7 */
        { CD "name=a\r\nContent-Type: multipart/mixed; boundary=c\r\n",
          HBR_MULTIPART_NESTED },
        { CD "name=a\r\nContent-Type: MultiPart/x\r\n", HBR_MULTIPART_NESTED },
        { CD "name=a\r\nContent-Transfer-Encoding: base64\r\n",
          HBR_MULTIPART_ENCODING },
        { CD "name=a\r\nContent-Transfer-Encoding: quoted-printable\r\n",
          HBR_MULTIPART_ENCODING },
        { CD "name=a\r\nContent-Transfer-Encoding:\r\n",
          HBR_MULTIPART_ENCODING },
        { CD "name=a\r\nContent-Transfer-Encoding: 8bit, 7bit\r\n",
          HBR_MULTIPART_ENCODING },
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++)
        check_problem(cases[i].fields, cases[i].problem);
}

/* Every byte, in a value and in a field's name. */
static void test_every_byte(void **state)
{
    static const char tchar[] = "!#$%&'*+-.^_`|~0123456789"
                                "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    char syntax[16], control[16];
    int c;

    (void)state;
    snprintf(syntax, sizeof(syntax), "%d", (int)HBR_MULTIPART_HEADER_SYNTAX);
    snprintf(control, sizeof(control), "%d", (int)HBR_MULTIPART_HEADER_CONTROL);
    for (c = 0; c < 256; c++) {
        char value[] = CD "name=a\r\nX: y?z\r\n\r\n";
        char name[] = CD "name=a\r\nX?Y: z\r\n\r\n";
        bool bad = (c < 0x20 && c != '\t') || c == 0x7F;
        bool good = c == ':' || (c != '\0' && strchr(tchar, c) != NULL);

        *strchr(value, '?') = (char)c;
        *strchr(name, '?') = (char)c;
        check_bytes(value, sizeof(value) - 1, bad ? control : "a|NULL|NULL");
        check_bytes(name, sizeof(name) - 1,
                    bad    ? control
                    : good ? "a|NULL|NULL"
                           : syntax);
    }
}

static void test_limits(void **state)
{
    static const hbr_multipart_limits_t usual = HBR_MULTIPART_LIMITS_DEFAULT;
    const char *fields = CD "name=abc; filename=\"dir/efgh\"\r\nX: y\r\n";

    (void)state;
    limits = (hbr_multipart_limits_t){ .header_bytes = strlen(fields) + 2,
                                       .header_fields = 2,
                                       .name_bytes = 3,
                                       .filename_bytes = 4 };
    check(fields, "abc|efgh|NULL");
    limits.header_bytes--;
    check_problem(fields, HBR_MULTIPART_HEADER_BYTES);
    limits.header_bytes = 0;
    check_problem(fields, HBR_MULTIPART_HEADER_BYTES);
    limits = usual;
    limits.header_fields = 1;
    check_problem(fields, HBR_MULTIPART_HEADER_FIELDS);
    /* a folded line is no field of its own */
    check(CD "name=abc;\r\n x=y;\r\n\tz=y\r\n", "abc|NULL|NULL");
    limits = usual;
    limits.name_bytes = 2;
    check_problem(fields, HBR_MULTIPART_NAME);
    limits = usual;
    limits.filename_bytes = 3;
    check_problem(fields, HBR_MULTIPART_FILENAME);
    /* what counts is what is given out */
    limits.name_bytes = 1;
    check(CD "name=\"%22\"; filename=\"\\\"\\\"\\\"\"\r\n", "\"|\"\"\"|NULL");
    limits = usual;
}

/* Thousands of headers take the memory of the longest. */
static void test_memory(void **state)
{
    apr_size_t before = palloc_live();
    hbr_part_header_t header;
    hbr_part_t part;
    char text[8192];
    int i;

    (void)state;
    memset(text, 'x', sizeof(text));
    memcpy(text, CD "name=a\r\nX:", sizeof(CD "name=a\r\nX:") - 1);
    memcpy(text + sizeof(text) - 4, "\r\n\r\n", 4);
    hbr_part_header_open(&header, pool, &limits);
    for (i = 0; i < 1000; i++)
        assert_int_equal(
            read_pieces(&header, text, sizeof(text), 0, 700, &part),
            HBR_MULTIPART_OK);
    assert_string_equal(part.name, "a");
    assert_true(palloc_live() - before < 2 * sizeof(text));

    /* and none that the limit forbids */
    before = palloc_live();
    limits.header_bytes = 600;
    hbr_part_header_open(&header, pool, &limits);
    assert_int_equal(read_pieces(&header, text, sizeof(text), 0, 700, &part),
                     HBR_MULTIPART_HEADER_BYTES);
    assert_true(palloc_live() - before < 2 * 600);
    limits.header_bytes = sizeof(text);
}

MAIN(POOL_TEST(test_disposition), POOL_TEST(test_fields),
     POOL_TEST(test_refused), POOL_TEST(test_every_byte),
     POOL_TEST(test_limits), POOL_TEST(test_memory))
