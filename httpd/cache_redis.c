/*
 * The cache of several machines in Redis, by hiredis. An entry is one key of
 * Redis', "hbr:" and the digest in hex, whatever its length: Redis takes 512 MB.
 *
 * What has to be one step is one: SET NX; MULTI with SET NX and INCRBY, so that
 * a number's life begins with it and is never prolonged, whenever it ends; MULTI
 * with GET and DEL, which older versions have that lack GETDEL; and a script for
 * renew, the one thing that compares.
 */
#include <stdlib.h>

#include <apr_strings.h>

#include <httpd.h>

#include "cache.h"
#include "redis.h"

#define PORT 6379
#define PIECE (1024 * 1024 * 1024) /* more than BridgeLimitCacheValue can be */
#define NUMBER HBR_REDIS_NUMBER

static hbr_redis_t redis;

/* ------------------------------------------------------------------ start */

/* "user:password" or "password" */
static void set_secret(apr_pool_t *pool, const char *secret)
{
    const char *colon = strchr(secret, ':');

    redis.password = colon != NULL ? colon + 1 : secret;
    redis.user =
        colon != NULL && colon > secret
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
    redis.database = (int)number;
    return NULL;
}

/* A password with an @ in it works too: the last one ends it. What is wrong is
 * said without it. */
static const char *read_argument(apr_pool_t *pool, const char *given)
{
    const char *rest = given != NULL ? given : "";
    const char *at, *wrong;
    char *host;

    redis = (hbr_redis_t){ .user = NULL };
    if (strncmp(rest, "//", 2) == 0)
        rest += 2;
    at = strrchr(rest, '@');
    if (at != NULL)
        set_secret(pool, apr_pstrmemdup(pool, rest, (apr_size_t)(at - rest)));
    host = apr_pstrdup(pool, at != NULL ? at + 1 : rest);
    wrong = read_database(host);
    if (wrong == NULL)
        wrong = hbr_address_read(pool, host, PORT, &redis.address);
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

static void child_init(apr_pool_t *pchild, server_rec *main_server)
{
    (void)main_server;
    hbr_redis_child_init(pchild, &redis);
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

static void begin_words(hbr_redis_words_t *words, const char *command,
                        char *key)
{
    words->count = 0;
    hbr_redis_text(words, command);
    hbr_redis_word(words, key, HBR_CACHE_NAME);
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
    if (hbr_redis_refuses(reply) || reply->type != REDIS_REPLY_STRING)
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
    hbr_redis_words_t words;
    apr_status_t rv;

    (void)request;
    hbr_cache_name(call, key);
    begin_words(&words, "GET", key);
    rv = hbr_redis_ask(call, &words, 1, &reply);
    if (rv != APR_SUCCESS)
        return rv;
    return done(reply, hand_out(reply, pool, data, length));
}

static apr_status_t write_entry(const hbr_cache_call_t *call, const char *data,
                                apr_size_t length, apr_interval_time_t life,
                                bool only_new)
{
    char key[HBR_CACHE_NAME + 1], number[NUMBER];
    redisReply *reply;
    hbr_redis_words_t words;
    apr_status_t rv;

    hbr_cache_name(call, key);
    begin_words(&words, "SET", key);
    hbr_redis_word(&words, data, length);
    hbr_redis_text(&words, "PX");
    hbr_redis_number(&words, number, milliseconds(life));
    if (only_new)
        hbr_redis_text(&words, "NX");
    rv = hbr_redis_ask(call, &words, 1, &reply);
    if (rv != APR_SUCCESS)
        return rv;
    if (reply->type == REDIS_REPLY_NIL)
        return done(reply, APR_EEXIST);
    return done(reply, hbr_redis_refuses(reply) ? APR_EGENERAL : APR_SUCCESS);
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

/* Of one command, whose answer is an integer: not 0. */
static apr_status_t ask_done(const hbr_cache_call_t *call,
                             const hbr_redis_words_t *words)
{
    redisReply *reply;
    apr_status_t rv = hbr_redis_ask(call, words, 1, &reply);

    if (rv != APR_SUCCESS)
        return rv;
    if (hbr_redis_refuses(reply))
        return done(reply, APR_EGENERAL);
    return done(reply, reply->type == REDIS_REPLY_INTEGER && reply->integer != 0
                           ? APR_SUCCESS
                           : APR_NOTFOUND);
}

static apr_status_t remove_entry(void *request, const hbr_cache_call_t *call)
{
    char key[HBR_CACHE_NAME + 1];
    hbr_redis_words_t words;

    (void)request;
    hbr_cache_name(call, key);
    begin_words(&words, "DEL", key);
    return ask_done(call, &words);
}

static const hbr_redis_words_t multi = { .word = { "MULTI" },
                                         .length = { 5 },
                                         .count = 1 };
static const hbr_redis_words_t exec = { .word = { "EXEC" },
                                        .length = { 4 },
                                        .count = 1 };

/* Two commands as one. The answer has both. */
static apr_status_t ask_both(const hbr_cache_call_t *call,
                             const hbr_redis_words_t *one,
                             const hbr_redis_words_t *two, redisReply **reply)
{
    const hbr_redis_words_t commands[] = { multi, *one, *two, exec };
    apr_status_t rv = hbr_redis_ask(call, commands, 4, reply);

    if (rv != APR_SUCCESS)
        return rv;
    if (!hbr_redis_refuses(*reply) && (*reply)->type == REDIS_REPLY_ARRAY
        && (*reply)->elements == 2)
        return APR_SUCCESS;
    return done(*reply, APR_EGENERAL);
}

static apr_status_t take(void *request, const hbr_cache_call_t *call,
                         apr_pool_t *pool, char **data, apr_size_t *length)
{
    char key[HBR_CACHE_NAME + 1];
    redisReply *reply;
    hbr_redis_words_t read, drop;
    apr_status_t rv;

    (void)request;
    hbr_cache_name(call, key);
    begin_words(&read, "GET", key);
    begin_words(&drop, "DEL", key);
    rv = ask_both(call, &read, &drop, &reply);
    if (rv != APR_SUCCESS)
        return rv;
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
    hbr_redis_words_t words = { .count = 0 };

    (void)request;
    hbr_cache_name(call, key);
    hbr_redis_text(&words, "EVAL");
    hbr_redis_text(&words, RENEW);
    hbr_redis_text(&words, "1");
    hbr_redis_word(&words, key, HBR_CACHE_NAME);
    hbr_redis_word(&words, was, length);
    hbr_redis_word(&words, is, length);
    hbr_redis_number(&words, number, milliseconds(life));
    return ask_done(call, &words);
}

/* INCRBY's answer. */
static apr_status_t read_sum(const redisReply *reply, int64_t *sum)
{
    if (reply->type == REDIS_REPLY_ERROR
        && strstr(reply->str, "overflow") != NULL)
        return APR_ERANGE;
    if (hbr_redis_refuses(reply) || reply->type != REDIS_REPLY_INTEGER)
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
    hbr_redis_words_t first, more;
    apr_status_t rv;

    (void)request;
    hbr_cache_name(call, key);
    begin_words(&first, "SET", key);
    hbr_redis_text(&first, "0");
    hbr_redis_text(&first, "PX");
    hbr_redis_number(&first, time, milliseconds(life));
    hbr_redis_text(&first, "NX");
    begin_words(&more, "INCRBY", key);
    hbr_redis_number(&more, number, by);
    rv = ask_both(call, &first, &more, &reply);
    if (rv != APR_SUCCESS)
        return rv;
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
