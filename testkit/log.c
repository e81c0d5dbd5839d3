/*
 * The kit's error log: lines are kept, by request.
 *
 * Invariant: lines live in the request's results, those of a child process in
 * the kit's, so they outlive the request. Any thread; kit->lock is for what is
 * the kit's.
 */
#include <string.h>

#include <apr_strings.h>

#include "kit.h"

static bool enabled(void *request, hbr_log_level_e level)
{
    const hbr_kit_run_t *run = request;

    return run == NULL || run->request->log_level == 0
           || level <= run->request->log_level;
}

void hbr_kit_open_log(hbr_kit_run_t *run)
{
    run->lines = apr_array_make(run->results, 4, sizeof(hbr_test_line_t));
    apr_thread_mutex_lock(run->kit->lock);
    run->kit->lines = run->lines;
    apr_thread_mutex_unlock(run->kit->lock);
}

static void write_line(void *request, hbr_log_level_e level,
                       apr_status_t status, const char *message)
{
    hbr_kit_run_t *run = request;
    hbr_test_t *kit = hbr_kit_of(request);
    apr_array_header_t *lines;
    hbr_test_line_t *line;

    if (!enabled(request, level))
        return;
    apr_thread_mutex_lock(kit->lock);
    lines = run != NULL ? run->lines : kit->child_lines;
    line = apr_array_push(lines);
    line->level = level;
    line->status = status;
    line->text = apr_pstrdup(lines->pool, message);
    apr_thread_mutex_unlock(kit->lock);
}

const hbr_host_log_t hbr_kit_log = { .enabled = enabled, .write = write_line };

static const hbr_test_line_t *find(const apr_array_header_t *lines,
                                   const char *part)
{
    const hbr_test_line_t *line = (const hbr_test_line_t *)lines->elts;
    int i;

    for (i = 0; i < lines->nelts; i++) {
        if (strstr(line[i].text, part) != NULL)
            return &line[i];
    }
    return NULL;
}

const hbr_test_line_t *hbr_test_logged(hbr_test_t *kit, const char *part)
{
    const hbr_test_line_t *line = find(kit->lines, part);

    return line != NULL ? line : find(kit->child_lines, part);
}
