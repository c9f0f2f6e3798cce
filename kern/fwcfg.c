// QEMU's fw_cfg device: select an item, then read its bytes one by one.
// Source: QEMU, docs/specs/fw_cfg.
#include <inc/error.h>
#include <inc/string.h>
#include <inc/x86.h>
#include <kern/fwcfg.h>

#define PORT_SELECT 0x510
#define PORT_DATA 0x511

#define ITEM_SIGNATURE 0x0000 // "QEMU"
#define ITEM_DIRECTORY 0x0019 // how many files, then each

#define FILES_MAX 1024

struct File {
	uint32_t size;   // big endian
	uint16_t select; // big endian
	uint16_t reserved;
	char name[56];
};
static_assert(sizeof(struct File) == 64, "as in the directory");

static void
fwcfg_bytes(void *buf, int n)
{
	asm volatile("cld\n\trep insb" : "+D"(buf), "+c"(n) : "d"(PORT_DATA) : "memory", "cc");
}

int
fwcfg_read(const char *name, char *buf, int size)
{
	struct File file;
	char signature[4];
	uint32_t nfiles, len;

	buf[0] = 0;
	outw(PORT_SELECT, ITEM_SIGNATURE);
	fwcfg_bytes(signature, sizeof(signature));
	if (memcmp(signature, "QEMU", sizeof(signature)) != 0)
		return -E_NOT_FOUND;

	outw(PORT_SELECT, ITEM_DIRECTORY);
	fwcfg_bytes(&nfiles, sizeof(nfiles));
	nfiles = MIN(__builtin_bswap32(nfiles), (uint32_t)FILES_MAX);
	for (; nfiles > 0; nfiles--) {
		fwcfg_bytes(&file, sizeof(file));
		if (strncmp(file.name, name, sizeof(file.name)) == 0)
			break;
	}
	if (nfiles == 0)
		return -E_NOT_FOUND;

	len = __builtin_bswap32(file.size);
	outw(PORT_SELECT, __builtin_bswap16(file.select));
	fwcfg_bytes(buf, MIN(len, (uint32_t)size - 1));
	buf[MIN(len, (uint32_t)size - 1)] = 0;
	return len < (uint32_t)size ? (int)len : -E_NO_MEM;
}
