/*
 * multipart/form-data, held to RFC 7578 and RFC 2046 5.1, with bodies as
 * browsers write them. Each body is fed whole, byte by byte, in small steps and
 * split at every position; all ways give the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "support/palloc.h"
#include "support/pool.h"

#include "multipart.h"

#define TYPE "multipart/form-data; boundary="
#define CD "Content-Disposition: form-data; "
#define FIELD(name) "Content-Disposition: form-data; name=\"" name "\"\r\n\r\n"

static const hbr_multipart_limits_t usual = HBR_MULTIPART_LIMITS_DEFAULT;

/* What the callbacks saw: "[name|filename|type=data]", a part that was not
 * ended without its bracket. */
typedef struct seen_t {
    char text[8192];
    size_t length;
    int calls;
    int fail_at; /* The call that fails; 0: none. */
    const char *piece;
    apr_size_t piece_length;
} seen_t;

#define FAILURE (APR_OS_START_USERERR + 7)

static apr_status_t count(seen_t *seen)
{
    seen->calls++;
    if (seen->fail_at != 0)
        assert_true(seen->calls <= seen->fail_at);
    return seen->calls == seen->fail_at ? FAILURE : APR_SUCCESS;
}

static void add(seen_t *seen, const char *bytes, size_t length)
{
    assert_true(seen->length + length < sizeof(seen->text));
    memcpy(seen->text + seen->length, bytes, length);
    seen->length += length;
    seen->text[seen->length] = '\0';
}

static void add_text(seen_t *seen, const char *text)
{
    add(seen, text, strlen(text));
}

static apr_status_t on_part(void *arg, const hbr_part_t *part)
{
    add_text(arg, "[");
    add_text(arg, part->name);
    add_text(arg, "|");
    add_text(arg, part->filename != NULL ? part->filename : "NULL");
    add_text(arg, "|");
    add_text(arg, part->type != NULL ? part->type : "NULL");
    add_text(arg, "=");
    return count(arg);
}

/* Data is the caller's memory, but for a boundary line that came to nothing. */
static apr_status_t on_data(void *arg, const char *bytes, apr_size_t length)
{
    seen_t *seen = arg;

    assert_true(length > 0);
    if (bytes < seen->piece || bytes >= seen->piece + seen->piece_length)
        assert_true(length < sizeof(HBR_MEMBER(hbr_boundary_t, text)));
    add(arg, bytes, length);
    return count(arg);
}

static apr_status_t on_part_end(void *arg)
{
    add_text(arg, "]");
    return count(arg);
}

static const hbr_multipart_calls_t calls = { on_part, on_data, on_part_end };

static apr_status_t feed_pieces(hbr_multipart_t *parser, seen_t *seen,
                                const char *body, apr_size_t length,
                                apr_size_t split, apr_size_t step)
{
    apr_size_t fed = 0;
    apr_status_t status = APR_SUCCESS;

    while (fed < length) {
        apr_size_t piece = fed < split ? split - fed : step;
        char *copy;

        if (piece > length - fed)
            piece = length - fed;
        copy = malloc(piece); /* so that a read past its end is reported */
        memcpy(copy, body + fed, piece);
        seen->piece = copy;
        seen->piece_length = piece;
        status = hbr_multipart_feed(parser, copy, piece);
        free(copy);
        fed += piece;
    }
    assert_int_equal(hbr_multipart_feed(parser, NULL, 0), status);
    return hbr_multipart_close(parser);
}

static void check_pieces(const char *type, const hbr_multipart_limits_t *limits,
                         const char *body, apr_size_t length, apr_size_t split,
                         apr_size_t step, hbr_multipart_e problem,
                         const char *wanted)
{
    hbr_multipart_t parser;
    seen_t seen = { .length = 0 };
    apr_status_t status;

    hbr_multipart_open(&parser, pool, type, limits, &calls, &seen);
    status = feed_pieces(&parser, &seen, body, length, split, step);
    if (parser.problem != problem)
        fail_msg("%s\n-> problem %d, not %d", body, (int)parser.problem,
                 (int)problem);
    assert_int_equal(status,
                     problem != HBR_MULTIPART_OK ? APR_EINVAL : APR_SUCCESS);
    assert_int_equal(strlen(wanted), seen.length);
    assert_string_equal(seen.text, wanted);
}

static void check_with(const char *type, const hbr_multipart_limits_t *limits,
                       const char *body, hbr_multipart_e problem,
                       const char *wanted)
{
    apr_size_t length = strlen(body);
    apr_size_t split, step;

    for (split = 0; split <= length; split++)
        check_pieces(type, limits, body, length, split, length + 1, problem,
                     wanted);
    for (step = 1; step < 8; step++)
        check_pieces(type, limits, body, length, 0, step, problem, wanted);
}

static void check(const char *type, const char *body, const char *wanted)
{
    check_with(type, &usual, body, HBR_MULTIPART_OK, wanted);
}

/* RFC 7578 4.1, 4.4, 4.6, and RFC 2046 5.1.1 as a form. */
static void test_standards(void **state)
{
    (void)state;
    check(TYPE "AaB03x",
          "--AaB03x\r\n"
          "content-disposition: form-data; name=\"field1\"\r\n"
          "content-type: text/plain;charset=UTF-8\r\n"
          "content-transfer-encoding: 8bit\r\n"
          "\r\n"
          "Joe owes \xE2\x82\xAC"
          "100.\r\n"
          "--AaB03x--\r\n",
          "[field1|NULL|text/plain;charset=UTF-8=Joe owes \xE2\x82\xAC"
          "100.]");
    check(TYPE "AaB03x",
          "--AaB03x\r\n"
          "content-disposition: form-data; name=\"_charset_\"\r\n"
          "\r\n"
          "iso-8859-1\r\n"
          "--AaB03x\r\n"
          "content-disposition: form-data; name=\"field1\"\r\n"
          "\r\n"
          "...text encoded in iso-8859-1 ... \xE4\r\n"
          "--AaB03x--",
          "[_charset_|NULL|NULL=iso-8859-1]"
          "[field1|NULL|NULL=...text encoded in iso-8859-1 ... \xE4]");
    check(TYPE "\"simple boundary\"",
          "This is the preamble.  It is to be ignored, though it\r\n"
          "is a handy place for composition agents to include an\r\n"
          "explanatory note to non-MIME conformant readers.\r\n"
          "\r\n"
          "--simple boundary\r\n" FIELD(
              "a") "This is implicitly typed plain US-ASCII text.\r\n"
                   "It does NOT end with a linebreak.\r\n"
                   "--simple boundary\r\n" CD
                   "name=b\r\nContent-type: text/plain; charset=us-ascii\r\n"
                   "\r\n"
                   "This is explicitly typed plain US-ASCII text.\r\n"
                   "It DOES end with a linebreak.\r\n"
                   "\r\n"
                   "--simple boundary--\r\n"
                   "\r\n"
                   "This is the epilogue.  It is also to be ignored.\r\n",
          "[a|NULL|NULL=This is implicitly typed plain US-ASCII text.\r\n"
          "It does NOT end with a linebreak.]"
          "[b|NULL|text/plain; charset=us-ascii="
          "This is explicitly typed plain US-ASCII text.\r\n"
          "It DOES end with a linebreak.\r\n]");
}

#define CHROME "----WebKitFormBoundary7MA4YWxkTrZu0gW"
#define FIREFOX "---------------------------9051914041544843365972754266"

/* A text, a file with quotes in its name, umlauts, an emoji, several files of
 * one field, a file input without a file. */
static void test_browsers(void **state)
{
    (void)state;
    check(TYPE CHROME,
          "--" CHROME "\r\n" FIELD(
              "text") "line 1\r\nline 2\r\n"
                      "--" CHROME "\r\n" CD
                      "name=\"file\"; filename=\"a %22b%22.txt\"\r\n"
                      "Content-Type: text/plain\r\n\r\ncontent\n\r\n"
                      "--" CHROME "\r\n" CD
                      "name=\"pic[]\"; filename=\"\xC3\xA4\xC3\xB6"
                      " \xF0\x9F\x98\x80.png\"\r\n"
                      "Content-Type: image/png\r\n\r\n\x89PNG\r\n\x1A\n\r\n"
                      "--" CHROME "\r\n" CD
                      "name=\"pic[]\"; filename=\"2.png\"\r\n"
                      "Content-Type: image/png\r\n\r\n\r\n"
                      "--" CHROME "\r\n" CD "name=\"none\"; filename=\"\"\r\n"
                      "Content-Type: application/octet-stream\r\n\r\n\r\n"
                      "--" CHROME "\r\n" FIELD("x%0D%0Ay") "\r\n"
                                                           "--" CHROME "--\r\n",
          "[text|NULL|NULL=line 1\r\nline 2]"
          "[file|a \"b\".txt|text/plain=content\n]"
          "[pic[]|\xC3\xA4\xC3\xB6 \xF0\x9F\x98\x80.png|image/png="
          "\x89PNG\r\n\x1A\n]"
          "[pic[]|2.png|image/png=]"
          "[none||application/octet-stream=]"
          "[x\r\ny|NULL|NULL=]");
    check(TYPE FIREFOX,
          "--" FIREFOX
          "\r\n" FIELD("text") "text default\r\n"
                               "--" FIREFOX "\r\n" CD
                               "name=\"f\"; filename=\"say \\\"hi\\\".html\""
                               "\r\nContent-Type: text/html\r\n\r\n"
                               "<!DOCTYPE html><title>--" FIREFOX "</title>\r\n"
                               "--" FIREFOX "\r\n" CD
                               "name=\"f\"; filename=\"C:\\docs\\x.txt\"\r\n"
                               "Content-Type: text/plain\r\n\r\na\xCF\x89"
                               "b\r\n"
                               "--" FIREFOX "--\r\n",
          "[text|NULL|NULL=text default]"
          "[f|say \"hi\".html|text/html=<!DOCTYPE html><title>--" FIREFOX
          "</title>]"
          "[f|x.txt|text/plain=a\xCF\x89"
          "b]");
    /* a form without fields */
    check(TYPE CHROME, "--" CHROME "--\r\n", "");
}

/* The names are those of python-multipart's test cases. */
static void test_checklist(void **state)
{
    static const struct {
        const char *name;
        const char *body;
        const char *wanted;
        hbr_multipart_e problem;
    } cases[] = {
        { "single_field",
          "--boundary\r\n" FIELD("field") "This is a test.\r\n--boundary--",
          "[field|NULL|NULL=This is a test.]", HBR_MULTIPART_OK },
        { "single_field_longer",
          "--boundary\r\n" FIELD("field") "qwertyuiopasdfghjklzxcvbnm "
                                          "qwertyuiopasdfghjklzxcvbnm\r\n"
                                          "--boundary--",
          "[field|NULL|NULL=qwertyuiopasdfghjklzxcvbnm "
          "qwertyuiopasdfghjklzxcvbnm]",
          HBR_MULTIPART_OK },
        { "single_field_blocks",
          "--boundary\r\n" FIELD("field") "0123456789ABCDEFGHIJ\r\n"
                                          "--boundary--",
          "[field|NULL|NULL=0123456789ABCDEFGHIJ]", HBR_MULTIPART_OK },
        { "single_field_with_leading_newlines",
          "\r\n\r\n--boundary\r\n" FIELD("field") "x\r\n--boundary--",
          "[field|NULL|NULL=x]", HBR_MULTIPART_OK },
        { "single_field_with_leading_newlines_and_text",
          "\r\nabc\r\n\r\n--boundary\r\n" FIELD("field") "x\r\n--boundary--",
          "[field|NULL|NULL=x]", HBR_MULTIPART_OK },
        { "single_field_with_trailer",
          "--boundary\r\n" FIELD("field") "x\r\n--boundary--\r\nThe end",
          "[field|NULL|NULL=x]", HBR_MULTIPART_OK },
        { "single_file",
          "--boundary\r\n" CD "name=\"file\"; filename=\"file.txt\"\r\n"
          "Content-Type: text/plain\r\n\r\ntest file\r\n--boundary--",
          "[file|file.txt|text/plain=test file]", HBR_MULTIPART_OK },
        { "single_field_single_file",
          "--boundary\r\n" FIELD(
              "field") "test1\r\n--boundary\r\n" CD
                       "name=\"file\"; filename=\"file.txt\"\r\n"
                       "Content-Type: text/plain\r\n\r\ntest2\r\n--boundary--",
          "[field|NULL|NULL=test1][file|file.txt|text/plain=test2]",
          HBR_MULTIPART_OK },
        { "multiple_fields",
          "--boundary\r\n" FIELD("f1") "one\r\n--boundary\r\n" FIELD(
              "f2") "two\r\n--boundary--",
          "[f1|NULL|NULL=one][f2|NULL|NULL=two]", HBR_MULTIPART_OK },
        { "multiple_files",
          "--boundary\r\n" CD "name=\"a\"; filename=\"1\"\r\n\r\nF1\r\n"
          "--boundary\r\n" CD "name=\"a\"; filename=\"2\"\r\n\r\nF2\r\n"
          "--boundary--",
          "[a|1|NULL=F1][a|2|NULL=F2]", HBR_MULTIPART_OK },
        { "utf8_filename",
          "--boundary\r\n" CD "name=\"file\"; filename=\"\xE3\x81\x82.txt\"\r\n"
          "\r\nx\r\n--boundary--",
          "[file|\xE3\x81\x82.txt|NULL=x]", HBR_MULTIPART_OK },
        { "case_insensitive_headers",
          "--boundary\r\nconTENt-dispositION: form-data; name=\"a\"\r\n"
          "cOntent-typE: x/y\r\n\r\nx\r\n--boundary--",
          "[a|NULL|x/y=x]", HBR_MULTIPART_OK },
        { "header_with_number",
          "--boundary\r\n" CD "name=\"files\"; filename=\"secret.txt\"\r\n"
          "Content-Type: text/plain; charset=utf-8\r\nX-Funky-Header-1: bar\r\n"
          "abcdefghijklmnopqrstuvwxyz01234: foo\r\n\r\naaaaaa\r\n--boundary--",
          "[files|secret.txt|text/plain; charset=utf-8=aaaaaa]",
          HBR_MULTIPART_OK },
        { "almost_match_boundary",
          "--boundary\r\n" FIELD("f") "a\r\n--boundaryX\r\n--boundar\r\n"
                                      "--boundary--",
          "[f|NULL|NULL=a\r\n--boundaryX\r\n--boundar]", HBR_MULTIPART_OK },
        { "almost_match_boundary_without_CR",
          "--boundary\r\n" FIELD("f") "a\n--boundary\r\n--boundary--",
          "[f|NULL|NULL=a\n--boundary]", HBR_MULTIPART_OK },
        { "almost_match_boundary_without_LF",
          "--boundary\r\n" FIELD("f") "a\r--boundary\r\n--boundary--",
          "[f|NULL|NULL=a\r--boundary]", HBR_MULTIPART_OK },
        { "almost_match_boundary_without_final_hyphen",
          "--boundary\r\n" FIELD("f") "a\r\n--boundary-\r\n--boundary--",
          "[f|NULL|NULL=a\r\n--boundary-]", HBR_MULTIPART_OK },
        { "empty_message", "--boundary--", "", HBR_MULTIPART_OK },
        { "empty_message_with_bad_end", "--boundary-X", "",
          HBR_MULTIPART_UNFINISHED },
        { "bad_initial_boundary",
          "--Boundary\r\n" FIELD("f") "x\r\n--Boundary--", "",
          HBR_MULTIPART_UNFINISHED },
        { "bad_end_of_headers",
          "--boundary\r\n" CD "name=\"f\"\r\n\rX\r\n--boundary--", "",
          HBR_MULTIPART_HEADER_CONTROL },
        { "bad_header_char",
          "--boundary\r\n" CD "name=\"f\"\r\nX-F@o: y\r\n\r\nx\r\n"
          "--boundary--",
          "", HBR_MULTIPART_HEADER_SYNTAX },
        { "CR_in_header",
          "--boundary\r\nContent-\rDisposition: form-data; name=\"f\"\r\n\r\nx"
          "\r\n--boundary--",
          "", HBR_MULTIPART_HEADER_CONTROL },
        { "CR_in_header_value",
          "--boundary\r\n" CD "name=\"f\"\rX\r\n\r\nx\r\n--boundary--", "",
          HBR_MULTIPART_HEADER_CONTROL },
        { "empty_header",
          "--boundary\r\n: form-data; name=\"f\"\r\n\r\nx\r\n--boundary--", "",
          HBR_MULTIPART_HEADER_SYNTAX },
        { "base64_encoding",
          "--boundary\r\n" CD "name=\"f\"\r\n"
          "Content-Transfer-Encoding: base64\r\n\r\neA==\r\n--boundary--",
          "", HBR_MULTIPART_ENCODING },
        { "quoted_printable_encoding",
          "--boundary\r\n" CD "name=\"f\"\r\nContent-Transfer-Encoding: "
          "quoted-printable\r\n\r\nx=3D\r\n--boundary--",
          "", HBR_MULTIPART_ENCODING },
        { "mixed_plain_and_base64_encoding",
          "--boundary\r\n" FIELD("a") "x\r\n--boundary\r\n" CD "name=\"f\"\r\n"
                                      "Content-Transfer-Encoding: "
                                      "base64\r\n\r\neA==\r\n--boundary--",
          "[a|NULL|NULL=x]", HBR_MULTIPART_ENCODING },
        { "unknown_encoding",
          "--boundary\r\n" CD "name=\"f\"\r\n"
          "Content-Transfer-Encoding: foobar\r\n\r\nx\r\n--boundary--",
          "", HBR_MULTIPART_ENCODING },
        { "preamble_mime_headers",
          "Content-Type: text/plain\r\nSubject: x\r\n\r\n--boundary\r\n" FIELD(
              "f") "x\r\n--boundary--",
          "[f|NULL|NULL=x]", HBR_MULTIPART_OK },
        { "crlf_dense_part_data",
          "--boundary\r\n" FIELD("f") "\r\n\r\n\r\n\r\n\r\r\r\n\n\n\r\n"
                                      "--boundary--",
          "[f|NULL|NULL=\r\n\r\n\r\n\r\n\r\r\r\n\n\n]", HBR_MULTIPART_OK },
        /* and what they have no name for */
        { "empty_part", "--boundary\r\n" FIELD("f") "\r\n--boundary--",
          "[f|NULL|NULL=]", HBR_MULTIPART_OK },
        { "no_body", "--boundary\r\n" FIELD("f") "--boundary--",
          "[f|NULL|NULL=]", HBR_MULTIPART_OK },
        { "no_body_then_part",
          "--boundary\r\n" FIELD("f") "--boundary\r\n" FIELD(
              "g") "x"
                   "\r\n--boundary--",
          "[f|NULL|NULL=][g|NULL|NULL=x]", HBR_MULTIPART_OK },
        { "looks_like_no_body",
          "--boundary\r\n" FIELD("f") "--boundar\r\n--boundary--",
          "[f|NULL|NULL=--boundar]", HBR_MULTIPART_OK },
        { "padded_boundary",
          "--boundary \t\r\n" FIELD("f") "x\r\n--boundary  \r\n" FIELD(
              "g") "y\r\n--boundary--  \r\n",
          "[f|NULL|NULL=x][g|NULL|NULL=y]", HBR_MULTIPART_OK },
        { "parts_behind_the_end",
          "--boundary\r\n" FIELD("f") "x\r\n--boundary--\r\n--"
                                      "boundary\r\n" FIELD(
                                          "g") "y\r\n--boundary--\r\n",
          "[f|NULL|NULL=x]", HBR_MULTIPART_OK },
        { "same_names",
          "--boundary\r\n" FIELD("f") "1\r\n--boundary\r\n" FIELD(
              "g") "2\r\n--boundary\r\n" FIELD("f") "3\r\n--boundary--",
          "[f|NULL|NULL=1][g|NULL|NULL=2][f|NULL|NULL=3]", HBR_MULTIPART_OK },
        { "empty_header_block", "--boundary\r\n\r\nx\r\n--boundary--", "",
          HBR_MULTIPART_DISPOSITION },
        { "two_boundaries",
          "--boundary\r\n--boundary\r\n" FIELD("f") "x\r\n--boundary--", "",
          HBR_MULTIPART_HEADER_SYNTAX },
        { "attachment",
          "--boundary\r\nContent-Disposition: attachment; name=f\r\n\r\nx\r\n"
          "--boundary--",
          "", HBR_MULTIPART_DISPOSITION },
        { "nested",
          "--boundary\r\n" CD "name=f\r\nContent-Type: multipart/mixed; "
          "boundary=b\r\n\r\n--b--\r\n--boundary--",
          "", HBR_MULTIPART_NESTED },
        { "nothing", "", "", HBR_MULTIPART_UNFINISHED },
        { "preamble_only", "x\r\n", "", HBR_MULTIPART_UNFINISHED },
        { "ends_in_boundary", "--boundary", "", HBR_MULTIPART_UNFINISHED },
        { "ends_behind_boundary", "--boundary\r\n" FIELD("f") "x\r\n--boundary",
          "[f|NULL|NULL=x", HBR_MULTIPART_UNFINISHED },
        { "ends_behind_line", "--boundary\r\n" FIELD("f") "x\r\n--boundary\r\n",
          "[f|NULL|NULL=x]", HBR_MULTIPART_UNFINISHED },
        { "ends_in_hyphen", "--boundary\r\n" FIELD("f") "x\r\n--boundary-",
          "[f|NULL|NULL=x", HBR_MULTIPART_UNFINISHED },
        { "ends_in_header", "--boundary\r\nContent-Disp", "",
          HBR_MULTIPART_UNFINISHED },
        { "ends_in_data", "--boundary\r\n" FIELD("f") "x\r\ny\r",
          "[f|NULL|NULL=x\r\ny", HBR_MULTIPART_UNFINISHED },
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++)
        check_with(TYPE "boundary", &usual, cases[i].body, cases[i].problem,
                   cases[i].wanted);
}

/* Data may hold anything, a NUL too. */
static void test_every_byte(void **state)
{
    char body[600], wanted[600];
    size_t head, i;

    (void)state;
    head = (size_t)snprintf(body, sizeof(body), "--b\r\n" FIELD("f"));
    for (i = 0; i < 256; i++)
        body[head + i] = (char)i;
    memcpy(body + head + 256, "\r\n--b--", 7);
    memcpy(wanted, "[f|NULL|NULL=", 13);
    memcpy(wanted + 13, body + head, 256);
    wanted[269] = ']';
    for (i = 0; i <= head + 263; i++) {
        hbr_multipart_t parser;
        seen_t seen = { .length = 0 };

        hbr_multipart_open(&parser, pool, TYPE "b", &usual, &calls, &seen);
        assert_int_equal(feed_pieces(&parser, &seen, body, head + 263, i, 600),
                         APR_SUCCESS);
        assert_int_equal(seen.length, 270);
        assert_memory_equal(seen.text, wanted, 270);
    }
}

/* RFC 2046 5.1.1: the boundary parameter. */
static void test_boundary(void **state)
{
    static const struct {
        const char *type;
        hbr_multipart_e problem;
    } cases[] = {
        { TYPE "b", HBR_MULTIPART_OK },
        { TYPE "\"b\"", HBR_MULTIPART_OK },
        { TYPE "\"\\b\"; charset=utf-8", HBR_MULTIPART_OK },
        { "multipart/form-data; charset=utf-8; BOUNDARY=b", HBR_MULTIPART_OK },
        { NULL, HBR_MULTIPART_BOUNDARY_MISSING },
        { "multipart/form-data", HBR_MULTIPART_BOUNDARY_MISSING },
        { "multipart/form-data; charset=utf-8",
          HBR_MULTIPART_BOUNDARY_MISSING },
        { TYPE "b; boundary=b", HBR_MULTIPART_BOUNDARY_TWICE },
        { TYPE, HBR_MULTIPART_BOUNDARY_INVALID },
        { TYPE "\"\"", HBR_MULTIPART_BOUNDARY_INVALID },
        { TYPE "\"b \"", HBR_MULTIPART_BOUNDARY_INVALID },
        { TYPE "b!", HBR_MULTIPART_BOUNDARY_INVALID },
        { TYPE "\"b\tb\"", HBR_MULTIPART_BOUNDARY_INVALID },
        { TYPE "\"b\"b", HBR_MULTIPART_BOUNDARY_INVALID },
        { TYPE "b, text/plain", HBR_MULTIPART_BOUNDARY_INVALID },
        { TYPE "1234567890123456789012345678901234567890"
               "1234567890123456789012345678901",
          HBR_MULTIPART_BOUNDARY_INVALID },
    };
    static const char seventy[] = "1234567890123456789012345678901234567890"
                                  "123456789012345678901234567890";
    char type[200], body[200];
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++)
        check_with(cases[i].type, &usual, "--b\r\n" FIELD("f") "x\r\n--b--",
                   cases[i].problem,
                   cases[i].problem == HBR_MULTIPART_OK ? "[f|NULL|NULL=x]"
                                                        : "");
    snprintf(type, sizeof(type), TYPE "%s", seventy);
    snprintf(body, sizeof(body), "--%s\r\n" FIELD("f") "x\r\n--%s--", seventy,
             seventy);
    check(type, body, "[f|NULL|NULL=x]");
}

static void test_limits(void **state)
{
    static const char body[] = "12345\r\n--b\r\n" FIELD(
        "f") "x\r\n--b\r\n" FIELD("g") "y\r\n--b--123456";
    static const char all[] = "[f|NULL|NULL=x][g|NULL|NULL=y]";
    hbr_multipart_limits_t limits = usual;

    (void)state;
    limits.parts = 2;
    limits.outside_bytes = 6;
    limits.header_fields = 1;
    limits.name_bytes = 1;
    check_with(TYPE "b", &limits, body, HBR_MULTIPART_OK, all);
    limits.outside_bytes = 5;
    check_with(TYPE "b", &limits, body, HBR_MULTIPART_EPILOGUE, all);
    limits.outside_bytes = 4;
    check_with(TYPE "b", &limits, body, HBR_MULTIPART_PREAMBLE, "");
    limits.outside_bytes = 6;
    limits.parts = 1;
    check_with(TYPE "b", &limits, body, HBR_MULTIPART_PARTS, "[f|NULL|NULL=x]");
    limits.parts = 0;
    check_with(TYPE "b", &limits, body, HBR_MULTIPART_PARTS, "");
    limits.parts = 2;
    limits.name_bytes = 0;
    check_with(TYPE "b", &limits, body, HBR_MULTIPART_NAME, "");
    limits.name_bytes = 1;
    limits.header_fields = 0;
    check_with(TYPE "b", &limits, body, HBR_MULTIPART_HEADER_FIELDS, "");
    limits.header_fields = 1;
    limits.header_bytes = strlen(FIELD("f")) - 1;
    check_with(TYPE "b", &limits, body, HBR_MULTIPART_HEADER_BYTES, "");
    limits.header_bytes++;
    check_with(TYPE "b", &limits, body, HBR_MULTIPART_OK, all);
}

/* A callback that fails is the last one, and what it returned is returned. */
static void test_callback_fails(void **state)
{
    static const char body[] =
        "--b\r\n" FIELD("f") "x\r\n--b\r\n" FIELD("g") "y\r\n--b--\r\n";
    int fail_at, step;

    (void)state;
    for (fail_at = 1; fail_at <= 6; fail_at++) {
        for (step = 1; step <= (int)sizeof(body); step++) {
            hbr_multipart_t parser;
            seen_t seen = { .fail_at = fail_at };

            hbr_multipart_open(&parser, pool, TYPE "b", &usual, &calls, &seen);
            assert_int_equal(feed_pieces(&parser, &seen, body, strlen(body), 0,
                                         (apr_size_t)step),
                             FAILURE);
            assert_int_equal(seen.calls, fail_at);
            assert_int_equal(parser.problem, HBR_MULTIPART_OK);
            assert_int_equal(hbr_multipart_feed(&parser, "x", 1), FAILURE);
        }
    }
}

/* What a callback returned is not hidden by a limit that is reached then. */
static void test_callback_first(void **state)
{
    hbr_multipart_limits_t limits = usual;
    seen_t seen = { .fail_at = 3 };
    hbr_multipart_t parser;

    (void)state;
    limits.parts = 1;
    hbr_multipart_open(&parser, pool, TYPE "b", &limits, &calls, &seen);
    assert_int_equal(
        feed_pieces(&parser, &seen, "--b\r\n" FIELD("f") "x\r\n--b\r\n",
                    strlen("--b\r\n" FIELD("f") "x\r\n--b\r\n"), 0, 1000),
        FAILURE);
    assert_int_equal(parser.problem, HBR_MULTIPART_OK);
}

/* Counts what came, without keeping it. */
typedef struct flood_t {
    apr_size_t bytes, data_calls, parts, elsewhere;
    const char *piece, *piece_end;
} flood_t;

static apr_status_t flood_part(void *arg, const hbr_part_t *part)
{
    (void)part;
    ((flood_t *)arg)->parts++;
    return APR_SUCCESS;
}

static apr_status_t flood_data(void *arg, const char *bytes, apr_size_t length)
{
    flood_t *flood = arg;

    flood->bytes += length;
    flood->data_calls++;
    if (bytes < flood->piece || bytes >= flood->piece_end)
        flood->elsewhere += length;
    return APR_SUCCESS;
}

static apr_status_t flood_end(void *arg)
{
    (void)arg;
    return APR_SUCCESS;
}

static const hbr_multipart_calls_t flood_calls = { flood_part, flood_data,
                                                   flood_end };

#define MEGABYTES 10
#define PIECE 8000
#define SECONDS 5

static void flood_with(const char *boundary, const char *again)
{
    const apr_size_t size = MEGABYTES * 1024 * 1024;
    apr_size_t period = strlen(again);
    char *data = malloc(size);
    flood_t flood = { 0 };
    hbr_multipart_t parser;
    char text[512];
    apr_size_t at, i;
    clock_t begun;

    for (i = 0; i < size; i++)
        data[i] = again[i % period];
    begun = clock();
    snprintf(text, sizeof(text), TYPE "%s", boundary);
    hbr_multipart_open(&parser, pool, text, &usual, &flood_calls, &flood);
    snprintf(text, sizeof(text), "--%s\r\n" FIELD("f"), boundary);
    hbr_multipart_feed(&parser, text, strlen(text));
    for (at = 0; at < size; at += PIECE) {
        apr_size_t length = PIECE < size - at ? PIECE : size - at;

        flood.piece = data + at;
        flood.piece_end = data + at + length;
        assert_int_equal(hbr_multipart_feed(&parser, data + at, length),
                         APR_SUCCESS);
    }
    /* behind a byte that ends whatever the flood ends in */
    snprintf(text, sizeof(text), ".\r\n--%s--", boundary);
    hbr_multipart_feed(&parser, text, strlen(text));
    free(data);
    assert_int_equal(hbr_multipart_close(&parser), APR_SUCCESS);
    assert_int_equal(flood.bytes, size + 1);
    assert_int_equal(flood.parts, 1);
    /* What one piece holds, and the rest, which is not copied. */
    assert_true(flood.data_calls <= 2 * (size / PIECE + 2));
    assert_true(flood.elsewhere
                <= (size / PIECE + 2) * sizeof(parser.boundary.text));
    if ((clock() - begun) / CLOCKS_PER_SEC >= SECONDS)
        fail_msg("%d MB of \"%s\" took more than %d s", MEGABYTES, again,
                 SECONDS);
}

/* Line ends and what looks like a boundary are as cheap as anything else. */
static void test_floods(void **state)
{
    static const char *const floods[] = { "\r\n",
                                          "\r",
                                          "\r\n--boundar",
                                          "\r\n--boundaryx",
                                          "\r\n--boundary    x",
                                          "\r\n--boundary-",
                                          "\r\n--",
                                          "x" };
    char longest[HBR_BOUNDARY_MAX + 1];
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(floods); i++)
        flood_with("boundary", floods[i]);
    memset(longest, 'a', HBR_BOUNDARY_MAX);
    longest[HBR_BOUNDARY_MAX] = '\0';
    flood_with(longest, "a");
    flood_with("b", "\r\n--bx");
}

/* Many parts cost no memory but one header's. */
static void test_memory(void **state)
{
    static const char part[] = "\r\n--b\r\n" FIELD("a") "data";
    apr_size_t before = palloc_live();
    flood_t flood = { 0 };
    hbr_multipart_t parser;
    int i;

    (void)state;
    hbr_multipart_open(&parser, pool, TYPE "b", &usual, &flood_calls, &flood);
    for (i = 0; i < 1000; i++)
        hbr_multipart_feed(&parser, part, sizeof(part) - 1);
    hbr_multipart_feed(&parser, "\r\n--b--", 7);
    assert_int_equal(hbr_multipart_close(&parser), APR_SUCCESS);
    assert_int_equal(flood.parts, 1000);
    assert_int_equal(flood.bytes, 4000);
    assert_true(palloc_live() - before < 1024);
}

MAIN(POOL_TEST(test_standards), POOL_TEST(test_browsers),
     POOL_TEST(test_checklist), POOL_TEST(test_every_byte),
     POOL_TEST(test_boundary), POOL_TEST(test_limits),
     POOL_TEST(test_callback_fails), POOL_TEST(test_callback_first),
     POOL_TEST(test_floods), POOL_TEST(test_memory))
