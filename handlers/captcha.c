/*
 * captcha: digits that a person reads or hears, and a program hardly does.
 *
 *     SetHandler captcha
 *
 *     GET  /captcha          a page with all of it, to look at
 *     GET  /captcha/picture  new digits, as PNG; the ones before are void
 *     GET  /captcha/sound    the same digits, spoken
 *     POST /captcha          their check; field "code"
 *
 * A page of another handler's shows the picture in the same way; that handler
 * then asks hbr_session_time(ctx, "captcha-passed", 0) when this client was
 * right at last, and removes it.
 *
 * The session holds a random number and the shared cache the digits under it,
 * for so long as the option "life" says. A check takes them out, right or wrong:
 * each code can be tried once, by one request, on one machine of all. An old
 * cookie that is sent again names a code that is gone.
 *
 * Threads: an instance is one request's at a time; see shared/picture.h.
 */
#include <stdlib.h>
#include <string.h>

#include <apr_escape.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <jansson.h>

#include "handlerbridge.h"
#include "shared/chance.h"
#include "shared/picture.h"
#include "shared/scrawl.h"
#include "shared/spoken.h"

#define ID "captcha"
#define PASSED "captcha-passed"
#define DIGITS_MAX 10
#define ID_BYTES 16

typedef struct rules_t {
    int64_t digits;
    int64_t life;
} rules_t;

static const hbr_input_t options[] = {
    HBR_INT(rules_t, digits, "digits", .min = 4, .max = DIGITS_MAX,
            .fallback = 6, .help = "how many there are to read"),
    HBR_INT(rules_t, life, "life", .min = 30, .max = 3600, .fallback = 300,
            .help = "seconds for which a code may be tried"),
    HBR_INPUTS_END
};

/* ---- the code ----------------------------------------------------------- */

/* Each digit is as likely as any other: 250 is the largest multiple of ten that
 * a byte holds. */
static apr_status_t make_digits(char *digits, size_t count)
{
    size_t made = 0;

    while (made < count) {
        unsigned char byte;
        apr_status_t status = apr_generate_random_bytes(&byte, 1);

        if (status != APR_SUCCESS)
            return status;
        if (byte < 250)
            digits[made++] = (char)('0' + byte % 10);
    }
    digits[count] = '\0';
    return APR_SUCCESS;
}

static const char *make_id(apr_pool_t *pool)
{
    unsigned char bytes[ID_BYTES];

    if (apr_generate_random_bytes(bytes, sizeof(bytes)) != APR_SUCCESS)
        return NULL;
    return apr_pescape_hex(pool, bytes, sizeof(bytes), 0);
}

static int unavailable(hbr_context_t *ctx)
{
    hbr_header_set(ctx, "Retry-After", "5");
    return hbr_error(ctx, 503, "There is no captcha at the moment.");
}

static int new_code(hbr_context_t *ctx, const char **code)
{
    const rules_t *rules = ctx->options;
    char *digits = apr_palloc(ctx->pool, DIGITS_MAX + 1);
    const char *id = make_id(ctx->pool);
    const char *before = hbr_session(ctx, ID, NULL);

    if (id == NULL
        || make_digits(digits, (size_t)rules->digits) != APR_SUCCESS) {
        hbr_log(ctx, HBR_LOG_ERROR, "the system has no random bytes");
        return hbr_error(ctx, 500, NULL);
    }
    if (before != NULL)
        hbr_cache_remove(ctx, before);
    if (hbr_cache_set(ctx, id, digits, strlen(digits), HBR_FOR(rules->life))
        != APR_SUCCESS)
        return unavailable(ctx);
    *code = digits;
    return hbr_session_set(ctx, ID, id);
}

/* The code that the client was shown; a new one when there is none. */
static int same_code(hbr_context_t *ctx, const char **code)
{
    const char *id = hbr_session(ctx, ID, NULL);
    hbr_cached_t digits;

    if (id != NULL && hbr_cache_get(ctx, id, &digits) == APR_SUCCESS) {
        *code = digits.data;
        return HBR_OK;
    }
    return new_code(ctx, code);
}

/* People put blanks between digits. */
static bool is_same(const char *given, const hbr_cached_t *code)
{
    const char *digits = code->data;
    size_t at = 0;

    for (; *given != '\0'; given++) {
        if (*given == ' ')
            continue;
        if (at == code->length || *given != digits[at])
            return false;
        at++;
    }
    return at == code->length;
}

static int check(hbr_context_t *ctx, bool *passed)
{
    const char *given = hbr_form(ctx, "code", "");
    const char *id = hbr_session(ctx, ID, NULL);
    hbr_cached_t code;
    apr_status_t status;

    *passed = false;
    if (id == NULL)
        return HBR_OK;
    status = hbr_cache_take(ctx, id, &code);
    if (status != APR_SUCCESS && status != APR_NOTFOUND)
        return unavailable(ctx);
    *passed = status == APR_SUCCESS && is_same(given, &code);
    if (*passed)
        hbr_session_set_time(ctx, PASSED, hbr_request_time(ctx));
    return hbr_session_remove(ctx, ID);
}

/* ---- picture and sound -------------------------------------------------- */

static int begin_chance(hbr_context_t *ctx, chance_t *chance)
{
    unsigned char *bytes = (unsigned char *)&chance->state;

    if (apr_generate_random_bytes(bytes, sizeof(chance->state)) != APR_SUCCESS)
        return hbr_error(ctx, 500, NULL);
    chance->state |= 1;
    return HBR_OK;
}

static int send_picture(hbr_context_t *ctx)
{
    static const PangoColor paper = { 0xf000, 0xf000, 0xf000 };
    chance_t chance;
    scrawl_t scrawl = { .chance = &chance };
    picture_t picture = { .format = PICTURE_PNG,
                          .height = SCRAWL_HEIGHT,
                          .background = &paper,
                          .draw = scrawl_draw,
                          .data = &scrawl };
    int rc = new_code(ctx, &scrawl.digits);

    if (rc == HBR_OK)
        rc = begin_chance(ctx, &chance);
    if (rc != HBR_OK)
        return rc;
    picture.width = scrawl_width(scrawl.digits);
    return picture_send(ctx, &picture, NULL);
}

static int send_sound(hbr_context_t *ctx)
{
    hbr_content_t about = { .type = "audio/wav", .release = free };
    bytes_t bytes = { NULL, 0, 0 };
    const char *digits;
    chance_t chance;
    int rc = same_code(ctx, &digits);

    if (rc == HBR_OK)
        rc = begin_chance(ctx, &chance);
    if (rc != HBR_OK)
        return rc;
    if (!spoken_wav(&bytes, digits, &chance)) {
        free(bytes.data);
        return hbr_error(ctx, 500, NULL);
    }
    return hbr_bytes(ctx, bytes.data, bytes.length, &about);
}

/* ---- the page ----------------------------------------------------------- */

static const char style[] =
    "body{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:30rem;"
    "padding:0 1rem}img,audio{display:block;max-width:100%;margin:.5rem 0}"
    "input,button{font:inherit;padding:.4rem}:root{color-scheme:light dark}";

/* Links go out from the folder the page lies in. */
static const char *last_segment(hbr_context_t *ctx)
{
    return hbr_url_escape(ctx->pool, strrchr(ctx->uri, '/') + 1);
}

static int begin_page(hbr_context_t *ctx, const char *heading)
{
    const char *mark = make_id(ctx->pool);

    if (mark == NULL)
        return hbr_error(ctx, 500, NULL);
    hbr_type(ctx, "text/html; charset=utf-8");
    hbr_header_set(ctx, "Content-Security-Policy",
                   apr_pstrcat(ctx->pool,
                               "default-src 'none'; img-src 'self'; "
                               "media-src 'self'; form-action 'self'; "
                               "base-uri 'none'; frame-ancestors 'none'; "
                               "style-src 'nonce-",
                               mark, "'", NULL));
    hbr_html(ctx,
             "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
             "<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width\">\n"
             "<title>%s</title>\n<style nonce=\"%s\">",
             heading, mark);
    hbr_puts(ctx, style);
    hbr_html(ctx, "</style>\n</head>\n<body>\n<main>\n<h1>%s</h1>\n", heading);
    return HBR_OK;
}

static int send_form(hbr_context_t *ctx, const char *heading)
{
    const char *self = last_segment(ctx);
    const rules_t *rules = ctx->options;
    int rc = begin_page(ctx, heading);

    if (rc != HBR_OK)
        return rc;
    hbr_html(ctx,
             "<form method=\"post\" action=\"%s\">\n"
             "<img src=\"%s/picture\" height=\"%d\" alt=\"A picture of %d "
             "digits. The player below speaks the same digits.\">\n"
             "<audio controls preload=\"none\" src=\"%s/sound\" "
             "aria-label=\"The digits, spoken\"></audio>\n"
             "<p><label for=\"code\">The %d digits that you see or hear</label>"
             "<br>\n<input id=\"code\" name=\"code\" inputmode=\"numeric\" "
             "autocomplete=\"off\" required maxlength=\"32\">\n"
             "<button>Check</button></p>\n</form>\n"
             "<p><a href=\"%s\">Other digits</a></p>\n"
             "</main>\n</body>\n</html>\n",
             self, self, SCRAWL_HEIGHT, (int)rules->digits, self,
             (int)rules->digits, self);
    return HBR_OK;
}

static int send_passed(hbr_context_t *ctx)
{
    int rc = begin_page(ctx, "That was right");

    if (rc == HBR_OK)
        hbr_puts(ctx, "</main>\n</body>\n</html>\n");
    return rc;
}

static int send_json(hbr_context_t *ctx, bool passed)
{
    return hbr_json(ctx, json_pack("{s:b}", "passed", (int)passed));
}

static int answer(hbr_context_t *ctx)
{
    static const char *const types[] = { "text/html", "application/json",
                                         NULL };
    bool passed;
    int rc = hbr_form_read(ctx);

    if (rc == HBR_OK)
        rc = check(ctx, &passed);
    if (rc != HBR_OK)
        return rc;
    hbr_status(ctx, passed ? 200 : 422);
    if (hbr_negotiate(ctx, types) == 1)
        return send_json(ctx, passed);
    return passed ? send_passed(ctx)
                  : send_form(ctx, "That was not right: please try these");
}

static int captcha(hbr_context_t *ctx)
{
    hbr_header_set(ctx, "Cache-Control", "no-store");
    if (strcmp(ctx->method, "POST") == 0)
        return ctx->path_info[0] == '\0' ? answer(ctx) : HBR_DECLINED;
    if (ctx->path_info[0] == '\0')
        return send_form(ctx, "Are you a person?");
    if (strcmp(ctx->path_info, "/picture") == 0)
        return send_picture(ctx);
    if (strcmp(ctx->path_info, "/sound") == 0)
        return send_sound(ctx);
    return HBR_DECLINED;
}

HBR_HANDLER(captcha, .process = captcha, .methods = "GET, POST",
            .summary = "digits that a person reads or hears, checked once",
            .options = options, .session = HBR_SESSION_WRITE, PICTURE_MAKER);
