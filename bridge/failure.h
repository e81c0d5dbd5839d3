/**
 * @file failure.h
 * @brief Why a statement failed.
 */
#ifndef HBR_BRIDGE_FAILURE_H
#define HBR_BRIDGE_FAILURE_H

typedef enum {
    HBR_FAILURE_OTHER = 0,  /**< Not known for sure: an outage. */
    HBR_FAILURE_CONSTRAINT, /**< UNIQUE, NOT NULL, CHECK, a foreign key. */
    HBR_FAILURE_VALUES,     /**< A value its type or column cannot take. */
    HBR_FAILURE_STALE,      /**< What it was prepared for has changed; nothing
                                 of it ran. */
    HBR_FAILURE_UNPREPARED, /**< The database does not know it; as above. */
    HBR_FAILURE_SLOW,       /**< It was given up for its time. */
    HBR_FAILURE_BUSY,       /**< Another's lock, or another's change. */
    HBR_FAILURE_FULL,       /**< No room. */
    HBR_FAILURE_READ_ONLY,  /**< It would change what cannot be changed. */
    HBR_FAILURE_NONE        /**< It ran: the driver calls it a failure that it
                                 answered with rows. */
} hbr_failure_e;

/**
 * Tells failures apart.
 * @param driver apr_dbd's name of the driver
 * @param result what the driver returned
 * @param message its words, the first line
 */
hbr_failure_e hbr_failure_of(const char *driver, int result,
                             const char *message);

#endif
