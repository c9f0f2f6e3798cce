// Boot options: small files that QEMU's command line hands to the guest.
#ifndef KERN_FWCFG_H
#define KERN_FWCFG_H

// Reads the file name as text into buf, size bytes with the 0 that ends it.
// The number of characters; -E_NOT_FOUND if there is no such file, or no such
// device; -E_NO_MEM if it does not fit: its beginning is in buf then. buf
// always ends in a 0. One CPU at a time.
int fwcfg_read(const char *name, char *buf, int size);

#endif
