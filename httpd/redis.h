/**
 * @file redis.h
 * @brief One Redis: commands and their answers.
 */
#ifndef HBR_HTTPD_REDIS_H
#define HBR_HTTPD_REDIS_H

#include <hiredis/hiredis.h>

#include "address.h"
#include "bridge/host.h"

#define HBR_REDIS_WORDS 8
/** Characters of an int64, and the NUL. */
#define HBR_REDIS_NUMBER 24

/** Where it is, and as whom to greet it. */
typedef struct hbr_redis_t {
    hbr_address_t address;
    const char *user;     /**< NULL: none is sent. */
    const char *password; /**< NULL: none is sent. */
    int database;
} hbr_redis_t;

/** A command: words with their lengths, which stay the caller's. */
typedef struct hbr_redis_words_t {
    const char *word[HBR_REDIS_WORDS];
    size_t length[HBR_REDIS_WORDS];
    int count;
} hbr_redis_words_t;

void hbr_redis_word(hbr_redis_words_t *words, const char *word, size_t length);
void hbr_redis_text(hbr_redis_words_t *words, const char *text);

/** @param buffer HBR_REDIS_NUMBER characters, where the word then lies */
void hbr_redis_number(hbr_redis_words_t *words, char *buffer, int64_t number);

/** In a child, before its first request; connects to nothing. */
void hbr_redis_child_init(apr_pool_t *pchild, const hbr_redis_t *redis);

/**
 * Sends commands at once. Blocks, at most until call->until.
 * @param reply set to the last one's answer, for freeReplyObject(); NULL: there
 *        is none, which has been logged
 * @return APR_SUCCESS; APR_NOTFOUND: the answer is longer than call->most;
 *         APR_EGENERAL
 */
apr_status_t hbr_redis_ask(const hbr_cache_call_t *call,
                           const hbr_redis_words_t *commands, int count,
                           redisReply **reply);

/** Whether an answer is an error; it is then logged. */
bool hbr_redis_refuses(const redisReply *reply);

#endif
