/**
 * @file demo.h
 * @brief The demo's tables with a few rows, for the tests of its handlers.
 */
#ifndef HBR_UNIT_DEMO_H
#define HBR_UNIT_DEMO_H

#include "serve.h"

/** A kit with demo/schema.sql in a database of its own; run from the folder
 *  that holds demo/. */
int demo_setup(void **state);
int demo_teardown(void **state);

/** Runs SQL beside the kit, as another process does. */
void demo_sql(const char *sql);

#define DEMO_TEST(f)                                                           \
    cmocka_unit_test_setup_teardown(f, demo_setup, demo_teardown)

#endif
