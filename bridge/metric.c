/*
 * Handlers' own counters and timers: their declarations, and adding to them.
 * Any thread adds, without a lock.
 */
#include "metric.h"

#include <string.h>

#include <apr_strings.h>

#include "atomic.h"
#include "log.h"
#include "metrics_block.h"
#include "state.h"

#define NAME_MAX_LENGTH 40
/* More seconds than fit are as good as for ever: 292,000 years. */
#define SECONDS_MAX 9.2e12

_Static_assert(NAME_MAX_LENGTH < HBR_OWN_NAME, "names fit");

static bool name_is_valid(const char *name)
{
    apr_size_t length = name != NULL ? strlen(name) : 0;

    return length > 0 && length <= NAME_MAX_LENGTH && *name >= 'a'
           && *name <= 'z'
           && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == length;
}

/* OpenMetrics puts "_total" behind a counter's name and knows "_created"
 * beside it (5.1): "sold" and "sold_total" would be one there. */
static const char *taken_end(const hbr_metric_t *metric)
{
    static const char *const ends[] = { "_total", "_created" };
    apr_size_t length = strlen(metric->name);
    int i;

    for (i = 0; metric->type == HBR_METRIC_COUNTER && i < 2; i++)
        if (length >= strlen(ends[i])
            && strcmp(metric->name + length - strlen(ends[i]), ends[i]) == 0)
            return ends[i];
    return NULL;
}

static bool stands_before(const hbr_metric_t *metrics, apr_size_t index)
{
    apr_size_t i;

    for (i = 0; i < index; i++)
        if (strcmp(metrics[i].name, metrics[index].name) == 0)
            return true;
    return false;
}

static const char *refusal_of(apr_pool_t *pool, const hbr_metric_t *metric)
{
    const char *end;

    if (!name_is_valid(metric->name))
        return apr_psprintf(pool,
                            ".metrics: the name \"%s\" is not made of 1 to %d "
                            "lower case letters, digits and '_', the first of "
                            "them a letter",
                            metric->name != NULL ? metric->name : "",
                            NAME_MAX_LENGTH);
    if (metric->type > HBR_METRIC_TIMER)
        return apr_psprintf(
            pool, ".metrics: \"%s\" is neither HBR_COUNTER() nor HBR_TIMER()",
            metric->name);
    end = taken_end(metric);
    return end == NULL
               ? NULL
               : apr_psprintf(pool,
                              ".metrics: the counter \"%s\" ends with \"%s\", "
                              "which OpenMetrics puts behind a counter's name "
                              "itself",
                              metric->name, end);
}

const char *hbr_metrics_refusal(apr_pool_t *pool, const hbr_metric_t *metrics,
                                apr_size_t count)
{
    const char *refusal = NULL;
    apr_size_t i;

    if (count > HBR_METRICS_MAX)
        return apr_psprintf(
            pool, ".metrics: %" APR_SIZE_T_FMT " of them, there may be %d",
            count, HBR_METRICS_MAX);
    for (i = 0; refusal == NULL && i < count; i++) {
        refusal = refusal_of(pool, &metrics[i]);
        if (refusal == NULL && stands_before(metrics, i))
            refusal = apr_psprintf(pool, ".metrics: \"%s\" stands there twice",
                                   metrics[i].name);
    }
    return refusal;
}

static void misused(hbr_context_t *ctx, const char *call, const char *what)
{
    if (hbr_meter_misused(&ctx->state->entry->meter))
        hbr_bridge_log(ctx, HBR_LOG_WARNING, APR_SUCCESS, "HBR0301",
                       "%s() was given %s; ignored, and not said again in "
                       "this process",
                       call, what);
}

/* Its words in this process' lane; NULL when nothing is counted. */
static apr_uint64_t *words_of(hbr_context_t *ctx, const char *call, int index,
                              hbr_metric_type_e type)
{
    hbr_entry_t *entry = ctx->state->entry;
    char what[80];

    if (index >= 0 && (apr_size_t)index < entry->metrics
        && entry->handler.metrics[index].type == type)
        return entry->meter.own[index];
    apr_snprintf(what, sizeof(what), "%d, which is no %s that it declared",
                 index, type == HBR_METRIC_TIMER ? "timer" : "counter");
    misused(ctx, call, what);
    return NULL;
}

void hbr_count(hbr_context_t *ctx, int counter, uint64_t n)
{
    apr_uint64_t *words =
        words_of(ctx, "hbr_count", counter, HBR_METRIC_COUNTER);

    if (words != NULL)
        hbr_add64(words, n);
}

static void observe(apr_uint64_t *words, apr_uint64_t us)
{
    hbr_add64(&words[HBR_TIMER_SUM], us);
    hbr_max64(&words[HBR_TIMER_MAX], us);
    hbr_add64(&words[HBR_TIMER_BUCKETS + hbr_coarse_of(us)], 1);
}

void hbr_observe(hbr_context_t *ctx, int timer, double seconds)
{
    apr_uint64_t *words = words_of(ctx, "hbr_observe", timer, HBR_METRIC_TIMER);

    if (!(seconds >= 0 && seconds <= SECONDS_MAX)) {
        misused(ctx, "hbr_observe", "what is no duration");
        return;
    }
    if (words != NULL)
        observe(words, (apr_uint64_t)(seconds * 1e6 + 0.5));
}
