/**
 * @file asset.h
 * @brief Files of the source tree that are compiled in: style sheets, scripts,
 * sounds.
 */
#ifndef SHARED_ASSET_H
#define SHARED_ASSET_H

/**
 * Makes a file the array `name`, and a NUL behind it. At file scope; what is
 * changed in handlers/assets/ compiles all handlers anew.
 * @param name not used by another handler
 * @param file its path from the top of the source tree
 */
#define ASSET(name, file)                                                      \
    __asm__(".pushsection .rodata\n"                                           \
            ".hidden " #name "\n"                                              \
            ".global " #name "\n" #name ":\n"                                  \
            ".incbin \"" file "\"\n"                                           \
            ".byte 0\n"                                                        \
            ".popsection\n");                                                  \
    extern const char name[] __attribute__((visibility("hidden")))

#endif
