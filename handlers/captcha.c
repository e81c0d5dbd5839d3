/*
 * captcha: digits that a person reads or hears, and a program hardly does.
 *
 *     SetHandler captcha
 *
 *     GET  /captcha          a page with all of it
 *     GET  /captcha/picture  the digits, as PNG
 *     GET  /captcha/sound    the same digits, spoken
 *     POST /captcha          their check; field "code"
 *
 * The session holds a random number, and the shared cache the code under it, for
 * so long as the option "life" says. A check takes it out, right or wrong: each
 * code can be tried once, by one request, on one machine of all. An old cookie
 * that is sent again names a code that is gone.
 *
 * Picture and sound of a code are the same however often they are fetched: who
 * fetches twice learns nothing more, a player may go on with a range, and a
 * prefetch or a HEAD costs nobody his code. With "?other" page and picture make
 * new digits, and so they do when half of the code's life is over.
 *
 * Who was right has two values in the session: "captcha-passed", the time, and
 * "captcha-pass", random. A session in a cookie can be sent again, so the handler
 * that asks for them spends the pass with hbr_cache_add(); docs/guide.md has the
 * lines.
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
#include "shared/asset.h"
#include "shared/page.h"
#include "shared/picture.h"
#include "shared/scrawl.h"
#include "shared/spoken.h"

#define ID "captcha"
#define PASSED "captcha-passed"
#define PASS "captcha-pass"
#define DIGITS_MAX 10
#define ID_BYTES 16
#define ID_LENGTH (2 * ID_BYTES)

typedef struct rules_t {
    int64_t digits;
    int64_t life;
    const char *next;
} rules_t;

/* What the cache holds, as it lies in memory. */
typedef struct code_t {
    uint64_t seed; /* of what varies in picture and sound */
    apr_time_t made;
    char digits[DIGITS_MAX + 1];
} code_t;

static const hbr_input_t options[] = {
    HBR_INT(rules_t, digits, "digits", .min = 4, .max = DIGITS_MAX,
            .fallback = 6, .help = "how many there are to read"),
    HBR_INT(rules_t, life, "life", .min = 30, .max = 3600, .fallback = 300,
            .help = "seconds for which a code may be tried"),
    HBR_STRING(rules_t, next, "next", .max = 1000,
               .help = "URL to which who was right is sent; left out: a page "
                       "says so"),
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

/* A session in a cookie that is not encrypted holds what the client likes. */
static const char *shown_id(hbr_context_t *ctx)
{
    const char *id = hbr_session(ctx, ID, NULL);

    return id != NULL && strlen(id) == ID_LENGTH ? id : NULL;
}

static int unavailable(hbr_context_t *ctx)
{
    hbr_header_set(ctx, "Retry-After", "5");
    return hbr_error(ctx, 503, "There is no captcha at the moment.");
}

static int no_chance(hbr_context_t *ctx)
{
    hbr_log(ctx, HBR_LOG_ERROR, "the system has no random bytes");
    return hbr_error(ctx, 500, NULL);
}

static int new_code(hbr_context_t *ctx, code_t *code)
{
    const rules_t *rules = ctx->options;
    const char *id = make_id(ctx->pool);
    const char *before = shown_id(ctx);

    memset(code, 0, sizeof(*code));
    code->made = hbr_request_time(ctx);
    if (id == NULL
        || apr_generate_random_bytes((unsigned char *)&code->seed,
                                     sizeof(code->seed))
               != APR_SUCCESS
        || make_digits(code->digits, (size_t)rules->digits) != APR_SUCCESS)
        return no_chance(ctx);
    if (before != NULL)
        hbr_cache_remove(ctx, before);
    if (hbr_cache_set(ctx, id, code, sizeof(*code), HBR_FOR(rules->life))
        != APR_SUCCESS)
        return unavailable(ctx);
    return hbr_session_set(ctx, ID, id);
}

/* Another version of this handler may have put it there. */
static bool read_code(const hbr_cached_t *value, code_t *code)
{
    if (value->length != sizeof(*code))
        return false;
    memcpy(code, value->data, sizeof(*code));
    return true;
}

/* The code that the client was shown; a new one when there is none. */
static int same_code(hbr_context_t *ctx, code_t *code)
{
    const char *id = shown_id(ctx);
    hbr_cached_t value;

    if (id != NULL && hbr_cache_get(ctx, id, &value) == APR_SUCCESS
        && read_code(&value, code))
        return HBR_OK;
    return new_code(ctx, code);
}

/* For who begins to read: there has to be time for it. */
static int fresh_code(hbr_context_t *ctx, code_t *code)
{
    const rules_t *rules = ctx->options;
    int rc;

    if (hbr_query(ctx, "other", NULL) != NULL)
        return new_code(ctx, code);
    rc = same_code(ctx, code);
    if (rc == HBR_OK
        && hbr_request_time(ctx) - code->made
               > apr_time_from_sec(rules->life) / 2)
        return new_code(ctx, code);
    return rc;
}

/* People put blanks between digits. */
static bool is_same(const char *given, const char *digits)
{
    for (; *given != '\0'; given++) {
        if (*given == ' ')
            continue;
        if (*given != *digits)
            return false;
        digits++;
    }
    return *digits == '\0';
}

static int pass(hbr_context_t *ctx, const char *id)
{
    int rc = hbr_session_set_time(ctx, PASSED, hbr_request_time(ctx));

    return rc == HBR_OK ? hbr_session_set(ctx, PASS, id) : rc;
}

static int check(hbr_context_t *ctx, bool *passed)
{
    const char *given = hbr_form(ctx, "code", "");
    const char *id = shown_id(ctx);
    hbr_cached_t value;
    code_t code;
    apr_status_t status;
    int rc = HBR_OK;

    *passed = false;
    if (id == NULL)
        return HBR_OK;
    status = hbr_cache_take(ctx, id, &value);
    if (status != APR_SUCCESS && status != APR_NOTFOUND)
        return unavailable(ctx);
    *passed = status == APR_SUCCESS && read_code(&value, &code)
              && is_same(given, code.digits);
    if (*passed)
        rc = pass(ctx, id);
    return rc == HBR_OK ? hbr_session_remove(ctx, ID) : rc;
}

/* ---- picture and sound -------------------------------------------------- */

static int send_picture(hbr_context_t *ctx)
{
    code_t code;
    int rc = fresh_code(ctx, &code);
    chance_t chance = { code.seed | 1 };
    scrawl_t scrawl = { .digits = code.digits, .chance = &chance };
    picture_t picture = { .format = PICTURE_PNG,
                          .height = SCRAWL_HEIGHT,
                          .background = &scrawl_paper,
                          .draw = scrawl_draw,
                          .data = &scrawl };

    if (rc != HBR_OK)
        return rc;
    picture.width = scrawl_width(strlen(code.digits));
    return picture_send(ctx, &picture, NULL);
}

/* Whoever knows how the picture varies does not know it of the sound. */
static int send_sound(hbr_context_t *ctx)
{
    hbr_content_t about = { .type = "audio/wav", .release = free };
    bytes_t bytes = { NULL, 0, 0 };
    code_t code;
    int rc = same_code(ctx, &code);
    chance_t chance = { ~code.seed | 1 };

    if (rc != HBR_OK)
        return rc;
    if (!spoken_wav(&bytes, code.digits, &chance)) {
        free(bytes.data);
        return hbr_error(ctx, 500, NULL);
    }
    return hbr_bytes(ctx, bytes.data, bytes.length, &about);
}

/* ---- the page ----------------------------------------------------------- */

ASSET(captcha_style, "handlers/assets/captcha.css");

/* Links go out from the folder the page lies in; "./", for a segment may look
 * like a scheme ("a:b"). */
static const char *own_link(hbr_context_t *ctx)
{
    const char *segment = strrchr(ctx->uri, '/') + 1;

    if (segment[0] == '\0')
        return ".";
    return apr_pstrcat(ctx->pool, "./", hbr_url_escape(ctx->pool, segment),
                       NULL);
}

static page_t page_of(const char *title)
{
    return (page_t){ .title = title,
                     .style = captcha_style,
                     .policy = "img-src 'self'; media-src 'self'; " };
}

static void put_form(hbr_context_t *ctx, int digits)
{
    const char *self = own_link(ctx);

    hbr_html(ctx,
             "<form method=\"post\" action=\"%s\">\n"
             "<img src=\"%s/picture\" width=\"%d\" height=\"%d\" alt=\"A "
             "picture of %d digits. The player below speaks the same "
             "digits.\">\n"
             "<audio controls preload=\"none\" src=\"%s/sound\" "
             "aria-label=\"The digits, spoken\"></audio>\n"
             "<p><label for=\"code\">The %d digits that you see or hear</label>"
             "<br>\n<input id=\"code\" name=\"code\" inputmode=\"numeric\" "
             "autocomplete=\"off\" required maxlength=\"32\">\n"
             "<button>Check</button></p>\n</form>\n"
             "<p><a href=\"%s?other\">Other digits</a></p>\n",
             self, self, scrawl_width((size_t)digits), SCRAWL_HEIGHT, digits,
             self, digits, self);
}

/* The code is there before picture and sound are asked for: a client that has no
 * session yet gets one for both. */
static int send_form(hbr_context_t *ctx, bool again)
{
    const rules_t *rules = ctx->options;
    page_t page =
        page_of(again ? "Not right: Are you a person?" : "Are you a person?");
    code_t code;
    int rc = fresh_code(ctx, &code);

    if (rc == HBR_OK)
        rc = page_begin(ctx, &page);
    if (rc != HBR_OK)
        return rc;
    hbr_puts(ctx, "<h1>Are you a person?</h1>\n");
    if (again)
        hbr_puts(ctx, "<p role=\"alert\">That was not right, or too late. "
                      "Please try these digits.</p>\n");
    put_form(ctx, (int)rules->digits);
    page_end(ctx, &page);
    return HBR_OK;
}

static int send_passed(hbr_context_t *ctx)
{
    const rules_t *rules = ctx->options;
    page_t page = page_of("That was right");
    int rc;

    if (rules->next != NULL)
        return hbr_redirect(ctx, 303, rules->next);
    rc = page_begin(ctx, &page);
    if (rc != HBR_OK)
        return rc;
    hbr_puts(ctx, "<h1>That was right</h1>\n");
    page_end(ctx, &page);
    return HBR_OK;
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
        return hbr_json(ctx, json_pack("{s:b}", "passed", (int)passed));
    return passed ? send_passed(ctx) : send_form(ctx, true);
}

static int captcha(hbr_context_t *ctx)
{
    const char *what = ctx->path_info;
    bool page = what[0] == '\0' || strcmp(what, "/") == 0;

    hbr_header_set(ctx, "Cache-Control", "no-store");
    if (strcmp(ctx->method, "POST") == 0)
        return page ? answer(ctx) : HBR_DECLINED;
    if (page)
        return send_form(ctx, false);
    if (strcmp(what, "/picture") == 0)
        return send_picture(ctx);
    if (strcmp(what, "/sound") == 0)
        return send_sound(ctx);
    return HBR_DECLINED;
}

HBR_HANDLER(captcha, .process = captcha, .methods = "GET, POST",
            .summary = "digits that a person reads or hears, checked once",
            .options = options, .session = HBR_SESSION_WRITE, PICTURE_MAKER);
