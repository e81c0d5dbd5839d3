/*
 * The whole context over the test kit: a request, and what a handler makes of
 * it.
 *
 *     GET /more?x=1 sub       method, path and query, words about the client
 *     Accept: text/html       header lines
 *                             an empty line
 *     ...                     the body, up to a line that is a dot, where there
 *     .                       is one
 *     ...                     bytes for support/script.c: what is read and
 *                             written, and how
 *
 * Words: s over TLS, u authenticated, b a small BridgeBuffer, e ErrorDocuments,
 * 1 to 9 the pass that finds the client gone; B there is a body, c its length is
 * not announced, i and j it comes in steps of 1 and 7 bytes, l small limits,
 * C, L, M and A it ends in its middle, as hbr_test_body_e has it; v and w a
 * certificate that is verified and one that is not, p a proxy ended TLS, g the
 * client is gone when he is looked for twice, t there is a deadline, f there are
 * files, o an option is set, d another handler comes behind this one; n the
 * getters are not called first.
 *
 * The response has to keep the contract of host.h, and
 * to be one that HTTP allows.
 */
#include "fuzz.h"

#include "handlerbridge_test.h"
#include "getters.h"
#include "script.h"

#define HEADERS_MAX 64
#define BEGIN apr_time_from_sec(1790000000)

static hbr_test_t *kit;
static fuzz_input_t script;
static bool getters_first;

static int process(hbr_context_t *ctx)
{
    if (getters_first)
        getters_call(ctx);
    return script_run(ctx, &script);
}

HBR_TEST_HANDLER(any, .process = process, .methods = "*",
                 .statements = script_statements, .options = getters_options);
HBR_TEST_HANDLER(behind, .process = process, .methods = "*",
                 .statements = script_statements, .options = getters_options);

void fuzz_setup(void)
{
    kit = hbr_test_create();
    CHECK(hbr_test_add(kit, &any_handler) == NULL);
    CHECK(hbr_test_add(kit, &behind_handler) == NULL);
    hbr_test_clock(kit, BEGIN + apr_time_from_msec(300));
    script_setup();
}

static bool is_token_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
           || (c >= 'a' && c <= 'z')
           || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/* What httpd lets through (HttpProtocolOptions Strict): a token. */
static const char *token(char *text)
{
    char *end = text;

    while (is_token_char(*end))
        end++;
    *end = '\0';
    return text;
}

static bool is_hex(char c)
{
    return c != '\0' && strchr("0123456789ABCDEFabcdef", c) != NULL;
}

/* httpd refuses other bytes, and paths with a bad escape, %00 or %2F. */
static const char *clean_url(char *text)
{
    bool query = false;
    char *c;

    for (c = text; *c != '\0'; c++) {
        query = query || *c == '?';
        if ((unsigned char)*c <= ' ' || *c == 0x7F || *c == '#')
            *c = '+';
        if (query || *c != '%')
            continue;
        if (!is_hex(c[1]) || !is_hex(c[2]) || (c[1] == '0' && c[2] == '0')
            || (c[1] == '2' && (c[2] | 0x20) == 'f'))
            *c = '+';
    }
    return text;
}

/* False where httpd would refuse the line or drop it. */
static bool clean_header(char *line)
{
    char *colon = strchr(line, ':');
    apr_size_t length;
    char *c;

    if (colon == NULL || colon == line)
        return false;
    for (c = line; c < colon; c++)
        if (!is_token_char(*c))
            return false;
    for (c++; *c != '\0'; c++)
        if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7F)
            return false;
    for (length = strlen(line); strchr(" \t", line[length - 1]) != NULL;)
        line[--length] = '\0';
    return true;
}

static const char *const *read_headers(fuzz_input_t *input)
{
    const char **headers =
        apr_pcalloc(pool, (HEADERS_MAX + 1) * sizeof(char *));
    int count = 0;
    char *line;

    while (input->left > 0 && *(line = fuzz_line(input)) != '\0')
        if (count < HEADERS_MAX && clean_header(line))
            headers[count++] = line;
    return headers;
}

/* Small enough to be met by small bodies. */
static const hbr_test_limits_t small = { .body = 600,
                                         .name = 8,
                                         .value = 40,
                                         .parts = 3,
                                         .part_header = 100,
                                         .files = 2,
                                         .file = 60,
                                         .json = 60,
                                         .json_depth = 3,
                                         .spool_memory = 8 };

static hbr_test_body_e end_of(const char *words)
{
    if (strchr(words, 'C') != NULL)
        return HBR_TEST_BODY_CUT;
    if (strchr(words, 'L') != NULL)
        return HBR_TEST_BODY_LATE;
    if (strchr(words, 'M') != NULL)
        return HBR_TEST_BODY_MALFORMED;
    return strchr(words, 'A') != NULL ? HBR_TEST_BODY_ANSWERED
                                      : HBR_TEST_BODY_WHOLE;
}

/* Bytes as they are, NULs too, up to "\n.\n" or the input's end. */
static void read_body(fuzz_input_t *input, const char *words,
                      hbr_test_request_t *request)
{
    const char *end =
        input->left > 0 ? memmem(input->at, input->left, "\n.\n", 3) : NULL;
    apr_size_t length =
        end != NULL ? (apr_size_t)(end - input->at) : input->left;

    request->body = apr_pstrmemdup(pool, input->at, length);
    request->body_length = length;
    input->at += length;
    input->left -= length;
    fuzz_number(input, end != NULL ? 3 : 0);
    request->chunked = strchr(words, 'c') != NULL;
    request->body_step = strchr(words, 'i') != NULL   ? 1
                         : strchr(words, 'j') != NULL ? 7
                                                      : 0;
    request->body_end = end_of(words);
    request->body_stop = length / 2;
    if (strchr(words, 'l') != NULL)
        request->limits = small;
}

static bool has_word(const char *words, char word)
{
    return strchr(words, word) != NULL;
}

static void read_client(const char *words, hbr_test_request_t *request)
{
    static const char *const verified[] = { "SSL_PROTOCOL=TLSv1.3",
                                            "SSL_CLIENT_CERT=-----BEGIN",
                                            "SSL_CLIENT_VERIFY=SUCCESS",
                                            "SSL_CLIENT_S_DN=CN=Ada", NULL };
    static const char *const unverified[] = { "SSL_CLIENT_CERT=-----BEGIN",
                                              "SSL_CLIENT_VERIFY=GENEROUS",
                                              "SSL_CLIENT_S_DN=CN=Ada", NULL };

    if (has_word(words, 'v'))
        request->tls = verified;
    else if (has_word(words, 'w'))
        request->tls = unverified;
    request->plain = has_word(words, 'p');
    request->gone = has_word(words, 'g') ? 2 : 0;
}

static void read_server(const char *words, hbr_test_request_t *request)
{
    static const char *const params[] = { "fuzz=42", NULL };
    static const char *const forbidden[] = { "/any/secret", NULL };
    static const char *const options[] = { "size=7", NULL };
    static const char *const behind[] = { "behind", NULL };

    request->path_params = params;
    request->forbidden = forbidden;
    request->document_root = has_word(words, 'f') ? "/srv" : NULL;
    request->deadline = has_word(words, 't') ? 1000 : 0;
    request->options = has_word(words, 'o') ? options : NULL;
    request->behind = has_word(words, 'd') ? behind : NULL;
}

static void read_words(const char *words, hbr_test_request_t *request)
{
    static const int documents[] = { 400, 404, 412, 500, 0 };

    request->https = strchr(words, 's') != NULL;
    request->user = strchr(words, 'u') != NULL ? "Ada" : NULL;
    request->buffer = strchr(words, 'b') != NULL ? 64 : 0;
    request->error_documents = strchr(words, 'e') != NULL ? documents : NULL;
    getters_first = strchr(words, 'n') == NULL;
    read_client(words, request);
    read_server(words, request);
    words += strcspn(words, "123456789");
    request->fail_pass = *words != '\0' ? (apr_size_t)(*words - '0') : 0;
}

static void read_request(fuzz_input_t *input, hbr_test_request_t *request)
{
    char *line = fuzz_line(input);
    char *url = line + strcspn(line, " ");
    char *words;

    if (*url != '\0')
        *url++ = '\0';
    words = url + strcspn(url, " ");
    if (*words != '\0')
        *words++ = '\0';
    request->method = *token(line) != '\0' ? line : "GET";
    request->url = clean_url(apr_pstrcat(
        pool, "/any", *url == '/' || *url == '?' ? "" : "/", url, NULL));
    read_words(words, request);
    request->headers = read_headers(input);
    if (strchr(words, 'B') != NULL)
        read_body(input, words, request);
}

static bool is(const hbr_test_request_t *request, const char *method)
{
    return strcmp(request->method, method) == 0;
}

static bool has(const hbr_test_request_t *request, const char *name)
{
    const char *const *line = request->headers;

    for (; *line != NULL; line++)
        if (strncasecmp(*line, name, strlen(name)) == 0
            && (*line)[strlen(name)] == ':')
            return true;
    return false;
}

static void check_response(const hbr_test_request_t *request,
                           const hbr_test_response_t *response)
{
    int status = response->status;

    if (response->violation != NULL)
        fuzz_fail("violation", 0, response->violation);
    if (request->fail_pass == 0 && response->error_document == 0
        && !response->answered)
        CHECK(response->complete || response->cut);
    if (response->passes == 0)
        return;
    CHECK(status >= 200 && status <= 599);
    if (is(request, "HEAD") || status == 204 || status == 304)
        CHECK(response->length == 0);
    if (status == 304 && !script_returned(304))
        CHECK(is(request, "GET") || is(request, "HEAD"));
    if (status == 206 && !script_returned(206))
        CHECK(is(request, "GET") && has(request, "Range"));
    if (is(request, "TRACE") || is(request, "CONNECT"))
        CHECK(status == 405);
}

/* RFC 9110 5.5: no field may end its line and begin another. */
static int check_field(void *data, const char *name, const char *value)
{
    (void)data;
    CHECK(*name != '\0');
    for (; *name != '\0'; name++)
        CHECK(is_token_char(*name));
    for (; *value != '\0'; value++)
        CHECK(((unsigned char)*value >= ' ' || *value == '\t')
              && *value != 0x7F);
    return 1;
}

void fuzz(fuzz_input_t *input)
{
    hbr_test_request_t request = { .handler = "any",
                                   .mapping = "/any",
                                   .time = BEGIN };
    const hbr_test_response_t *response;

    read_request(input, &request);
    script = *input;
    script_begin();
    response = hbr_test_run(kit, &request);
    check_response(&request, response);
    apr_table_do(check_field, NULL, response->headers, NULL);
    CHECK(script_all_released());
    hbr_test_clear(kit);
}
