/*
 * The cache of several machines in Redis, by hiredis. An entry is one key of
 * Redis', "hbr:" and the digest in hex, whatever its length: Redis takes 512 MB.
 *
 * What has to be one step is one: SET NX; MULTI with SET NX and INCRBY, so that
 * a number's life begins with it and is never prolonged, whenever it ends; MULTI
 * with GET and DEL, which older versions have that lack GETDEL; and a script for
 * renew, the one thing that compares.
 *
 * A connection that anything went wrong with is closed. Nothing is sent twice:
 * whether a command was done that got no answer is not known.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <hiredis/hiredis.h>

#include <apr_strings.h>

#include <httpd.h>
#include <http_log.h>

#include "address.h"
#include "cache.h"
#include "remote.h"

APLOG_USE_MODULE(handlerbridge);

#define PORT 6379
#define PIECE (1024 * 1024 * 1024) /* more than BridgeLimitCacheValue can be */
#define WORDS 8
#define NUMBER 24 /* characters of an int64 */

static hbr_address_t address;
static const char *user;     /* NULL: none is sent */
static const char *password; /* NULL: none is sent */
static int database;
static hbr_remote_t *redis; /* the child's */

/* ------------------------------------------------------------------ start */

/* "user:password" or "password" */
static void set_secret(apr_pool_t *pool, const char *secret)
{
    const char *colon = strchr(secret, ':');

    password = colon != NULL ? colon + 1 : secret;
    user = colon != NULL && colon > secret
               ? apr_pstrmemdup(pool, secret, (apr_size_t)(colon - secret))
               : NULL;
}

/* What stands behind the last slash: "2" of 127.0.0.1:6379/2. */
static const char *read_database(char *host)
{
    char *slash = strchr(host, '/');
    char *end;
    long number;

    if (slash == NULL)
        return NULL;
    *slash++ = '\0';
    if (*slash == '\0')
        return NULL;
    number = strtol(slash, &end, 10);
    if (*end != '\0' || number < 0 || number > 65535)
        return "what follows the slash is no number of a database";
    database = (int)number;
    return NULL;
}

/* A password with an @ in it works too: the last one ends it. What is wrong is
 * said without it. */
static const char *read_argument(apr_pool_t *pool, const char *given)
{
    const char *rest = given != NULL ? given : "";
    const char *at, *wrong;
    char *host;

    user = password = NULL;
    database = 0;
    if (strncmp(rest, "//", 2) == 0)
        rest += 2;
    at = strrchr(rest, '@');
    if (at != NULL)
        set_secret(pool, apr_pstrmemdup(pool, rest, (apr_size_t)(at - rest)));
    host = apr_pstrdup(pool, at != NULL ? at + 1 : rest);
    wrong = read_database(host);
    if (wrong == NULL)
        wrong = hbr_address_read(pool, host, PORT, &address);
    return wrong != NULL
               ? apr_psprintf(pool,
                              "BridgeCache redis takes "
                              "redis:[//[[USER:]PASSWORD@]]HOST[:PORT]"
                              "[/DATABASE]: %s",
                              wrong)
               : NULL;
}

static const char *missing(apr_pool_t *pool)
{
    const char *secret = hbr_cache_secret();

    if (secret != NULL)
        set_secret(pool, secret);
    return NULL;
}

/* The secret is set again, in memory that stays. */
static apr_status_t open_cache(apr_pool_t *pconf, server_rec *main_server)
{
    const char *secret = hbr_cache_secret();

    (void)main_server;
    if (secret != NULL)
        set_secret(pconf, secret);
    return APR_SUCCESS;
}

/* ------------------------------------------------------------ connections */

typedef struct link_t {
    redisContext *context;
    apr_interval_time_t timeout; /* as it was set; 0: it was not */
} link_t;

static void close_link(void *data)
{
    link_t *link = data;

    redisFree(link->context);
    free(link);
}

/* Nothing is to be read between two commands: what is there is the end, or
 * nothing we know. */
static bool is_open(void *data)
{
    const link_t *link = data;
    char byte;

    return recv(link->context->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0
           && (errno == EAGAIN || errno == EWOULDBLOCK);
}

static void child_init(apr_pool_t *pchild, server_rec *main_server)
{
    (void)main_server;
    redis = hbr_remote_create(
        pchild, apr_psprintf(pchild, "Redis %s:%d", address.host, address.port),
        is_open, close_link);
}

static struct timeval timeval_of(apr_interval_time_t time)
{
    return (struct timeval){ .tv_sec = (time_t)(time / APR_USEC_PER_SEC),
                             .tv_usec =
                                 (suseconds_t)(time % APR_USEC_PER_SEC) };
}

static apr_interval_time_t left_of(const hbr_cache_call_t *call)
{
    return call->until - apr_time_now();
}

/* To 10 ms: mostly it is what it was. */
static bool set_timeout(link_t *link, apr_interval_time_t left)
{
    apr_interval_time_t rounded = (left + 9999) / 10000 * 10000;

    if (rounded == link->timeout)
        return true;
    link->timeout = rounded;
    return redisSetTimeout(link->context, timeval_of(rounded)) == REDIS_OK;
}

/* ---------------------------------------------------------------- talking */

/* A command: words with their lengths. */
typedef struct words_t {
    const char *word[WORDS];
    size_t length[WORDS];
    int count;
} words_t;

static void add_word(words_t *words, const char *word, size_t length)
{
    words->word[words->count] = word;
    words->length[words->count++] = length;
}

static void add_text(words_t *words, const char *text)
{
    add_word(words, text, strlen(text));
}

static void add_number(words_t *words, char *buffer, int64_t number)
{
    apr_snprintf(buffer, NUMBER, "%" APR_INT64_T_FMT, number);
    add_text(words, buffer);
}

/* Sends what was appended, and reads so many answers: the last is the result,
 * the others are let go. NULL: it failed. */
static redisReply *answers(link_t *link, int count)
{
    void *reply = NULL;

    while (count-- > 0) {
        freeReplyObject(reply);
        reply = NULL;
        if (redisGetReply(link->context, &reply) != REDIS_OK)
            return NULL;
    }
    return reply;
}

static bool append(link_t *link, const words_t *commands, int count)
{
    int i;

    for (i = 0; i < count; i++) {
        if (redisAppendCommandArgv(link->context, commands[i].count,
                                   (const char **)commands[i].word,
                                   commands[i].length)
            != REDIS_OK)
            return false;
    }
    return true;
}

/* What a new connection says first. NULL: Redis took it. */
static const char *greet(link_t *link, char *buffer, size_t size)
{
    words_t commands[2] = { { .count = 0 } };
    char number[NUMBER];
    const char *wrong = NULL;
    int count = 0, i;

    if (password != NULL) {
        add_text(&commands[count], "AUTH");
        if (user != NULL)
            add_text(&commands[count], user);
        add_text(&commands[count++], password);
    }
    if (database != 0) {
        add_text(&commands[count], "SELECT");
        add_number(&commands[count++], number, database);
    }
    if (!append(link, commands, count))
        return "out of memory";
    for (i = 0; i < count && wrong == NULL; i++) {
        redisReply *reply = answers(link, 1);

        if (reply == NULL)
            wrong = link->context->errstr;
        else if (reply->type == REDIS_REPLY_ERROR)
            wrong =
                apr_cpystrn(buffer, reply->str, size) != NULL ? buffer : NULL;
        freeReplyObject(reply);
    }
    return wrong;
}

static link_t *refuse_link(link_t *link, const char *why, bool hurried)
{
    hbr_remote_failed(redis, why, hurried);
    close_link(link);
    return NULL;
}

static link_t *connect_link(const hbr_cache_call_t *call)
{
    link_t *link = calloc(1, sizeof(*link));
    char buffer[128];
    const char *wrong;

    if (link == NULL)
        return NULL;
    link->context = redisConnectWithTimeout(address.host, address.port,
                                            timeval_of(left_of(call)));
    if (link->context == NULL) {
        free(link);
        return NULL;
    }
    if (link->context->err != 0)
        return refuse_link(link, link->context->errstr, call->hurried);
    if (left_of(call) <= 0 || !set_timeout(link, left_of(call)))
        return refuse_link(link, "it does not answer", call->hurried);
    wrong = greet(link, buffer, sizeof(buffer));
    return wrong == NULL ? link : refuse_link(link, wrong, call->hurried);
}

static link_t *borrow(const hbr_cache_call_t *call)
{
    link_t *link;

    if (left_of(call) <= 0 || hbr_remote_rests(redis))
        return NULL;
    link = hbr_remote_take(redis);
    if (link == NULL)
        return connect_link(call);
    if (set_timeout(link, left_of(call)))
        return link;
    close_link(link);
    return NULL;
}

/* Runs commands at once, and gives the last one's answer; NULL: there is none,
 * or it is an error, and that has been dealt with. */
static redisReply *ask(const hbr_cache_call_t *call, const words_t *commands,
                       int count)
{
    link_t *link = borrow(call);
    redisReply *reply;

    if (link == NULL)
        return NULL;
    reply = append(link, commands, count) ? answers(link, count) : NULL;
    if (reply == NULL) {
        hbr_remote_failed(redis,
                          link->context->err == REDIS_ERR_IO
                                  && (errno == EAGAIN || errno == EWOULDBLOCK)
                              ? "it does not answer"
                              : link->context->errstr,
                          call->hurried);
        close_link(link);
        return NULL;
    }
    hbr_remote_answered(redis);
    hbr_remote_give(redis, link);
    return reply;
}

/* An error of Redis' own. */
static bool is_error(const redisReply *reply)
{
    if (reply->type != REDIS_REPLY_ERROR)
        return false;
    hbr_remote_complained(redis, reply->str);
    return true;
}

static apr_status_t done(redisReply *reply, apr_status_t rv)
{
    freeReplyObject(reply);
    return rv;
}

/* ------------------------------------------------------------------ calls */

static apr_size_t piece(void *request)
{
    (void)request;
    return PIECE;
}

static void begin_words(words_t *words, const char *command, char *key)
{
    words->count = 0;
    add_text(words, command);
    add_word(words, key, HBR_CACHE_NAME);
}

/* To the next millisecond. */
static int64_t milliseconds(apr_interval_time_t life)
{
    return (life + 999) / 1000;
}

static apr_status_t hand_out(const redisReply *reply, apr_pool_t *pool,
                             char **data, apr_size_t *length)
{
    if (reply->type == REDIS_REPLY_NIL)
        return APR_NOTFOUND;
    if (is_error(reply) || reply->type != REDIS_REPLY_STRING)
        return APR_EGENERAL;
    *data = apr_pstrmemdup(pool, reply->str, reply->len);
    *length = reply->len;
    return APR_SUCCESS;
}

static apr_status_t get(void *request, const hbr_cache_call_t *call,
                        apr_pool_t *pool, char **data, apr_size_t *length)
{
    char key[HBR_CACHE_NAME + 1];
    redisReply *reply;
    words_t words;

    (void)request;
    hbr_cache_name(call, key);
    begin_words(&words, "GET", key);
    reply = ask(call, &words, 1);
    if (reply == NULL)
        return APR_EGENERAL;
    return done(reply, hand_out(reply, pool, data, length));
}

static apr_status_t write_entry(const hbr_cache_call_t *call, const char *data,
                                apr_size_t length, apr_interval_time_t life,
                                bool only_new)
{
    char key[HBR_CACHE_NAME + 1], number[NUMBER];
    redisReply *reply;
    words_t words;

    hbr_cache_name(call, key);
    begin_words(&words, "SET", key);
    add_word(&words, data, length);
    add_text(&words, "PX");
    add_number(&words, number, milliseconds(life));
    if (only_new)
        add_text(&words, "NX");
    reply = ask(call, &words, 1);
    if (reply == NULL)
        return APR_EGENERAL;
    if (reply->type == REDIS_REPLY_NIL)
        return done(reply, APR_EEXIST);
    return done(reply, is_error(reply) ? APR_EGENERAL : APR_SUCCESS);
}

static apr_status_t set(void *request, const hbr_cache_call_t *call,
                        const char *data, apr_size_t length,
                        apr_interval_time_t life)
{
    (void)request;
    return write_entry(call, data, length, life, false);
}

static apr_status_t add(void *request, const hbr_cache_call_t *call,
                        const char *data, apr_size_t length,
                        apr_interval_time_t life)
{
    (void)request;
    return write_entry(call, data, length, life, true);
}

/* An integer that is not 0. */
static apr_status_t is_done(redisReply *reply)
{
    if (reply == NULL)
        return APR_EGENERAL;
    if (is_error(reply))
        return done(reply, APR_EGENERAL);
    return done(reply, reply->type == REDIS_REPLY_INTEGER && reply->integer != 0
                           ? APR_SUCCESS
                           : APR_NOTFOUND);
}

static apr_status_t remove_entry(void *request, const hbr_cache_call_t *call)
{
    char key[HBR_CACHE_NAME + 1];
    words_t words;

    (void)request;
    hbr_cache_name(call, key);
    begin_words(&words, "DEL", key);
    return is_done(ask(call, &words, 1));
}

static const words_t multi = { .word = { "MULTI" },
                               .length = { 5 },
                               .count = 1 };
static const words_t exec = { .word = { "EXEC" }, .length = { 4 }, .count = 1 };

/* Two commands as one. The answer has both; NULL as ask(). */
static redisReply *ask_both(const hbr_cache_call_t *call, const words_t *one,
                            const words_t *two)
{
    const words_t commands[] = { multi, *one, *two, exec };
    redisReply *reply = ask(call, commands, 4);

    if (reply == NULL)
        return NULL;
    if (!is_error(reply) && reply->type == REDIS_REPLY_ARRAY
        && reply->elements == 2)
        return reply;
    freeReplyObject(reply);
    return NULL;
}

static apr_status_t take(void *request, const hbr_cache_call_t *call,
                         apr_pool_t *pool, char **data, apr_size_t *length)
{
    char key[HBR_CACHE_NAME + 1];
    redisReply *reply;
    words_t read, drop;

    (void)request;
    hbr_cache_name(call, key);
    begin_words(&read, "GET", key);
    begin_words(&drop, "DEL", key);
    reply = ask_both(call, &read, &drop);
    if (reply == NULL)
        return APR_EGENERAL;
    return done(reply, hand_out(reply->element[0], pool, data, length));
}

#define RENEW                                                                  \
    "if redis.call('GETRANGE', KEYS[1], 0, #ARGV[1] - 1) ~= ARGV[1] then "     \
    "return 0 end "                                                            \
    "redis.call('SETRANGE', KEYS[1], 0, ARGV[2]) "                             \
    "return redis.call('PEXPIRE', KEYS[1], ARGV[3])"

static apr_status_t renew(void *request, const hbr_cache_call_t *call,
                          const char *was, const char *is, apr_size_t length,
                          apr_interval_time_t life)
{
    char key[HBR_CACHE_NAME + 1], number[NUMBER];
    words_t words = { .count = 0 };

    (void)request;
    hbr_cache_name(call, key);
    add_text(&words, "EVAL");
    add_text(&words, RENEW);
    add_text(&words, "1");
    add_word(&words, key, HBR_CACHE_NAME);
    add_word(&words, was, length);
    add_word(&words, is, length);
    add_number(&words, number, milliseconds(life));
    return is_done(ask(call, &words, 1));
}

/* INCRBY's answer. */
static apr_status_t read_sum(const redisReply *reply, int64_t *sum)
{
    if (reply->type == REDIS_REPLY_ERROR
        && strstr(reply->str, "overflow") != NULL)
        return APR_ERANGE;
    if (is_error(reply) || reply->type != REDIS_REPLY_INTEGER)
        return APR_EGENERAL;
    *sum = reply->integer;
    return APR_SUCCESS;
}

static apr_status_t increment(void *request, const hbr_cache_call_t *call,
                              int64_t by, apr_interval_time_t life,
                              int64_t *sum)
{
    char key[HBR_CACHE_NAME + 1], time[NUMBER], number[NUMBER];
    redisReply *reply;
    words_t first, more;

    (void)request;
    hbr_cache_name(call, key);
    begin_words(&first, "SET", key);
    add_text(&first, "0");
    add_text(&first, "PX");
    add_number(&first, time, milliseconds(life));
    add_text(&first, "NX");
    begin_words(&more, "INCRBY", key);
    add_number(&more, number, by);
    reply = ask_both(call, &first, &more);
    if (reply == NULL)
        return APR_EGENERAL;
    return done(reply, read_sum(reply->element[1], sum));
}

static const hbr_host_cache_t calls = { .piece = piece,
                                        .get = get,
                                        .set = set,
                                        .remove = remove_entry,
                                        .add = add,
                                        .take = take,
                                        .renew = renew,
                                        .increment = increment };

const hbr_provider_t hbr_cache_redis = { .name = "redis",
                                         .read = read_argument,
                                         .missing = missing,
                                         .open = open_cache,
                                         .child_init = child_init,
                                         .calls = &calls };
