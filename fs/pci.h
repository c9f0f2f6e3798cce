// PCI configuration, as far as the disk's driver needs it.
#ifndef FS_PCI_H
#define FS_PCI_H

#include <inc/types.h>

// Finds an IDE controller that masters the bus and has its primary channel at the
// ports of old, and lets it. The ports of its bus master, 0 if there is none.
uint16_t pci_find_ide(void);

#endif
