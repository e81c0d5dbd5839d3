/*
 * One Redis, by hiredis: connections, and commands with their answers.
 *
 * A connection that anything went wrong with is closed. Nothing is sent twice:
 * whether a command was done that got no answer is not known. hiredis takes
 * what it is sent, however much that is; what an answer may have is bounded
 * here. All threads of a child.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <apr_strings.h>

#include <httpd.h>

#include "redis.h"
#include "remote.h"

#define NUMBER HBR_REDIS_NUMBER
#define WORDS_MOST 256 /* of an error, in the log */

/* Bytes of what stands around a value: MULTI's answers, lengths, and a piece of
 * hiredis' reading. */
#define AROUND (64 * 1024)

/* EXEC's array has two elements; hiredis has memory for as many as are
 * announced. */
#define ELEMENTS_MOST 2
#if HIREDIS_MAJOR > 0
typedef size_t elements_t;
#else
typedef int elements_t;
#endif

static const char not_the_protocol[] = "its answer is not the protocol's";
static const char too_long[] = "an entry is longer than BridgeLimitCacheValue";

static const hbr_redis_t *at;
static hbr_remote_t *remote; /* the child's */

/* ------------------------------------------------------------ connections */

typedef struct link_t {
    redisContext *context;
    redisReplyObjectFunctions functions; /* hiredis' own, but for one */
    void *(*create_array)(const redisReadTask *task, elements_t count);
    apr_interval_time_t timeout; /* as it was set; 0: it was not */
    const char *wrong;           /* NULL: what hiredis says */
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

static void *create_array(const redisReadTask *task, elements_t count)
{
    link_t *link = task->privdata;

    if ((size_t)count <= ELEMENTS_MOST)
        return link->create_array(task, count);
    link->wrong = not_the_protocol;
    return NULL;
}

static void bound_arrays(link_t *link)
{
    redisReader *reader = link->context->reader;

    link->functions = *reader->fn;
    link->create_array = link->functions.createArray;
    link->functions.createArray = create_array;
    reader->fn = &link->functions;
    reader->privdata = link;
}

void hbr_redis_child_init(apr_pool_t *pchild, const hbr_redis_t *redis)
{
    at = redis;
    remote = hbr_remote_create(
        pchild,
        apr_psprintf(pchild, "Redis %s:%d", at->address.host, at->address.port),
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

void hbr_redis_word(hbr_redis_words_t *words, const char *word, size_t length)
{
    words->word[words->count] = word;
    words->length[words->count++] = length;
}

void hbr_redis_text(hbr_redis_words_t *words, const char *text)
{
    hbr_redis_word(words, text, strlen(text));
}

void hbr_redis_number(hbr_redis_words_t *words, char *buffer, int64_t number)
{
    apr_snprintf(buffer, NUMBER, "%" APR_INT64_T_FMT, number);
    hbr_redis_text(words, buffer);
}

/* What is left of the call's time is what the next system call may take: a
 * value that comes in many small pieces takes no longer either. */
static bool has_time(link_t *link, const hbr_cache_call_t *call)
{
    apr_interval_time_t left = left_of(call);

    return left > 0 && set_timeout(link, left);
}

static bool send_all(link_t *link, const hbr_cache_call_t *call)
{
    int sent = 0;

    while (sent == 0) {
        if (!has_time(link, call)
            || redisBufferWrite(link->context, &sent) != REDIS_OK)
            return false;
    }
    return true;
}

static size_t unread(const link_t *link)
{
    return link->context->reader->len - link->context->reader->pos;
}

static redisReply *read_answer(link_t *link, const hbr_cache_call_t *call)
{
    void *reply = NULL;

    while (redisGetReplyFromReader(link->context, &reply) == REDIS_OK) {
        if (reply != NULL)
            return reply;
        if (unread(link) > call->most + AROUND) {
            link->wrong = too_long;
            return NULL;
        }
        if (!has_time(link, call) || redisBufferRead(link->context) != REDIS_OK)
            return NULL;
    }
    return NULL;
}

/* Sends what was appended, and reads so many answers: the last is the result,
 * the others are let go. One too many would be taken for the next command's.
 * NULL: it failed. */
static redisReply *answers(link_t *link, const hbr_cache_call_t *call,
                           int count)
{
    redisReply *reply = NULL;

    if (!send_all(link, call))
        return NULL;
    while (count-- > 0) {
        freeReplyObject(reply);
        reply = read_answer(link, call);
        if (reply == NULL)
            return NULL;
    }
    if (unread(link) == 0)
        return reply;
    link->wrong = not_the_protocol;
    freeReplyObject(reply);
    return NULL;
}

static const char *why(const link_t *link)
{
    const redisContext *context = link->context;

    if (link->wrong != NULL)
        return link->wrong;
    if (context->err == 0
        || (context->err == REDIS_ERR_IO
            && (errno == EAGAIN || errno == EWOULDBLOCK)))
        return "it does not answer";
    return context->errstr;
}

static bool append(link_t *link, const hbr_redis_words_t *commands, int count)
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

/* An error in Redis' words. One that it does not know the command of comes with
 * what the command had, a password among it. */
static const char *words_of(const redisReply *reply, char buffer[WORDS_MOST])
{
    char *arguments;

    apr_cpystrn(buffer, reply->str, WORDS_MOST);
    arguments = strstr(buffer, ", with args");
    if (arguments != NULL)
        *arguments = '\0';
    return buffer;
}

static int greeting(hbr_redis_words_t commands[2], char number[NUMBER])
{
    int count = 0;

    if (at->password != NULL) {
        hbr_redis_text(&commands[count], "AUTH");
        if (at->user != NULL)
            hbr_redis_text(&commands[count], at->user);
        hbr_redis_text(&commands[count++], at->password);
    }
    if (at->database != 0) {
        hbr_redis_text(&commands[count], "SELECT");
        hbr_redis_number(&commands[count++], number, at->database);
    }
    return count;
}

/* What a new connection says first. NULL: Redis took it. */
static const char *greet(link_t *link, const hbr_cache_call_t *call,
                         char buffer[WORDS_MOST])
{
    hbr_redis_words_t commands[2] = { { .count = 0 } };
    char number[NUMBER];
    const char *wrong = NULL;
    int count = greeting(commands, number), i;

    for (i = 0; i < count && wrong == NULL; i++) {
        redisReply *reply =
            append(link, &commands[i], 1) ? answers(link, call, 1) : NULL;

        if (reply == NULL)
            wrong = why(link);
        else if (reply->type == REDIS_REPLY_ERROR)
            wrong = words_of(reply, buffer);
        freeReplyObject(reply);
    }
    return wrong;
}

static link_t *refuse_link(link_t *link, const char *why, bool hurried)
{
    hbr_remote_failed(remote, why, hurried);
    close_link(link);
    return NULL;
}

static link_t *connect_link(const hbr_cache_call_t *call)
{
    link_t *link = calloc(1, sizeof(*link));
    char buffer[WORDS_MOST];
    const char *wrong;

    if (link == NULL)
        return NULL;
    link->context = redisConnectWithTimeout(at->address.host, at->address.port,
                                            timeval_of(left_of(call)));
    if (link->context == NULL) {
        free(link);
        return NULL;
    }
    if (link->context->err != 0)
        return refuse_link(link, link->context->errstr, call->hurried);
    bound_arrays(link);
    wrong = greet(link, call, buffer);
    return wrong == NULL ? link : refuse_link(link, wrong, call->hurried);
}

static link_t *borrow(const hbr_cache_call_t *call)
{
    link_t *link;

    if (left_of(call) <= 0 || hbr_remote_rests(remote))
        return NULL;
    link = hbr_remote_take(remote);
    return link != NULL ? link : connect_link(call);
}

/* An answer that is too long is not Redis' fault, and no reason to leave it
 * alone. */
static apr_status_t fail_link(link_t *link, const hbr_cache_call_t *call)
{
    bool found = link->wrong == too_long;

    if (found)
        hbr_remote_complained(remote, too_long);
    else
        hbr_remote_failed(remote, why(link), call->hurried);
    close_link(link);
    return found ? APR_NOTFOUND : APR_EGENERAL;
}

apr_status_t hbr_redis_ask(const hbr_cache_call_t *call,
                           const hbr_redis_words_t *commands, int count,
                           redisReply **reply)
{
    link_t *link = borrow(call);

    *reply = NULL;
    if (link == NULL)
        return APR_EGENERAL;
    if (append(link, commands, count))
        *reply = answers(link, call, count);
    if (*reply == NULL)
        return fail_link(link, call);
    hbr_remote_answered(remote);
    hbr_remote_give(remote, link);
    return APR_SUCCESS;
}

/* An error of Redis' own. */
bool hbr_redis_refuses(const redisReply *reply)
{
    char buffer[WORDS_MOST];

    if (reply->type != REDIS_REPLY_ERROR)
        return false;
    hbr_remote_complained(remote, words_of(reply, buffer));
    return true;
}
