/**
 * @file option.h
 * @brief A handler's options: read from the configuration, laid into its
 *        struct.
 *
 * Options are declared as inputs are (handlerbridge/input.h), so types, bounds
 * and sentences are the same; they are read once, and not for each request.
 */
#ifndef HBR_BRIDGE_OPTION_H
#define HBR_BRIDGE_OPTION_H

#include "registry.h"

/** An option's value, checked. */
typedef struct hbr_option_value_t {
    const hbr_input_t *option;
    union {
        const char *text;
        int64_t integer;
        double real;
        bool boolean;
        int index;
        apr_time_t time;
    } as;
} hbr_option_value_t;

/**
 * Checks a declaration's options.
 * @return NULL, or what is wrong
 */
const char *hbr_options_refusal(apr_pool_t *pool, const hbr_entry_t *entry);

/** The struct of an entry that has options, with every fallback in it. */
void *hbr_options_fallbacks(apr_pool_t *pool, const hbr_entry_t *entry);

/**
 * Reads an option's value as written in the configuration.
 * @param pool the value's memory
 * @param key the option's name, as written
 * @param text the value, as written
 * @param value set to it
 * @return NULL, or a sentence: which options there are and which one is
 *         nearest; what the value has to be
 */
const char *hbr_option_read(apr_pool_t *pool, const hbr_entry_t *entry,
                            const char *key, const char *text,
                            hbr_option_value_t *value);

/** Lays a value into the author's struct. */
void hbr_option_put(void *options, const hbr_option_value_t *value);

/** An option's value in the author's struct as text, for listings. */
const char *hbr_option_format(apr_pool_t *pool, const hbr_input_t *option,
                              const void *options);

/** What an option's value has to be, for listings: "a whole number from 1 to
 *  99". */
const char *hbr_option_expectation(apr_pool_t *pool, const hbr_input_t *option);

/** The line of help that its declaration gives; NULL: none. */
const char *hbr_option_help(const hbr_input_t *option);

#endif
