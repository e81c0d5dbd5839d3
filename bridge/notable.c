/*
 * The first letters tell a field from the others that clients send. Pure, for
 * any thread.
 */
#include "notable.h"

/* A letter in lower case; anything else is some other byte that is no letter. */
static char lower(char byte)
{
    return (char)(byte | 0x20);
}

/* A name has its NUL, so each byte is there when the one before it fits. */
static unsigned notable(const char *name)
{
    switch (lower(name[0])) {
    case 'c':
        return lower(name[1]) == 'o' && lower(name[2]) == 'o'
                   ? HBR_NOTABLE_COOKIE
                   : 0;
    case 'i': return lower(name[1]) == 'f' ? HBR_NOTABLE_CONDITION : 0;
    case 'r': return lower(name[1]) == 'a' ? HBR_NOTABLE_RANGE : 0;
    default: return 0;
    }
}

unsigned hbr_notable_of(const apr_table_t *headers_in)
{
    const apr_array_header_t *fields = apr_table_elts(headers_in);
    const apr_table_entry_t *at = (const apr_table_entry_t *)fields->elts;
    const apr_table_entry_t *end = at + fields->nelts;
    unsigned all = 0;

    for (; at < end; at++)
        all |= notable(at->key);
    return all;
}
