/**
 * @file folder.h
 * @brief A folder of the running test's own.
 */
#ifndef HBR_UNIT_FOLDER_H
#define HBR_UNIT_FOLDER_H

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];

/** Makes it, empty. 0: done. */
static inline int folder_make(void)
{
    strcpy(folder, "/tmp/hbr-unit-XXXXXX");
    return mkdtemp(folder) == NULL;
}

/** Removes it; a test that left something in it has failed. 0: done. */
static inline int folder_remove(void)
{
    return rmdir(folder) != 0;
}

/** How many names stand in it. */
static inline int folder_names(void)
{
    DIR *open = opendir(folder);
    struct dirent *entry;
    int count = 0;

    while ((entry = readdir(open)) != NULL)
        count += entry->d_name[0] != '.';
    closedir(open);
    return count;
}

#endif
