/**
 * @file urlencoded_block.h
 * @brief A form's bytes by 64: where those are that mean something, and what lies
 *        between them.
 */
#ifndef HBR_BRIDGE_URLENCODED_BLOCK_H
#define HBR_BRIDGE_URLENCODED_BLOCK_H

#include "vector.h"

#define HBR_BLOCK 64
/** So many bytes are copied at once. */
#define HBR_BLOCK_STEP sizeof(hbr_vector_t)

static inline apr_uint64_t hbr_step_marks(const char *bytes)
{
    hbr_vector_t vector = hbr_vector_load(bytes);

    return hbr_vector_bits((hbr_vector_t)((vector <= '&') | (vector == '=')));
}

/**
 * Tells which bytes of a block may mean something: those do, and what else lies
 * below '&', which few send as it is. '+' is none of them.
 * @param bytes a whole block of them can be read
 * @param length how many count
 * @return a bit for each; the first byte's is the lowest
 */
static inline apr_uint64_t hbr_block_marks(const char *bytes, apr_size_t length)
{
    const apr_size_t step = HBR_BLOCK_STEP;
    apr_uint64_t marks = hbr_step_marks(bytes)
                         | hbr_step_marks(bytes + step) << step
                         | hbr_step_marks(bytes + 2 * step) << 2 * step
                         | hbr_step_marks(bytes + 3 * step) << 3 * step;

    return length < HBR_BLOCK ? marks & (((apr_uint64_t)1 << length) - 1)
                              : marks;
}

static inline void hbr_step_copy(char *to, const char *from)
{
    hbr_vector_t vector = hbr_vector_load(from);

    vector ^= (hbr_vector_t)(vector == '+') & ('+' ^ ' ');
    hbr_vector_store(to, vector);
}

/**
 * Copies what stands for itself, and '+' as the space it means. Steps are copied
 * whole, mostly one: up to 16 bytes more than there are, which have to be there
 * on both sides.
 * @return where the copy ends
 */
static inline char *hbr_block_copy(char *to, const char *from, const char *end)
{
    apr_size_t length = (apr_size_t)(end - from), i;

    hbr_step_copy(to, from);
    if (__builtin_expect(length > HBR_BLOCK_STEP, 0))
        for (i = HBR_BLOCK_STEP; i < length; i += HBR_BLOCK_STEP)
            hbr_step_copy(to + i, from + i);
    return to + length;
}

#endif
