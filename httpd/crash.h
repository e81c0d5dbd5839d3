/**
 * @file crash.h
 * @brief Which handler a child was in when it crashed: one line in the log.
 *
 * Each thread keeps a crumb of the handler that it is in; only a crash reads
 * it. A request costs a test and a few stores.
 */
#ifndef HBR_HTTPD_CRASH_H
#define HBR_HTTPD_CRASH_H

#include <stdatomic.h>
#include <stdbool.h>

#include <httpd.h>

/** A handler that runs; it lives in the stack of who calls the handler. */
typedef struct hbr_crumb_t {
    const char *handler;
    const request_rec *request;
    struct hbr_crumb_t *outer; /**< Whose response this one's is a part
                                          of; NULL: none. */
} hbr_crumb_t;

/** What a thread knows. */
typedef struct hbr_crash_thread_t {
    hbr_crumb_t *volatile crumb; /**< NULL: in no handler. */
    bool prepared;
} hbr_crash_thread_t;

/* A signal's handler reads it: no model of TLS that allocates will do. The few
 * bytes fit what the loader holds ready for modules. */
extern _Thread_local hbr_crash_thread_t hbr_crash_thread
    __attribute__((tls_model("initial-exec")));

/**
 * Begins to look for crashes in this child process, until the pool ends.
 * The parent process never calls it: it has nothing to unload.
 */
void hbr_crash_child_init(apr_pool_t *pchild);

/** Gives a thread, at its first request, a stack for when its own is full. */
void hbr_crash_prepare_thread(void);

/**
 * Notes that the thread enters a handler.
 * @param crumb written; it has to live until hbr_crash_leave()
 * @param handler its name
 * @param r its request
 */
static inline void hbr_crash_enter(hbr_crumb_t *crumb, const char *handler,
                                   const request_rec *r)
{
    if (!hbr_crash_thread.prepared)
        hbr_crash_prepare_thread();
    crumb->handler = handler;
    crumb->request = r;
    crumb->outer = hbr_crash_thread.crumb;
    atomic_signal_fence(memory_order_release);
    hbr_crash_thread.crumb = crumb;
}

/** Notes that the request at hand went to another handler. */
static inline void hbr_crash_rename(const char *handler)
{
    hbr_crumb_t *crumb = hbr_crash_thread.crumb;

    if (crumb != NULL)
        crumb->handler = handler;
}

/** Notes that it has left the handler, and is in the outer one again. */
static inline void hbr_crash_leave(const hbr_crumb_t *crumb)
{
    hbr_crash_thread.crumb = crumb->outer;
}

#endif
