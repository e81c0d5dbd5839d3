/*
 * Which handler a child was in when it crashed: one line in the log, then
 * httpd goes on as if we had not looked.
 *
 * Invariants: what runs in the signal's handler is async-signal-safe
 * (signal-safety(7)); all signals are blocked meanwhile, so a second crash in
 * there ends the process by the kernel's hand and cannot loop. Whoever had the
 * signal before gets it afterwards, from where it happened. A crash outside of
 * a handler is passed on without a word.
 *
 * Threads: dispositions are the process', set before its first request; crumb
 * and signal stack are the thread's own.
 */
#include "crash.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <apr_portable.h>

#include "bridge/crash_line.h"

/* Beside what the kernel puts there: our line, the loader's first look-up of a
 * function, and httpd's own signal handler. */
#define STACK_NEEDED (32 * 1024)

/* Those that httpd itself takes for crashes. SIGTRAP is not among them: it is a
 * debugger's. */
static const struct {
    int number;
    const char *name;
} signals[] = { { SIGSEGV, "SIGSEGV" },
                { SIGBUS, "SIGBUS" },
                { SIGFPE, "SIGFPE" },
                { SIGILL, "SIGILL" },
                { SIGABRT, "SIGABRT" } };

#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

_Thread_local hbr_crash_thread_t hbr_crash_thread;

/* Written in child_init, only read afterwards. */
static struct sigaction previous[SIGNALS];
static pthread_key_t stack_key;
static bool has_key;

/* ---- in the signal's handler --------------------------------------------- */

/* The file descriptor of the server's own log, or of the main one's: that is
 * httpd's stderr. So goes what a syslog or a provider would get: neither can be
 * called here. apr_os_file_get() does no more than read it. */
static int log_of(const server_rec *server)
{
    apr_os_file_t fd;

    if (server->error_log != NULL
        && apr_os_file_get(&fd, server->error_log) == APR_SUCCESS)
        return fd;
    return STDERR_FILENO;
}

static apr_time_t now(void)
{
    struct timespec time = { 0 };

    clock_gettime(CLOCK_REALTIME, &time);
    return apr_time_from_sec(time.tv_sec) + time.tv_nsec / 1000;
}

static void report(const hbr_crumb_t *crumb, const char *signal)
{
    const request_rec *r = crumb->request;
    const hbr_crash_line_t what = { .when = now(),
                                    .pid = getpid(),
                                    .tid = gettid(),
                                    .client = r->useragent_ip,
                                    .port = r->useragent_addr != NULL
                                                ? r->useragent_addr->port
                                                : 0,
                                    .handler = crumb->handler,
                                    .signal = signal,
                                    .method = r->method,
                                    .uri = r->uri };
    char line[HBR_CRASH_LINE_MAX];

    if (write(log_of(r->server), line, hbr_crash_line(line, &what)) < 0)
        return; /* Nobody is left to be told. */
}

/* What was met is met again when the instruction is repeated, with all that
 * the kernel tells of it; what was sent (raise(), abort(), kill()) is sent
 * again, and comes when we have returned. On our stack either way: httpd
 * changes to CoreDumpDirectory even when the thread's own is full. */
static void pass_on(apr_size_t which, const siginfo_t *info)
{
    struct sigaction action = previous[which];

    action.sa_flags |= SA_ONSTACK;
    sigaction(signals[which].number, &action, NULL);
    if (info->si_code <= 0)
        raise(signals[which].number);
}

static void on_crash(int number, siginfo_t *info, void *context)
{
    const hbr_crumb_t *crumb = hbr_crash_thread.crumb;
    int error = errno;
    apr_size_t i = 0;

    (void)context;
    while (signals[i].number != number)
        i++;
    /* Who gets the signal next may crash, too: one line is enough. */
    hbr_crash_thread.crumb = NULL;
    if (crumb != NULL)
        report(crumb, signals[i].name);
    pass_on(i, info);
    errno = error;
}

/* ---- a thread's stack for signals ---------------------------------------- */

/* Its lowest page is a wall. */
static apr_size_t stack_size(apr_size_t page)
{
    /* The kernel's part is known at run time only: registers have grown. */
    apr_size_t needed = (apr_size_t)MINSIGSTKSZ + STACK_NEEDED;

    return page + (needed + page - 1) / page * page;
}

static void free_stack(void *base)
{
    apr_size_t page = (apr_size_t)sysconf(_SC_PAGESIZE);
    const stack_t none = { .ss_flags = SS_DISABLE };
    stack_t current;

    if (sigaltstack(NULL, &current) == 0
        && current.ss_sp == (char *)base + page)
        sigaltstack(&none, NULL);
    munmap(base, stack_size(page));
}

/* Without one a stack overflow ends the child as it always did: unnamed.
 * A thread that has one keeps it: a sanitizer's, another module's. */
void hbr_crash_prepare_thread(void)
{
    apr_size_t page = (apr_size_t)sysconf(_SC_PAGESIZE);
    apr_size_t size = stack_size(page);
    stack_t stack;
    char *base;

    hbr_crash_thread.prepared = true;
    if (!has_key || sigaltstack(NULL, &stack) != 0
        || (stack.ss_flags & SS_DISABLE) == 0)
        return;
    base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                -1, 0);
    if (base == MAP_FAILED)
        return;
    stack = (stack_t){ .ss_sp = base + page, .ss_size = size - page };
    if (mprotect(base, page, PROT_NONE) != 0
        || pthread_setspecific(stack_key, base) != 0)
        munmap(base, size);
    else
        sigaltstack(&stack, NULL);
}

/* ---- the child's beginning and end --------------------------------------- */

static apr_status_t uninstall(void *data)
{
    apr_size_t i;

    (void)data;
    for (i = 0; i < SIGNALS; i++)
        sigaction(signals[i].number, &previous[i], NULL);
    return APR_SUCCESS;
}

void hbr_crash_child_init(apr_pool_t *pchild)
{
    struct sigaction action = { .sa_flags = SA_SIGINFO | SA_ONSTACK };
    apr_size_t i;

    has_key = pthread_key_create(&stack_key, free_stack) == 0;
    action.sa_sigaction = on_crash;
    sigfillset(&action.sa_mask);
    for (i = 0; i < SIGNALS; i++)
        sigaction(signals[i].number, &action, &previous[i]);
    apr_pool_cleanup_register(pchild, NULL, uninstall, apr_pool_cleanup_null);
}
