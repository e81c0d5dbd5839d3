/*
 * The distance between two names. Names are short: three rows of fixed size on
 * the stack, no memory. Nothing is kept; any thread.
 */
#include "nearest.h"

#include <string.h>

#include <apr_strings.h>

#define LONGEST 64

static int least(int a, int b)
{
    return a < b ? a : b;
}

/*
 * One row of the table: row[j] is the distance between the first i bytes of a
 * and the first j bytes of b. above and second are the rows of i - 1, i - 2.
 */
static void fill_row(const char *a, const char *b, size_t i, size_t b_length,
                     int *row, const int *above, const int *second)
{
    size_t j;

    row[0] = (int)i;
    for (j = 1; j <= b_length; j++) {
        row[j] = least(least(above[j], row[j - 1]) + 1,
                       above[j - 1] + (a[i - 1] != b[j - 1]));
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            row[j] = least(row[j], second[j - 2] + 1);
    }
}

int hbr_edit_distance(const char *a, const char *b, int most)
{
    size_t a_length = strnlen(a, LONGEST + 1);
    size_t b_length = strnlen(b, LONGEST + 1);
    int rows[3][LONGEST + 1];
    size_t i;

    if (a_length > LONGEST || b_length > LONGEST)
        return most + 1;
    for (i = 0; i <= b_length; i++)
        rows[0][i] = (int)i;
    for (i = 1; i <= a_length; i++) {
        fill_row(a, b, i, b_length, rows[i % 3], rows[(i + 2) % 3],
                 rows[(i + 1) % 3]);
    }
    return least(rows[a_length % 3][b_length], most + 1);
}

hbr_nearest_t hbr_nearest_to(const char *mistaken)
{
    return (hbr_nearest_t){ .mistaken = mistaken,
                            .distance = HBR_NEAREST_DISTANCE + 1 };
}

void hbr_nearest_try(hbr_nearest_t *nearest, const char *known)
{
    int distance =
        hbr_edit_distance(nearest->mistaken, known, HBR_NEAREST_DISTANCE);

    if (distance >= nearest->distance)
        return;
    nearest->name = known;
    nearest->distance = distance;
}

const char *hbr_did_you_mean(apr_pool_t *pool, const char *name)
{
    return name == NULL
               ? ""
               : apr_pstrcat(pool, ", did you mean \"", name, "\"?", NULL);
}
