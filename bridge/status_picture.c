/*
 * Pictures of durations, as SVG within the page: coloured by its style sheet,
 * which knows light and dark.
 */
#include "status.h"

#include <math.h>

#include <apr_strings.h>

/* ---- how they spread ---------------------------------------------------------- */

#define BAR_STEP 4
#define BAR_WIDTH 3
#define BAR_HEIGHT 24

static apr_uint64_t largest(const apr_uint64_t *counts)
{
    apr_uint64_t most = 1;
    int i;

    for (i = 0; i < HBR_DOUBLINGS; i++)
        if (counts[i] > most)
            most = counts[i];
    return most;
}

/* What is there at all can be seen. The script does the same. */
void hbr_status_histogram(hbr_context_t *ctx, const hbr_reading_t *reading)
{
    apr_uint64_t counts[HBR_DOUBLINGS];
    double most;
    int i;

    hbr_status_doublings(reading, counts);
    most = (double)largest(counts);
    hbr_html(ctx,
             "<svg class=\"spread\" viewBox=\"0 0 %d %d\" role=\"img\" "
             "aria-label=\"How durations spread, from 8 microseconds to 71 "
             "minutes, each bar twice the one before\">"
             "<path data-k=\"histogram\" data-f=\"h\" d=\"M0 %d",
             HBR_DOUBLINGS * BAR_STEP, BAR_HEIGHT, BAR_HEIGHT);
    for (i = 0; i < HBR_DOUBLINGS; i++)
        if (counts[i] > 0)
            hbr_html(ctx, "M%d %dv-%dh%dV%dz", i * BAR_STEP, BAR_HEIGHT,
                     1 + (int)((double)counts[i] / most * (BAR_HEIGHT - 1)),
                     BAR_WIDTH, BAR_HEIGHT);
    hbr_html(ctx, "\"/></svg>");
}

/* ---- the last hour ------------------------------------------------------------ */

#define LEFT 64
#define STEP 11
#define HIGH 200
#define TOP 8
#define RIGHT (LEFT + STEP * HBR_MINUTES)
/* Decades, in microseconds by their exponent: 10 us to 100 s. */
#define DECADE_FIRST 1
#define DECADE_LAST 8

static double y_of(apr_uint64_t us)
{
    double decade = us > 10 ? log10((double)us) : DECADE_FIRST;

    if (decade > DECADE_LAST)
        decade = DECADE_LAST;
    return TOP + HIGH
           - (decade - DECADE_FIRST) * HIGH / (DECADE_LAST - DECADE_FIRST);
}

static void draw_scale(hbr_context_t *ctx)
{
    static const char *const labels[] = { "10 \xc2\xb5s", "100 \xc2\xb5s",
                                          "1 ms",         "10 ms",
                                          "100 ms",       "1 s",
                                          "10 s",         "100 s" };
    int i;

    for (i = 0; i <= DECADE_LAST - DECADE_FIRST; i++) {
        int y = TOP + HIGH - i * HIGH / (DECADE_LAST - DECADE_FIRST);

        hbr_html(ctx,
                 "<path class=\"grid\" d=\"M%d %dH%d\"/>"
                 "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>",
                 LEFT, y, RIGHT, LEFT - 6, y + 4, labels[i]);
    }
}

static const char *clock_of(apr_pool_t *pool, apr_time_t when)
{
    return apr_pstrmemdup(pool, hbr_status_time(pool, when) + 11, 5);
}

/* A bar from the median to the 99th percentile. */
static void draw_minute(hbr_context_t *ctx, const hbr_minute_t *minute, int i)
{
    const hbr_latency_t *latency = &minute->latency;
    int top = (int)y_of(latency->p99);
    int bottom = (int)y_of(latency->p50);

    hbr_html(ctx,
             "<rect class=\"bar\" x=\"%d\" y=\"%d\" width=\"%d\" "
             "height=\"%d\"><title>%s: %s requests, p50 %s, p99 %s</title>"
             "</rect>",
             LEFT + i * STEP + 1, top - 1, STEP - 2, bottom - top + 2,
             clock_of(ctx->pool, minute->start),
             hbr_status_count(ctx->pool, latency->count),
             hbr_status_duration(ctx->pool, latency->p50),
             hbr_status_duration(ctx->pool, latency->p99));
}

void hbr_status_hour(hbr_context_t *ctx, const hbr_reading_t *reading)
{
    int i;

    hbr_html(ctx,
             "<svg class=\"hour\" viewBox=\"0 0 %d %d\" role=\"img\" "
             "aria-label=\"Latency over the last hour: for each minute a bar "
             "from the median to the 99th percentile\">",
             RIGHT + 24, TOP + HIGH + 24);
    draw_scale(ctx);
    for (i = 0; i < HBR_MINUTES; i++) {
        const hbr_minute_t *minute = &reading->minutes[i];

        if (minute->latency.count > 0)
            draw_minute(ctx, minute, i);
        if (minute->start != 0 && apr_time_sec(minute->start) / 60 % 15 == 0)
            hbr_html(ctx,
                     "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                     LEFT + i * STEP + STEP / 2, TOP + HIGH + 18,
                     clock_of(ctx->pool, minute->start));
    }
    hbr_html(ctx, "</svg>");
}
