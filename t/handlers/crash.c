/**
 * @file crash.c
 * @brief For the tests: crashes in the way that the URL names.
 *
 * What follows the mapping is the way, up to the next slash; what follows that
 * is for the log to show.
 */
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "handlerbridge.h"

static int *volatile nowhere;

static int null(hbr_context_t *ctx)
{
    *nowhere = 1;
    return hbr_text(ctx, "not reached\n");
}

/* As a library ends that finds its own state broken. */
static int give_up(hbr_context_t *ctx)
{
    (void)ctx;
    abort();
}

/* Some processors give a number. */
__attribute__((no_sanitize("undefined"))) static int divide(hbr_context_t *ctx)
{
    volatile int zero = 0;

    hbr_printf(ctx, "%d\n", 1 / zero);
    raise(SIGFPE);
    return HBR_OK;
}

static int raise_one(hbr_context_t *ctx)
{
    static const struct {
        const char *name;
        int number;
    } known[] = { { "SIGSEGV", SIGSEGV },
                  { "SIGBUS", SIGBUS },
                  { "SIGFPE", SIGFPE },
                  { "SIGILL", SIGILL },
                  { "SIGABRT", SIGABRT } };
    size_t i;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(hbr_query(ctx, "signal", ""), known[i].name) == 0)
            raise(known[i].number);
    return HBR_OK;
}

static int deeper(volatile int *depth)
{
    volatile int next = *depth + 1;

    if (next < 0)
        return 0;
    return deeper(&next) + *depth;
}

static int overflow(hbr_context_t *ctx)
{
    volatile int depth = 0;

    return hbr_text(ctx, "%d\n", deeper(&depth));
}

static apr_status_t read_piece(hbr_context_t *ctx, void *data, apr_off_t offset,
                               apr_size_t wanted, const void **bytes,
                               apr_size_t *length)
{
    char *piece = apr_palloc(ctx->pool, wanted);

    (void)data;
    if (offset > 0)
        *nowhere = 1;
    memset(piece, 's', wanted);
    *bytes = piece;
    *length = wanted;
    return APR_SUCCESS;
}

static int source(hbr_context_t *ctx)
{
    return hbr_source(
        ctx, &(hbr_source_t){ .length = 10000000, .read = read_piece }, NULL);
}

static void crash_late(void *data)
{
    (void)data;
    *nowhere = 1;
}

static int late(hbr_context_t *ctx)
{
    hbr_defer(ctx, crash_late, NULL);
    return hbr_text(ctx, "whole\n");
}

/* For mod_include: the part is made inside the flush. */
static int after_part(hbr_context_t *ctx)
{
    hbr_type(ctx, "text/html");
    hbr_puts(ctx, "<!--#include virtual=\"/hello?name=part\" -->\n");
    hbr_flush(ctx);
    *nowhere = 1;
    return HBR_OK;
}

static int in_part(hbr_context_t *ctx)
{
    hbr_type(ctx, "text/html");
    return hbr_puts(ctx, "<!--#include virtual=\"/crash/null/part\" -->\n")
                   == APR_SUCCESS
               ? HBR_OK
               : 500;
}

/* Says which process it is in before it rests. */
static int rest(hbr_context_t *ctx)
{
    const struct timespec second = { .tv_sec = 1 };

    hbr_printf(ctx, "%d\n", (int)getpid());
    hbr_flush(ctx);
    nanosleep(&second, NULL);
    return hbr_text(ctx, "rested\n");
}

/* The request, which the log is to tell of, cannot be read any more. */
static int twice(hbr_context_t *ctx)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t start = (uintptr_t)ctx->uri / page * page;

    if (mprotect((void *)start, page, PROT_NONE) == 0)
        *nowhere = 1;
    return 500;
}

static const struct {
    const char *name;
    int (*run)(hbr_context_t *ctx);
} ways[] = { { "/null", null },         { "/abort", give_up },
             { "/divide", divide },     { "/raise", raise_one },
             { "/overflow", overflow }, { "/source", source },
             { "/late", late },         { "/after-part", after_part },
             { "/in-part", in_part },   { "/rest", rest },
             { "/twice", twice } };

static bool leads(const char *path, const char *way)
{
    size_t length = strlen(way);

    return strncmp(path, way, length) == 0
           && (path[length] == '\0' || path[length] == '/');
}

static int process(hbr_context_t *ctx)
{
    size_t i;

    for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        if (leads(ctx->path_info, ways[i].name))
            return ways[i].run(ctx);
    return hbr_text(ctx, "alive\n");
}

HBR_HANDLER(crash, .process = process, .methods = "GET, POST");
