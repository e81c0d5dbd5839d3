/*
 * A handler that does what bytes say: every function that writes or changes a
 * response, in any order, with any text.
 *
 * One thread; the counters are of the running request.
 */
#include "script.h"

#include <stdlib.h>
#include <unistd.h>

#include <jansson.h>

#include "getters.h"
#include "readers.h"

#define STEPS_MAX 64

static char file[] = "/tmp/hbr-fuzz-XXXXXX";
static bool asked[600];
static int given, released, deferred, ran;

const hbr_statement_t script_statements[] = {
    { "find", "SELECT name FROM people WHERE id = %lld" }, HBR_STATEMENTS_END
};

static void remove_file(void)
{
    unlink(file);
}

void script_setup(void)
{
    static const char text[] = "0123456789abcdefghijklmnopqrstuvwxyz\n";
    int fd = mkstemp(file);

    CHECK(fd >= 0);
    CHECK(write(fd, text, sizeof(text) - 1) == (ssize_t)sizeof(text) - 1);
    close(fd);
    atexit(remove_file);
}

void script_begin(void)
{
    memset(asked, 0, sizeof(asked));
    given = released = deferred = ran = 0;
}

bool script_returned(int status)
{
    return asked[status];
}

bool script_all_released(void)
{
    return given == released && deferred == ran;
}

static int ask(int status)
{
    if (status >= 0 && status < 600)
        asked[status] = true;
    return status;
}

/* 100 to 611: some of them are no status. */
static int read_status(fuzz_input_t *script)
{
    return ask((int)(fuzz_number(script, 2) & 511) + 100);
}

static void count_release(void *data)
{
    released++;
    free(data);
}

static void count_deferred(void *data)
{
    ++*(int *)data;
}

/* Twice as many bytes as the number says, so that buffers fill. */
static char *read_much(fuzz_input_t *script, apr_size_t *length)
{
    apr_size_t size = fuzz_byte(script) * 2;
    char *bytes = apr_palloc(pool, size + 1);

    memset(bytes, 'x', size);
    *length = size;
    return bytes;
}

static const hbr_content_t *read_about(fuzz_input_t *script)
{
    unsigned flags = fuzz_byte(script);
    hbr_content_t *about = apr_pcalloc(pool, sizeof(*about));

    if ((flags & 1) == 0)
        return NULL;
    about->type = flags & 2 ? fuzz_line(script) : NULL;
    about->filename = flags & 4 ? fuzz_line(script) : NULL;
    about->etag = flags & 8 ? fuzz_line(script) : NULL;
    about->disposition = flags & 16 ? HBR_INLINE : HBR_ATTACHMENT;
    about->last_modified =
        flags & 32 ? apr_time_from_sec((apr_time_t)fuzz_number(script, 4)) : 0;
    return about;
}

static int send_bytes(hbr_context_t *ctx, fuzz_input_t *script)
{
    unsigned kind = fuzz_byte(script) % 3;
    const hbr_content_t *told = read_about(script);
    hbr_content_t about = { .type = NULL };
    apr_size_t length;
    char *bytes = read_much(script, &length);

    if (told != NULL)
        about = *told;
    if (kind == 1) {
        about.ownership = HBR_REQUEST;
        bytes = apr_pmemdup(ctx->pool, bytes, length);
    }
    if (kind == 2) {
        about.release = count_release;
        bytes = memset(malloc(length + 1), 'y', length + 1);
        given++;
    }
    return hbr_bytes(ctx, bytes, length, kind == 0 ? told : &about);
}

/* data tells at which offset the source fails. */
static apr_status_t read_source(hbr_context_t *ctx, void *data,
                                apr_off_t offset, apr_size_t wanted,
                                const void **bytes, apr_size_t *length)
{
    apr_off_t fails_at = *(apr_off_t *)data;
    apr_size_t size = wanted < 100 ? wanted : 100;

    CHECK(wanted > 0 && offset >= 0);
    if (offset >= fails_at)
        return APR_EGENERAL;
    *bytes = memset(apr_palloc(ctx->pool, size), 'z', size);
    *length = size;
    CHECK(hbr_write(ctx, "no", 2) != APR_SUCCESS);
    return APR_SUCCESS;
}

static int send_source(hbr_context_t *ctx, fuzz_input_t *script)
{
    apr_off_t *fails_at = apr_palloc(ctx->pool, sizeof(*fails_at));
    hbr_source_t source = { .read = read_source, .data = fails_at };

    source.length = (apr_off_t)(fuzz_byte(script) * 16);
    *fails_at = (apr_off_t)(fuzz_byte(script) * 32);
    return hbr_source(ctx, &source, read_about(script));
}

static int send_file(hbr_context_t *ctx, fuzz_input_t *script)
{
    static const char *const paths[] = { file, file, "/tmp", "/no/such" };

    return ask(hbr_file(ctx, paths[fuzz_byte(script) % 4], read_about(script)));
}

static int send_json(hbr_context_t *ctx, fuzz_input_t *script)
{
    return hbr_json(ctx, json_pack("{s:s?}", "text", fuzz_line(script)));
}

static int write_much(hbr_context_t *ctx, fuzz_input_t *script)
{
    apr_size_t length;
    char *bytes = read_much(script, &length);

    hbr_write(ctx, bytes, length);
    return HBR_OK;
}

static int set_field(hbr_context_t *ctx, fuzz_input_t *script)
{
    unsigned how = fuzz_byte(script) % 3;
    const char *name = fuzz_line(script);

    if (how == 0)
        hbr_header_set(ctx, name, fuzz_line(script));
    else if (how == 1)
        hbr_header_add(ctx, name, fuzz_line(script));
    else
        hbr_header_unset(ctx, name);
    return HBR_OK;
}

static int set_cookie(hbr_context_t *ctx, fuzz_input_t *script)
{
    hbr_cookie_t cookie = { .max_age = (int64_t)fuzz_byte(script) - 128 };

    cookie.name = fuzz_line(script);
    cookie.value = fuzz_line(script);
    cookie.path = fuzz_field(script);
    cookie.domain = fuzz_field(script);
    hbr_cookie_set(ctx, &cookie);
    return HBR_OK;
}

static int set_tag(hbr_context_t *ctx, fuzz_input_t *script)
{
    bool weak = fuzz_byte(script) % 2 != 0;

    hbr_etag(ctx, fuzz_line(script), weak);
    return HBR_OK;
}

static int set_date(hbr_context_t *ctx, fuzz_input_t *script)
{
    hbr_last_modified(ctx,
                      apr_time_from_sec((apr_time_t)fuzz_number(script, 4)));
    return HBR_OK;
}

static int set_status(hbr_context_t *ctx, fuzz_input_t *script)
{
    hbr_status(ctx, read_status(script));
    return HBR_OK;
}

static int redirect(hbr_context_t *ctx, fuzz_input_t *script)
{
    static const int statuses[] = { 0, 301, 302, 303, 307, 308, 200, 99 };
    int status = statuses[fuzz_byte(script) % 8];

    return hbr_redirect(ctx, status, fuzz_line(script));
}

static int fail(hbr_context_t *ctx, fuzz_input_t *script)
{
    int status = read_status(script);

    return hbr_error(ctx, status, "%s", fuzz_line(script));
}

static int ask_database(hbr_context_t *ctx, fuzz_input_t *script)
{
    hbr_rows_t *rows;
    int result = hbr_select(ctx, 0, HBR_VALUES(hbr_value_int(1)), &rows);

    (void)script;
    CHECK(result == 500); /* None is configured. */
    return HBR_OK;
}

static int check_conditions(hbr_context_t *ctx, fuzz_input_t *script)
{
    (void)script;
    return hbr_preconditions(ctx);
}

static int defer(hbr_context_t *ctx, fuzz_input_t *script)
{
    (void)script;
    deferred++;
    hbr_defer(ctx, count_deferred, &ran);
    return HBR_OK;
}

static int flush(hbr_context_t *ctx, fuzz_input_t *script)
{
    (void)script;
    hbr_flush(ctx);
    return HBR_OK;
}

static int clear(hbr_context_t *ctx, fuzz_input_t *script)
{
    (void)script;
    hbr_clear(ctx);
    return HBR_OK;
}

static int log_line(hbr_context_t *ctx, fuzz_input_t *script)
{
    hbr_log(ctx, HBR_LOG_INFO, "%s", fuzz_line(script));
    return HBR_OK;
}

static int set_type(hbr_context_t *ctx, fuzz_input_t *script)
{
    hbr_type(ctx, fuzz_line(script));
    return HBR_OK;
}

static int set_filename(hbr_context_t *ctx, fuzz_input_t *script)
{
    hbr_disposition(ctx, HBR_ATTACHMENT, fuzz_line(script));
    return HBR_OK;
}

static int write_text(hbr_context_t *ctx, fuzz_input_t *script)
{
    return hbr_text(ctx, "%s", fuzz_line(script));
}

static int write_line(hbr_context_t *ctx, fuzz_input_t *script)
{
    hbr_puts(ctx, fuzz_line(script));
    return HBR_OK;
}

static int write_format(hbr_context_t *ctx, fuzz_input_t *script)
{
    hbr_printf(ctx, "[%*s]", (int)fuzz_byte(script), fuzz_line(script));
    return HBR_OK;
}

static int write_html(hbr_context_t *ctx, fuzz_input_t *script)
{
    hbr_html(ctx, "<p title=\"%s\">%d %.3s</p>", fuzz_line(script), 42,
             hbr_url_escape(ctx->pool, ctx->path_info));
    return HBR_OK;
}

static int write_json_string(hbr_context_t *ctx, fuzz_input_t *script)
{
    hbr_json_string(ctx, fuzz_line(script));
    return HBR_OK;
}

static int end_with(hbr_context_t *ctx, fuzz_input_t *script)
{
    (void)ctx;
    return read_status(script);
}

static int call_getters(hbr_context_t *ctx, fuzz_input_t *script)
{
    (void)script;
    getters_call(ctx);
    return HBR_OK;
}

static int decline(hbr_context_t *ctx, fuzz_input_t *script)
{
    (void)ctx;
    (void)script;
    return HBR_DECLINED;
}

typedef struct step_t {
    char letter;
    int (*run)(hbr_context_t *ctx, fuzz_input_t *script);
} step_t;

static const step_t steps[] = {
    { 'w', write_line },
    { 'W', write_much },
    { 'p', write_format },
    { 'h', write_html },
    { 'j', write_json_string },
    { 't', write_text },
    { 'J', send_json },
    { 'B', send_bytes },
    { 'F', send_file },
    { 'S', send_source },
    { 'f', flush },
    { 'c', clear },
    { 's', set_status },
    { 'T', set_type },
    { 'H', set_field },
    { 'k', set_cookie },
    { 'e', set_tag },
    { 'm', set_date },
    { 'd', set_filename },
    { 'r', redirect },
    { 'E', fail },
    { 'q', ask_database },
    { 'P', check_conditions },
    { 'D', defer },
    { 'l', log_line },
    { 'x', end_with },
    { 'X', decline },
    { 'g', call_getters },
    { 'o', readers_form },
    { 'u', readers_uploads },
    { 'b', readers_body },
    { 'y', readers_stream },
    { 'M', readers_parts },
    { 'n', readers_json },
};

static const step_t *find_step(unsigned byte)
{
    apr_size_t count = sizeof(steps) / sizeof(*steps);
    apr_size_t i;

    for (i = 0; i < count; i++)
        if ((unsigned char)steps[i].letter == byte)
            return &steps[i];
    return &steps[byte % count];
}

/* The last step's result is the handler's. A line end ends nothing, so that
 * seeds can be read. */
int script_run(hbr_context_t *ctx, fuzz_input_t *script)
{
    int result = HBR_OK;
    int count = 0;

    while (script->left > 0 && count < STEPS_MAX) {
        unsigned byte = fuzz_byte(script);

        if (byte == '\n')
            continue;
        result = find_step(byte)->run(ctx, script);
        count++;
    }
    return result;
}
