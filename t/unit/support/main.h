/**
 * @file main.h
 * @brief The main function of a unit test program: MAIN(SERVE_TEST(f), ...).
 */
#ifndef HBR_UNIT_MAIN_H
#define HBR_UNIT_MAIN_H

#include <apr_general.h>

#define MAIN(...)                                                              \
    int main(void)                                                             \
    {                                                                          \
        const struct CMUnitTest tests[] = { __VA_ARGS__ };                     \
        int failures;                                                          \
                                                                               \
        cmocka_set_message_output(CM_OUTPUT_TAP);                              \
        apr_initialize();                                                      \
        failures = cmocka_run_group_tests(tests, NULL, NULL);                  \
        apr_terminate();                                                       \
        return failures;                                                       \
    }

#endif
