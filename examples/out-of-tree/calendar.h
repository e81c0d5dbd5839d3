/* What the handlers of this module share. */
#ifndef CALENDAR_H
#define CALENDAR_H

#include <stdbool.h>

bool calendar_is_leap_year(int year);

#endif
