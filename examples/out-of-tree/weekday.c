/* weekday?date=2026-11-21: the day of the week, as HTML or text. */
#include "handlerbridge.h"

#include "calendar.h"

typedef struct in_t {
    apr_time_t date;
} in_t;

static const hbr_input_t inputs[] = {
    HBR_DATE(in_t, date, "date", .required = true), HBR_INPUTS_END
};

static const char *const days[] = { "Sunday",    "Monday",   "Tuesday",
                                    "Wednesday", "Thursday", "Friday",
                                    "Saturday" };

static int process(hbr_context_t *ctx)
{
    static const char *const types[] = { "text/plain", "text/html", NULL };
    const in_t *in = hbr_inputs(ctx);
    apr_time_exp_t date;
    const char *day;

    apr_time_exp_gmt(&date, in->date);
    day = days[date.tm_wday];
    if (hbr_negotiate(ctx, types) == 1)
        hbr_html(ctx, "<p title=\"%s\">%s</p>\n", hbr_query(ctx, "date", ""),
                 day);
    else
        hbr_printf(ctx, "%s%s\n", day,
                   calendar_is_leap_year(date.tm_year + 1900)
                       ? " in a leap year"
                       : "");
    return HBR_OK;
}

HBR_HANDLER(weekday, .process = process, .inputs = inputs,
            .summary = "The day of the week of a date");
