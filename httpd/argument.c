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
