/* leap-year?year=2028: says whether it is one. */
#include "handlerbridge.h"

#include "calendar.h"

typedef struct in_t {
    int64_t year;
} in_t;

static const hbr_input_t inputs[] = {
    HBR_INT(in_t, year, "year", .required = true, .min = 1583, .max = 9999,
            .help = "a year of the Gregorian calendar"),
    HBR_INPUTS_END
};

bool calendar_is_leap_year(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int process(hbr_context_t *ctx)
{
    const in_t *in = hbr_inputs(ctx);

    return hbr_text(ctx, "%d is %s leap year.\n", (int)in->year,
                    calendar_is_leap_year((int)in->year) ? "a" : "no");
}

HBR_HANDLER(leap_year, .process = process, .name = "leap-year",
            .inputs = inputs, .summary = "Whether a year has 366 days");
