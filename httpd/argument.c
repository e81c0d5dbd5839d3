/*
 * Directives' arguments.
 */
#include <apr_strings.h>

#include "argument.h"

const char *hbr_argument_number(cmd_parms *cmd, const char *arg, int least,
                                int most, int *number)
{
    char *end;
    apr_int64_t value = apr_strtoi64(arg, &end, 10);

    if (end == arg || *end != '\0' || value < least || value > most)
        return apr_psprintf(cmd->pool,
                            "%s takes a number from %d to %d, "
                            "not \"%s\"",
                            cmd->cmd->name, least, most, arg);
    *number = (int)value;
    return NULL;
}

/* What one K, M or G behind a size stands for. */
static apr_off_t unit_of(char letter)
{
    switch (letter) {
    case 'K':
    case 'k': return (apr_off_t)1 << 10;
    case 'M':
    case 'm': return (apr_off_t)1 << 20;
    case 'G':
    case 'g': return (apr_off_t)1 << 30;
    default: return 1;
    }
}

static bool read_amount(const char *arg, bool is_size, apr_off_t most,
                        apr_off_t *number)
{
    apr_off_t unit;
    char *end;

    if (apr_strtoff(number, arg, &end, 10) != APR_SUCCESS || end == arg)
        return false;
    unit = is_size ? unit_of(*end) : 1;
    if (unit > 1)
        end++;
    if (*end != '\0' || *number < 0 || *number > most / unit)
        return false;
    *number *= unit;
    return true;
}

const char *hbr_argument_amount(cmd_parms *cmd, const char *arg, bool is_size,
                                apr_off_t most, apr_off_t *number)
{
    if (read_amount(arg, is_size, most, number))
        return NULL;
    return apr_psprintf(cmd->pool,
                        "%s \"%s\": expected a whole number from 0 to "
                        "%" APR_OFF_T_FMT "%s",
                        cmd->cmd->name, arg, most,
                        is_size ? ", or with K, M or G behind it" : "");
}
