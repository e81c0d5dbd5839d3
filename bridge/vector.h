/**
 * @file vector.h
 * @brief Bytes that are compared at once: 16, and 32 in the files that are compiled
 * for AVX2 and say so by HBR_WIDE (wide.h). The others have 16 whatever they are
 * compiled for, so that what is tested is what runs. GCC and Clang make of it what
 * the CPU has; only for what a comparison gave there is an instruction that they do
 * not find.
 */
#ifndef HBR_BRIDGE_VECTOR_H
#define HBR_BRIDGE_VECTOR_H

#include <stdbool.h>
#include <string.h>

#include <apr.h>

#if defined(HBR_WIDE) && defined(__AVX2__)
#include <immintrin.h>
#define HBR_VECTOR 32
#elif defined(__SSE2__)
#include <emmintrin.h>
#define HBR_VECTOR 16
#else
#define HBR_VECTOR 16
#endif

/** A comparison gives 0xFF where it holds and 0 elsewhere. */
typedef unsigned char hbr_vector_t __attribute__((vector_size(HBR_VECTOR)));

/** Reads as many bytes; they may lie anywhere. */
static inline hbr_vector_t hbr_vector_load(const char *at)
{
    hbr_vector_t vector;

    memcpy(&vector, at, sizeof(vector));
    return vector;
}

/** Writes them. */
static inline void hbr_vector_store(char *at, hbr_vector_t vector)
{
    memcpy(at, &vector, sizeof(vector));
}

/** The same byte everywhere. It stays in its register: the compiler would make it
 *  anew wherever it is used, by three instructions. */
static inline hbr_vector_t hbr_vector_of(unsigned char byte)
{
    hbr_vector_t vector = { 0 };

    vector += byte;
#if HBR_VECTOR == 32
    __asm__("" : "+x"(vector));
#endif
    return vector;
}

/** Where the lowest bit is that is set; there is one. The builtin gives an int,
 *  which has to be made long again. */
static inline apr_size_t hbr_bits_first(apr_uint64_t bits)
{
#if HBR_VECTOR == 32 && defined(__BMI__) && defined(__x86_64__)
    return _tzcnt_u64(bits);
#else
    return (apr_size_t)__builtin_ctzll(bits);
#endif
}

#if HBR_VECTOR == 32 || defined(__SSE2__)

/** One bit for each byte of what comparisons gave, or of an OR or AND of it; the
 *  first byte's is the lowest. */
static inline unsigned hbr_vector_bits(hbr_vector_t vector)
{
#if HBR_VECTOR == 32
    return (unsigned)_mm256_movemask_epi8((__m256i)vector);
#else
    return (unsigned)_mm_movemask_epi8((__m128i)vector);
#endif
}

/** Whether what comparisons gave, or an OR or AND of it, is 0 everywhere. */
static inline bool hbr_vector_is_zero(hbr_vector_t vector)
{
    return hbr_vector_bits(vector) == 0;
}

/** Where its first byte is that is not 0; there is one. */
static inline apr_size_t hbr_vector_first(hbr_vector_t vector)
{
    return (apr_size_t)__builtin_ctz(hbr_vector_bits(vector));
}

#else

static inline unsigned hbr_vector_bits(hbr_vector_t vector)
{
    unsigned bits = 0, i;

    for (i = 0; i < sizeof(vector); i++)
        bits |= (vector[i] & 1u) << i;
    return bits;
}

static inline bool hbr_vector_is_zero(hbr_vector_t vector)
{
    apr_uint64_t half[2];

    memcpy(half, &vector, sizeof(half));
    return (half[0] | half[1]) == 0;
}

static inline apr_size_t hbr_vector_first(hbr_vector_t vector)
{
    apr_uint64_t half[2];
    apr_size_t i;

    memcpy(half, &vector, sizeof(half));
    i = half[0] == 0;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return 8 * i + (apr_size_t)__builtin_clzll(half[i]) / 8;
#else
    return 8 * i + (apr_size_t)__builtin_ctzll(half[i]) / 8;
#endif
}

#endif

#endif
