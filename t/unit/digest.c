/*
 * SHA-256 by the examples of FIPS 180-4 and its validation suite.
 */
#include <stdio.h>

#include "support/pool.h"

#include "handlerbridge/digest.h"

static const char *digest_of(const char *bytes, apr_size_t length,
                             apr_size_t step)
{
    hbr_digest_t *digest = hbr_digest_create(pool);
    apr_size_t at;

    assert_non_null(digest);
    for (at = 0; at < length; at += step)
        hbr_digest_update(digest, bytes + at,
                          length - at < step ? length - at : step);
    return hbr_digest_end(digest);
}

/* In one piece and in pieces of every size. */
static void test_examples(void **state)
{
    static const struct {
        const char *text, *digest;
    } rows[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb924"
              "27ae41e4649b934ca495991b7852b855" },
        { "abc", "ba7816bf8f01cfea414140de5dae2223"
                 "b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
        { "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
          "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
          "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
    };
    apr_size_t i, step;

    (void)state;
    for (i = 0; i < ITEMS(rows); i++) {
        apr_size_t length = strlen(rows[i].text);

        for (step = 1; step <= length + 1; step++)
            assert_string_equal(digest_of(rows[i].text, length, step),
                                rows[i].digest);
    }
}

static void test_million(void **state)
{
    char *bytes = test_malloc(1000000);

    (void)state;
    memset(bytes, 'a', 1000000);
    assert_string_equal(
        digest_of(bytes, 1000000, 1000000),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    test_free(bytes);
}

/* NULs are bytes; two digests do not meddle. */
static void test_bytes(void **state)
{
    hbr_digest_t *one = hbr_digest_create(pool);
    hbr_digest_t *two = hbr_digest_create(pool);

    (void)state;
    hbr_digest_update(one, "\0", 1);
    hbr_digest_update(two, "ab", 2);
    hbr_digest_update(two, "", 0);
    hbr_digest_update(two, "c", 1);
    assert_string_equal(
        hbr_digest_end(one),
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    assert_string_equal(
        hbr_digest_end(two),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

MAIN(POOL_TEST(test_examples), POOL_TEST(test_million), POOL_TEST(test_bytes))
