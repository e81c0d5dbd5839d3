/*
 * A request's URL, read as httpd does: the query is kept as received, the path
 * is decoded, and path_info is what follows the mapping in it.
 *
 * The path is not normalised ("." and ".." stay): httpd's rules for that are
 * its own, and a test writes the path that it means.
 */
#include <string.h>

#include <apr_escape.h>
#include <apr_strings.h>

#include "kit.h"

static const char *first_segment(apr_pool_t *pool, const char *uri)
{
    return apr_pstrmemdup(pool, uri, 1 + strcspn(uri + 1, "/"));
}

static const char *after_mapping(const char *uri, const char *mapping)
{
    apr_size_t length = strlen(mapping);

    while (length > 0 && mapping[length - 1] == '/')
        length--;
    if (strncmp(uri, mapping, length) != 0
        || (uri[length] != '\0' && uri[length] != '/'))
        hbr_kit_fail("%s does not lie under the mapping %s", uri, mapping);
    return uri + length;
}

void hbr_kit_read_url(hbr_kit_run_t *run)
{
    const char *url = run->request->url;
    const char *question;
    char *path;

    if (url == NULL || url[0] != '/')
        hbr_kit_fail("a URL begins with a slash: %s", url ? url : "NULL");
    question = strchr(url, '?');
    path = apr_pstrmemdup(
        run->pool, url, question ? (apr_size_t)(question - url) : strlen(url));
    if (apr_unescape_url(path, path, APR_ESCAPE_STRING, NULL, NULL, 0, NULL)
        == APR_EINVAL)
        hbr_kit_fail("httpd refuses the path of %s", url);
    run->uri = path;
    run->args = question ? apr_pstrdup(run->pool, question + 1) : NULL;
    run->mapping = run->request->mapping;
    if (run->mapping == NULL)
        run->mapping = first_segment(run->pool, path);
    run->path_info = after_mapping(path, run->mapping);
}
