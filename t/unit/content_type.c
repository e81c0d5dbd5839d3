/*
 * Content-Type of a request: RFC 9110 8.3.1, 5.6.4, 5.6.6.
 */
#include "support/pool.h"

#include "content_type.h"

static void test_is(void **state)
{
    static const struct {
        const char *field;
        bool form;
    } cases[] = {
        { "multipart/form-data", true },
        { "Multipart/Form-Data", true },
        { " multipart/form-data \t", true },
        { "multipart/form-data;boundary=b", true },
        { "multipart/form-data ; boundary=b", true },
        { "multipart/form-data;", true },
        { NULL, false },
        { "", false },
        { "multipart", false },
        { "multipart/", false },
        { "multipart/form", false },
        { "multipart/form-datax", false },
        { "multipart/form-data x", false },
        { "multipart/form-data, text/html", false },
        { "multipart /form-data", false },
        { "xmultipart/form-data", false },
        { "multipart/mixed; x=multipart/form-data", false },
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++)
        if (hbr_content_type_is(cases[i].field, "multipart/form-data")
            != cases[i].form)
            fail_msg("%s", cases[i].field);
}

static void test_parameter(void **state)
{
    static const struct {
        const char *field;
        hbr_parameter_e result;
        const char *value;
    } cases[] = {
        { "a/b; boundary=x", HBR_PARAMETER_OK, "x" },
        { "a/b;boundary=x", HBR_PARAMETER_OK, "x" },
        { " a/b \t;\tBOUNDARY=x ", HBR_PARAMETER_OK, "x" },
        { "a/b; boundary=\"x\"", HBR_PARAMETER_OK, "x" },
        { "a/b; boundary=\"x y\"", HBR_PARAMETER_OK, "x y" },
        { "a/b; boundary=\"\"", HBR_PARAMETER_OK, "" },
        { "a/b; boundary=\"\\x\\\"\\\\\"", HBR_PARAMETER_OK, "x\"\\" },
        { "a/b; boundary=\";a=b\"; c=d", HBR_PARAMETER_OK, ";a=b" },
        { "a/b; charset=utf-8; boundary=x", HBR_PARAMETER_OK, "x" },
        { "a/b; boundary=x; charset=utf-8", HBR_PARAMETER_OK, "x" },
        { "a/b;; boundary=x;", HBR_PARAMETER_OK, "x" },
        { "a/b; xboundary=y; boundary2=z; boundary=x", HBR_PARAMETER_OK, "x" },
        { "a/b; x=\"boundary=y\"; boundary=x", HBR_PARAMETER_OK, "x" },
        { "a/b; boundary*=utf-8''y; boundary=x", HBR_PARAMETER_OK, "x" },
        { "a/b; boundary=1234567", HBR_PARAMETER_OK, "1234567" },
        { "a/b; boundary=\"123456\\7\"", HBR_PARAMETER_OK, "1234567" },
        { NULL, HBR_PARAMETER_MISSING, "" },
        { "a/b", HBR_PARAMETER_MISSING, "" },
        { "a/b;", HBR_PARAMETER_MISSING, "" },
        { "a/b; charset=utf-8", HBR_PARAMETER_MISSING, "" },
        { "a/b; bound=x", HBR_PARAMETER_MISSING, "" },
        { "a/b; boundary=x; boundary=y", HBR_PARAMETER_TWICE, "" },
        { "a/b; boundary=x; Boundary=x", HBR_PARAMETER_TWICE, "" },
        { "a/b; boundary=x; a=b; boundary=x; boundary=x", HBR_PARAMETER_TWICE,
          "" },
        { "a/b; boundary=12345678", HBR_PARAMETER_LONG, "" },
        { "a/b; boundary=\"12345678\"", HBR_PARAMETER_LONG, "" },
        { "", HBR_PARAMETER_MALFORMED, "" },
        { "a", HBR_PARAMETER_MALFORMED, "" },
        { "a/; boundary=x", HBR_PARAMETER_MALFORMED, "" },
        { "/b; boundary=x", HBR_PARAMETER_MALFORMED, "" },
        { "a/b boundary=x", HBR_PARAMETER_MALFORMED, "" },
        { "a/b, boundary=x", HBR_PARAMETER_MALFORMED, "" },
        { "a/b; boundary", HBR_PARAMETER_MALFORMED, "" },
        { "a/b; boundary=", HBR_PARAMETER_MALFORMED, "" },
        { "a/b; boundary = x", HBR_PARAMETER_MALFORMED, "" },
        { "a/b; boundary=\"x", HBR_PARAMETER_MALFORMED, "" },
        { "a/b; boundary=x y", HBR_PARAMETER_MALFORMED, "" },
        { "a/b; boundary=x, c/d", HBR_PARAMETER_MALFORMED, "" },
        { "a/b; boundary=x; c", HBR_PARAMETER_MALFORMED, "" },
        { "a/b; boundary=x\x01", HBR_PARAMETER_MALFORMED, "" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        char value[8] = "?";
        hbr_parameter_e result = hbr_content_type_parameter(
            cases[i].field, "boundary", value, sizeof(value));

        if (result != cases[i].result || strcmp(value, cases[i].value) != 0)
            fail_msg("%s: %d \"%s\"", cases[i].field, (int)result, value);
    }
}

MAIN(cmocka_unit_test(test_is), cmocka_unit_test(test_parameter))
