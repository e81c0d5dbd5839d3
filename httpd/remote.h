/**
 * @file remote.h
 * @brief A server elsewhere that a child talks to: its idle connections, and
 *        whether it is there.
 */
#ifndef HBR_HTTPD_REMOTE_H
#define HBR_HTTPD_REMOTE_H

#include <stdbool.h>

#include <httpd.h>

typedef struct hbr_remote_t hbr_remote_t;

/**
 * What a child knows of a server.
 * @param pool the child's; its cleanup closes idle connections
 * @param name for the log: "Redis 127.0.0.1:6379"; no secrets
 * @param is_open whether an idle connection still is; does not block
 */
hbr_remote_t *hbr_remote_create(apr_pool_t *pool, const char *name,
                                bool (*is_open)(void *connection),
                                void (*close)(void *connection));

/**
 * Whether it is left alone because it did not answer a moment ago. Where that
 * moment is over, one caller is let through to try.
 */
bool hbr_remote_rests(hbr_remote_t *remote);

/** An idle connection; NULL: there is none. */
void *hbr_remote_take(hbr_remote_t *remote);

/** Keeps a connection for the next, or closes it. */
void hbr_remote_give(hbr_remote_t *remote, void *connection);

/** It answered. */
void hbr_remote_answered(hbr_remote_t *remote);

/**
 * It did not. Idle connections are closed, and it rests for a second.
 * @param why for the log
 * @param hurried it had less time than it is granted: nothing is held against
 *        it
 */
void hbr_remote_failed(hbr_remote_t *remote, const char *why, bool hurried);

/** It answered with an error, which is logged at most once a minute. */
void hbr_remote_complained(hbr_remote_t *remote, const char *what);

#endif
