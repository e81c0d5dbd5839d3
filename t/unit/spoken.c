/*
 * handlers/shared/spoken.c: each digit is said at its turn, as it was recorded
 * and loud enough to be heard over what is muttered behind it.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "handlers/shared/spoken.h"
#include "support/main.h"

#define RATE 8000
#define HEADER 44
#define LOUD 4000 /* what no mutter is */

typedef struct wave_t {
    int samples[32 * RATE];
    size_t count;
} wave_t;

static uint32_t number(const unsigned char *at, int count)
{
    uint32_t value = 0;

    for (int i = count - 1; i >= 0; i--)
        value = value << 8 | at[i];
    return value;
}

/* RIFF WAVE, PCM of 16 bits: the header's fields and the samples. */
static wave_t *speak(const char *digits, uint64_t seed)
{
    static wave_t wave;
    chance_t chance = { seed };
    bytes_t bytes = { NULL, 0, 0 };

    assert_true(spoken_wav(&bytes, digits, &chance));
    assert_memory_equal(bytes.data, "RIFF", 4);
    assert_int_equal(number(bytes.data + 4, 4), bytes.length - 8);
    assert_memory_equal(bytes.data + 8, "WAVEfmt \x10\0\0\0\1\0\1\0", 16);
    assert_int_equal(number(bytes.data + 24, 4), RATE);
    assert_int_equal(number(bytes.data + 28, 4), RATE * 2);
    assert_int_equal(number(bytes.data + 32, 2), 2);
    assert_int_equal(number(bytes.data + 34, 2), 16);
    assert_memory_equal(bytes.data + 36, "data", 4);
    assert_int_equal(number(bytes.data + 40, 4), bytes.length - HEADER);
    wave.count = (bytes.length - HEADER) / 2;
    assert_true(wave.count <= 32 * RATE);
    for (size_t i = 0; i < wave.count; i++)
        wave.samples[i] = (int16_t)number(bytes.data + HEADER + 2 * i, 2);
    free(bytes.data);
    return &wave;
}

/* Where the next word begins; words are apart by 0.15 seconds of quiet. */
static size_t word_begin(const wave_t *wave, size_t at)
{
    while (at < wave->count && abs(wave->samples[at]) < LOUD)
        at++;
    return at;
}

static size_t word_end(const wave_t *wave, size_t at)
{
    size_t last = at;

    for (; at < wave->count && at < last + RATE * 15 / 100; at++) {
        if (abs(wave->samples[at]) >= LOUD)
            last = at;
    }
    return last;
}

/* Ten words, each of a plausible length, in a plausible time. */
static void test_words(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        const wave_t *wave = speak("0123456789", seed * 0x9e3779b97f4a7c15ULL);
        size_t at = 0;
        int words = 0;

        while ((at = word_begin(wave, at)) < wave->count) {
            size_t end = word_end(wave, at);

            assert_in_range(end - at, RATE * 8 / 100, RATE * 55 / 100);
            at = end + 1;
            words++;
        }
        assert_int_equal(words, 10);
        assert_in_range(wave->count, 10 * RATE * 65 / 100,
                        11 * RATE * 105 / 100);
    }
}

/* The sum of voice and mutter stays in 16 bits: nothing jumps from one end of
 * the range to the other, as it does where a sum overflows. */
static void test_levels(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        const wave_t *wave = speak("0123456789", seed);
        int most = 0;

        for (size_t i = 0; i < wave->count; i++) {
            if (abs(wave->samples[i]) > most)
                most = abs(wave->samples[i]);
        }
        assert_in_range(most, 18000, 25000);
    }
}

/* How like two sounds are, from their loudness in 12 parts. */
static double likeness(const wave_t *wave, size_t at, size_t end,
                       const double *other)
{
    double sum = 0, own = 0, others = 0;

    for (size_t part = 0; part < 12; part++) {
        size_t from = at + (end - at) * part / 12;
        size_t to = at + (end - at) * (part + 1) / 12;
        double power = 0;

        for (size_t i = from; i < to; i++)
            power += fabs((double)wave->samples[i]);
        power /= (double)(to - from);
        sum += power * other[part];
        own += power * power;
        others += other[part] * other[part];
    }
    return sum / sqrt(own * others);
}

static void profile(const wave_t *wave, size_t at, size_t end, double *parts)
{
    for (size_t part = 0; part < 12; part++) {
        size_t from = at + (end - at) * part / 12;
        size_t to = at + (end - at) * (part + 1) / 12;

        parts[part] = 0;
        for (size_t i = from; i < to; i++)
            parts[part] += fabs((double)wave->samples[i]);
        parts[part] /= (double)(to - from);
    }
}

/* A digit sounds the same wherever it stands, and no two digits do. */
static void test_order(void **state)
{
    double parts[10][12];
    size_t at = 0;
    const wave_t *wave = speak("0123456789", 77);

    (void)state;
    for (int i = 0; i < 10; i++) {
        size_t end;

        at = word_begin(wave, at);
        end = word_end(wave, at);
        profile(wave, at, end, parts[i]);
        at = end + 1;
    }
    wave = speak("7390", 99);
    at = 0;
    for (const char *digit = "7390"; *digit != '\0'; digit++) {
        size_t end;
        int best = 0;

        at = word_begin(wave, at);
        end = word_end(wave, at);
        for (int i = 1; i < 10; i++) {
            if (likeness(wave, at, end, parts[i])
                > likeness(wave, at, end, parts[best]))
                best = i;
        }
        assert_int_equal(best, *digit - '0');
        at = end + 1;
    }
}

static void test_varies(void **state)
{
    size_t count = speak("123456", 5)->count;

    (void)state;
    assert_int_equal(speak("123456", 5)->count, count);
    assert_int_not_equal(speak("123456", 6)->count, count);
}

MAIN(cmocka_unit_test(test_words), cmocka_unit_test(test_levels),
     cmocka_unit_test(test_order), cmocka_unit_test(test_varies))
