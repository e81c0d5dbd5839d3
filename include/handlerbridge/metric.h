/**
 * @file metric.h
 * @brief Counters and timers of a handler's own.
 *
 *     enum { SOLD, RENDER };
 *     static const hbr_metric_t metrics[] = {
 *         [SOLD]   = HBR_COUNTER("sold", .help = "tickets that were sold"),
 *         [RENDER] = HBR_TIMER("render", .help = "making of a picture"),
 *         HBR_METRICS_END
 *     };
 *
 *     hbr_count(ctx, SOLD, 2);
 *     hbr_observe(ctx, RENDER, seconds);
 *
 *     HBR_HANDLER(tickets, .process = tickets, .metrics = metrics);
 *
 * They are named by their index, as statements are: a mistaken name does not
 * compile, and nothing is looked up while a request runs.
 *
 * Numbers are the whole server's, and stay over a graceful restart: what is
 * counted in one is the same when its handler's name, its own name and its kind
 * are the same. Where requests are not counted (BridgeMetrics Off) the calls do
 * nothing.
 */
#ifndef HANDLERBRIDGE_METRIC_H
#define HANDLERBRIDGE_METRIC_H

#include "context.h"

/** As many as a handler may have. */
#define HBR_METRICS_MAX 16

typedef enum {
    HBR_METRIC_END = 0,
    HBR_METRIC_COUNTER,
    HBR_METRIC_TIMER
} hbr_metric_type_e;

/** One counter or timer. */
typedef struct hbr_metric_t {
    hbr_metric_type_e type;
    const char *name; /**< 1 to 40 lower case letters, digits and '_', the
                           first a letter; once in a handler. A counter's
                           does not end with _total or _created, which
                           OpenMetrics puts there. */
    const char *help; /**< One line, for those who look at it; may be NULL. */
} hbr_metric_t;

/* clang-format off */
/** HBR_COUNTER("name") or HBR_COUNTER("name", .help = "...") */
#define HBR_COUNTER(...) { .type = HBR_METRIC_COUNTER, .name = __VA_ARGS__ }
#define HBR_TIMER(...)   { .type = HBR_METRIC_TIMER, .name = __VA_ARGS__ }
#define HBR_METRICS_END  { .type = HBR_METRIC_END }
/* clang-format on */

/**
 * Adds to a counter. Any number of threads; does not block.
 * @param ctx the context
 * @param counter its index in the declaration; one that is no counter's is
 *        ignored, and logged once in each child process
 * @param n how many
 */
HBR_API void hbr_count(hbr_context_t *ctx, int counter, uint64_t n);

/**
 * Adds a duration to a timer: its count, sum, longest, and how they spread.
 * @param timer its index in the declaration; as above
 * @param seconds the duration, by the microsecond; a negative one, and what is
 *        no number, is ignored and logged as above
 */
HBR_API void hbr_observe(hbr_context_t *ctx, int timer, double seconds);

#endif
