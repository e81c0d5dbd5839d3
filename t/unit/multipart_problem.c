/*
 * The sentences about multipart forms: each of them there, one sentence, with
 * the directive of the limit.
 */
#include "support/pool.h"

#include "multipart_problem.h"

static const hbr_multipart_limits_t limits = { .parts = 1,
                                               .header_bytes = 22,
                                               .header_fields = 1,
                                               .name_bytes = 44,
                                               .filename_bytes = 1,
                                               .outside_bytes = 66 };

static void test_every_problem(void **state)
{
    int problem;

    (void)state;
    for (problem = 1; problem <= HBR_MULTIPART_EPILOGUE; problem++) {
        const char *sentence = hbr_multipart_sentence(pool, problem, &limits);
        bool limit = problem >= HBR_MULTIPART_PARTS;
        const char *end = strstr(sentence, " (BridgeLimit");

        assert_true(strlen(sentence) > 20);
        assert_ptr_equal(strchr(sentence, '.'),
                         sentence + strlen(sentence) - 1);
        assert_int_equal(end != NULL, limit);
        assert_int_equal(hbr_multipart_status(problem), limit ? 413 : 400);
    }
    assert_null(hbr_multipart_sentence(pool, HBR_MULTIPART_OK, &limits));
    assert_int_equal(hbr_multipart_status(HBR_MULTIPART_OK), 0);
}

static void test_limits(void **state)
{
    static const struct {
        hbr_multipart_e problem;
        const char *sentence;
    } cases[] = {
        { HBR_MULTIPART_PARTS,
          "The form has more than 1 part (BridgeLimitParts)." },
        { HBR_MULTIPART_HEADER_BYTES, "The header of a part has more than 22 "
                                      "bytes (BridgeLimitPartHeader)." },
        { HBR_MULTIPART_HEADER_FIELDS, "The header of a part has more than 1 "
                                       "field (BridgeLimitPartFields)." },
        { HBR_MULTIPART_NAME, "The name of a field has more than 44 bytes "
                              "(BridgeLimitName)." },
        { HBR_MULTIPART_FILENAME, "The name of a file has more than 1 byte "
                                  "(BridgeLimitFileName)." },
        { HBR_MULTIPART_PREAMBLE, "Before the form's first part there is more "
                                  "than 66 bytes (BridgeLimitPreamble)." },
        { HBR_MULTIPART_EPILOGUE, "Behind the form's last part there is more "
                                  "than 66 bytes (BridgeLimitPreamble)." },
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++)
        assert_string_equal(
            hbr_multipart_sentence(pool, cases[i].problem, &limits),
            cases[i].sentence);
}

MAIN(POOL_TEST(test_every_problem), POOL_TEST(test_limits))
