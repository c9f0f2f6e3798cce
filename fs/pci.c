// Finding the IDE controller's bus master on the PCI bus, by the configuration
// ports. Source: PCI Local Bus Specification 2.2; PCI IDE Controller Specification.
#include <inc/types.h>
#include <inc/x86.h>
#include <fs/pci.h>

#define PCI_ADDRESS 0xCF8
#define PCI_DATA 0xCFC

#define PCI_ID 0x00
#define PCI_COMMAND 0x04 // the upper half is status, of which written ones clear bits
#define PCI_CLASS 0x08
#define PCI_HEADER 0x0C
#define PCI_BAR4 0x20

#define COMMAND_IO 0x1
#define COMMAND_MASTER 0x4
#define HEADER_MULTI 0x00800000 // the device has more functions than 0

#define CLASS_IDE 0x0101
#define IDE_NATIVE 0x01 // the primary channel is not at the ports of old
#define IDE_MASTER 0x80

// The ports that the kernel lets the file server use for a bus master.
#define LOWEST_PORT 0x1000

static uint32_t
address(int device, int function, int reg)
{
	return 0x80000000 | device << 11 | function << 8 | reg;
}

static uint32_t
config_read(int device, int function, int reg)
{
	outl(PCI_ADDRESS, address(device, function, reg));
	return inl(PCI_DATA);
}

static void
config_write(int device, int function, int reg, uint32_t value)
{
	outl(PCI_ADDRESS, address(device, function, reg));
	outl(PCI_DATA, value);
}

// The ports of the function's bus master if it is what we look for, else 0.
static uint16_t
bus_master(int device, int function)
{
	uint32_t class = config_read(device, function, PCI_CLASS);

	if (class >> 16 != CLASS_IDE || (class >> 8 & IDE_NATIVE) || !(class >> 8 & IDE_MASTER))
		return 0;
	uint32_t bar = config_read(device, function, PCI_BAR4);
	uint32_t base = bar & ~0xFu;
	if (!(bar & 1) || base < LOWEST_PORT || base > 0xFFF0)
		return 0;
	uint32_t command = config_read(device, function, PCI_COMMAND) & 0xFFFF;
	config_write(device, function, PCI_COMMAND, command | COMMAND_IO | COMMAND_MASTER);
	return base;
}

// The controller is part of the chipset, so it is on bus 0.
uint16_t
pci_find_ide(void)
{
	for (int device = 0; device < 32; device++) {
		int functions = 1;
		for (int function = 0; function < functions; function++) {
			if ((config_read(device, function, PCI_ID) & 0xFFFF) == 0xFFFF)
				continue;
			if (config_read(device, function, PCI_HEADER) & HEADER_MULTI)
				functions = 8;
			uint16_t base = bus_master(device, function);
			if (base)
				return base;
		}
	}
	return 0;
}
