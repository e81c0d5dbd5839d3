/**
 * @file spoken.h
 * @brief Digits, spoken: sound for who cannot see a picture.
 */
#ifndef SHARED_SPOKEN_H
#define SHARED_SPOKEN_H

#include "bytes.h"
#include "chance.h"

/**
 * Writes a WAV file: 16 bits, 8,000 samples a second, one channel.
 * @param bytes to which it is added; what is there when it fails is no sound
 * @param digits '0' to '9', at most 32
 * @param chance varies speed and pauses, and mutters behind them
 * @return false when there is no memory
 */
bool spoken_wav(bytes_t *bytes, const char *digits, chance_t *chance);

#endif
