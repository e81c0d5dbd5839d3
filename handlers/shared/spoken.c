/*
 * Digits, spoken. digits.ulaw holds one recording of each, made by
 * tools/spoken-digits; what is heard varies: each digit has its own speed and
 * pause, and behind them other digits are muttered backwards, which people pass
 * over and a comparison with the recordings does not.
 *
 * Threads: any number; nothing is kept.
 */
#include "spoken.h"

#include <string.h>

#include "asset.h"

#define RATE 8000
#define DIGIT 3600 /* samples of a recording */
#define RECORDED ((size_t)10 * DIGIT)
#define HEADER 44
#define DIGITS_MAX 32
#define SLOWEST 0.85
#define FASTEST 1.1
#define PAUSE_MIN (RATE / 4)
#define PAUSE_MAX (RATE / 2)
#define MUTTER 6 /* parts of a voice that the one behind it has */

ASSET(spoken_digits, "handlers/assets/digits.ulaw");

/* ITU-T G.711 mu-law. */
static int sample_of(char code)
{
    int bits = ~(unsigned char)code & 0xff;
    int size = (((bits & 0x0f) << 3) + 132) << ((bits & 0x70) >> 4);

    return bits & 0x80 ? 132 - size : size - 132;
}

static void put(unsigned char *to, unsigned value, int count)
{
    for (int i = 0; i < count; i++)
        to[i] = (unsigned char)(value >> (8 * i));
}

/* RIFF, as Microsoft's "Multimedia Programming Interface" 1.0 has it. */
static bool add_header(bytes_t *bytes, size_t samples)
{
    unsigned length = (unsigned)(samples * 2);
    unsigned char header[HEADER] = "RIFF....WAVEfmt ";

    put(header + 4, HEADER - 8 + length, 4);
    put(header + 16, 16, 4);
    put(header + 20, 1, 2); /* PCM */
    put(header + 22, 1, 2); /* channels */
    put(header + 24, RATE, 4);
    put(header + 28, RATE * 2, 4);
    put(header + 32, 2, 2);
    put(header + 34, 16, 2);
    memcpy(header + 36, "data", 4);
    put(header + 40, length, 4);
    return bytes_append(bytes, header, HEADER);
}

static int mutter(size_t at, size_t offset)
{
    size_t last = RECORDED - 1;

    return sample_of(spoken_digits[last - (at + offset) % RECORDED]) / MUTTER;
}

typedef struct word_t {
    const char *recording; /* NULL: a pause */
    double speed;
    size_t samples;
} word_t;

static int sound(const word_t *word, size_t at)
{
    size_t from;

    if (word->recording == NULL)
        return 0;
    from = (size_t)((double)at * word->speed);
    return sample_of(word->recording[from < DIGIT ? from : DIGIT - 1]);
}

/* The mutter goes on from word to word, so that it does not mark where one
 * begins. */
static void say(unsigned char *to, const word_t *word, size_t offset)
{
    for (size_t at = 0; at < word->samples; at++)
        put(to + 2 * at, (unsigned)(sound(word, at) + mutter(at, offset)), 2);
}

/* Pause, digit, pause, digit ... pause. */
static size_t plan(word_t *words, const char *digits, chance_t *chance)
{
    size_t count = 0;
    word_t pause = { NULL, 1, 0 };

    for (; *digits != '\0' && count < 2 * DIGITS_MAX; digits++) {
        double speed = chance_between(chance, SLOWEST, FASTEST);

        pause.samples = (size_t)chance_between(chance, PAUSE_MIN, PAUSE_MAX);
        words[count++] = pause;
        words[count++] =
            (word_t){ spoken_digits + (size_t)(*digits - '0') * DIGIT, speed,
                      (size_t)(DIGIT / speed) };
    }
    words[count++] = pause;
    return count;
}

bool spoken_wav(bytes_t *bytes, const char *digits, chance_t *chance)
{
    word_t words[2 * DIGITS_MAX + 1];
    size_t count = plan(words, digits, chance);
    size_t offset = chance_next(chance) % RECORDED;
    size_t samples = 0;

    for (size_t i = 0; i < count; i++)
        samples += words[i].samples;
    if (!add_header(bytes, samples) || !bytes_reserve(bytes, samples * 2))
        return false;
    for (size_t i = 0; i < count; i++) {
        say(bytes->data + bytes->length, &words[i], offset);
        bytes->length += words[i].samples * 2;
        offset += words[i].samples;
    }
    return true;
}
