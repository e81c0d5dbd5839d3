/*
 * Keeps pixman, which Cairo draws with, in the process for good.
 *
 * At a graceful restart httpd's parent unloads this module with all that it is
 * linked to, and loads it again. pixman's constructor then allocates some
 * 12 KB, and it has no destructor that gives them back: the parent would grow
 * by them at each restart. What stays mapped is not constructed again. It holds
 * no address of Cairo's or ours, for in the parent nobody draws.
 *
 * A constructor, for nothing of a handler's runs in the parent otherwise. It
 * asks the loader alone; where pixman has another name, nothing is lost but
 * those bytes.
 */
#include <dlfcn.h>

__attribute__((constructor)) static void keep(void)
{
    dlopen("libpixman-1.so.0", RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}
