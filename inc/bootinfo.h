// What the boot sector leaves for the kernel: the BIOS's memory map (E820), at
// physical address BOOT_E820.
#ifndef INC_BOOTINFO_H
#define INC_BOOTINFO_H

#define BOOT_E820 0x8000

#define E820_MAX 128  // entries at most
#define E820_RAM 1    // type of memory that is free to use
#define E820_ENTRY 24 // bytes of an entry

#ifndef __ASSEMBLER__

#include <inc/types.h>

struct BootE820 {
	uint32_t count;
	struct BootE820Entry {
		uint64_t base;
		uint64_t len;
		uint32_t type;
		uint32_t acpi; // bit 0 clear: ignore the entry
	} __attribute__((packed)) entries[];
} __attribute__((packed));
static_assert(sizeof(struct BootE820Entry) == E820_ENTRY, "boot/boot.S counts on it");

#endif
#endif
