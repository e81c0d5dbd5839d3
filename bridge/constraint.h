/**
 * @file constraint.h
 * @brief Whether a statement failed for what the data may be.
 */
#ifndef HBR_BRIDGE_CONSTRAINT_H
#define HBR_BRIDGE_CONSTRAINT_H

#include <stdbool.h>

/**
 * Tells a violated constraint (UNIQUE, NOT NULL, CHECK, a foreign key; SQLSTATE
 * class 23) from an outage.
 * @param driver apr_dbd's name of the driver
 * @param result what the driver returned
 * @param message its words, the first line
 */
bool hbr_is_constraint(const char *driver, int result, const char *message);

#endif
