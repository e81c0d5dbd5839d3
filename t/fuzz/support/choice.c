/* See choice.h. */
#include "choice.h"

#define OFFERS_MAX 8

static int alone(choose_t *choose, const char *field, const char *offer)
{
    const char *const offers[] = { offer, NULL };

    return choose(field, offers);
}

static int read_offers(fuzz_input_t *input, const char **offers)
{
    int count = 0;

    while (count < OFFERS_MAX && input->left > 0)
        offers[count++] = fuzz_line(input);
    offers[count] = NULL;
    return count;
}

void check_choice(fuzz_input_t *input, choose_t *choose)
{
    const char *field = fuzz_line(input);
    const char *offers[OFFERS_MAX + 1];
    int count = read_offers(input, offers);
    int best = choose(field, offers);
    int i;

    CHECK(best >= -1 && best < count);
    CHECK(choose(NULL, offers) == (count > 0 ? 0 : -1));
    CHECK(choose(" ,;,\t/, ?", offers) == choose(NULL, offers));
    if (best >= 0)
        CHECK(alone(choose, field, offers[best]) == 0);
    for (i = 0; best == -1 && i < count; i++)
        CHECK(alone(choose, field, offers[i]) == -1);
    CHECK(choose(fuzz_upper(field), offers) == best);
    CHECK(choose(apr_pstrcat(pool, ", ,\t", field, NULL), offers) == best);
    for (i = 0; i < count; i++)
        offers[i] = fuzz_upper(offers[i]);
    CHECK(choose(field, offers) == best);
}
