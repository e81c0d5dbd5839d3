/*
 * Which file a URL path stands for: what is refused before the server is
 * asked, and what it answers.
 */
#include "support/main.h"
#include "support/serve.h"

static const char *path;

static int map(hbr_context_t *ctx)
{
    const char *file = "untouched";
    apr_status_t rv = hbr_map_path(ctx, path, &file);

    assert_int_equal(rv == APR_SUCCESS, file != NULL);
    if (rv == APR_SUCCESS)
        return hbr_text(ctx, "%s", file);
    return hbr_text(ctx, "%s",
                    rv == APR_EINVAL   ? "invalid"
                    : rv == APR_EACCES ? "forbidden"
                    : rv == APR_ENOENT ? "none"
                                       : "other");
}

static void test_paths(void **state)
{
    static const struct {
        const char *path, *shown;
    } rows[] = {
        { "/", "/srv/" },
        { "/a", "/srv/a" },
        { "/a b/c.png", "/srv/a b/c.png" },
        { "/a?b#c%2f", "/srv/a?b#c%2f" },
        { "/...", "/srv/..." },
        { "/..a", "/srv/..a" },
        { "/a../b", "/srv/a../b" },
        { "/a/./b", "/srv/a/./b" },
        { "/a//b", "/srv/a//b" },
        { "", "invalid" },
        { "a", "invalid" },
        { "./a", "invalid" },
        { "//host/a", "invalid" },
        { "http://host/a", "invalid" },
        { "/..", "invalid" },
        { "/../a", "invalid" },
        { "/a/..", "invalid" },
        { "/a/../b", "invalid" },
        { "/.../../b", "invalid" },
        { "/secret", "forbidden" },
        { "/secret/a", "forbidden" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        path = rows[i].path;
        assert_string_equal(SERVE(map, .document_root = "/srv",
                                  .forbidden = HEADERS("/other", "/secret"))
                                ->body,
                            rows[i].shown);
    }
    path = "/a";
    assert_string_equal(SERVE(map)->body, "none");
}

MAIN(SERVE_TEST(test_paths))
