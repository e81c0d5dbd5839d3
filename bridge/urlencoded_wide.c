/*
 * urlencoded_block.h for vectors of 32 bytes: this file is compiled for AVX2.
 */
#define HBR_WIDE
#include "urlencoded_block.h"

apr_size_t hbr_urlencoded_blocks_wide(hbr_urlencoded_t *parser,
                                      const char *bytes, const char *until)
{
    return hbr_take_blocks(parser, bytes, until);
}
