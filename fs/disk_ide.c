// The driver of the file system's disk: the slave of the primary IDE channel. It
// transfers by DMA, or word by word (PIO) where there is no bus master or it fails, and
// sleeps until the disk interrupts. Source: ATA/ATAPI-6 (T13/1410D).
#include <inc/lib.h>
#include <fs/disk.h>
#include <fs/ide.h>

#define IDE_DATA 0x1F0
#define IDE_COUNT 0x1F2
#define IDE_LBA0 0x1F3
#define IDE_LBA1 0x1F4
#define IDE_LBA2 0x1F5
#define IDE_DEVICE 0x1F6
#define IDE_STATUS 0x1F7 // reading it takes the interrupt back
#define IDE_COMMAND 0x1F7
#define IDE_CONTROL 0x3F6
#define IDE_ALTSTATUS 0x3F6 // the status, without that effect

#define STATUS_ERR 0x01
#define STATUS_DRQ 0x08 // it wants to transfer data
#define STATUS_DF 0x20  // device fault
#define STATUS_BSY 0x80

#define CONTROL_NIEN 0x02 // no interrupts
#define CONTROL_SRST 0x04 // reset both disks

#define DEVICE_SLAVE 0x10
#define DEVICE_LBA 0xE0

// Commands; the second is for addresses of 48 bits.
#define CMD_IDENTIFY 0xEC
#define CMD_READ 0x20
#define CMD_READ_EXT 0x24
#define CMD_WRITE 0x30
#define CMD_WRITE_EXT 0x34
#define CMD_READ_DMA 0xC8
#define CMD_READ_DMA_EXT 0x25
#define CMD_WRITE_DMA 0xCA
#define CMD_WRITE_DMA_EXT 0x35
#define CMD_FLUSH 0xE7
#define CMD_FLUSH_EXT 0xEA

#define LBA28_SECTORS (1ULL << 28)

// Words of what IDENTIFY answers.
#define ID_CAPABILITIES 49 // bit 8: DMA
#define ID_SECTORS28 60
#define ID_FEATURES 83 // bit 10: addresses of 48 bits
#define ID_SECTORS48 100

// How long the disk may take to be found, in milliseconds.
#define PROBE_LIMIT 1000

static uint32_t nblocks; // 0: no disk
static bool has_ext;     // 48-bit addresses
static bool use_dma;

// The 400 ns that the status may take to be true after a command was given.
static void
settle(void)
{
	for (int i = 0; i < 5; i++)
		inb(IDE_ALTSTATUS);
}

static bool
not_busy(void)
{
	return !(inb(IDE_ALTSTATUS) & STATUS_BSY);
}

// For what comes without an interrupt, and quickly. false after `ms` milliseconds.
static bool
poll(bool (*done)(void), uint32_t ms)
{
	uint32_t began = sys_time_msec();

	while (!done()) {
		if (msec_since(began) > ms)
			return false;
		sys_yield();
	}
	return true;
}

// Whatever the channel does, it does no longer. Whether it can be used again.
static bool
reset(void)
{
	outb(IDE_CONTROL, CONTROL_SRST);
	for (int i = 0; i < 20; i++) // 5 us at least
		settle();
	outb(IDE_CONTROL, 0);
	settle();
	bool ready = poll(not_busy, IDE_LIMIT);
	inb(IDE_STATUS);
	return ready;
}

// Gives the disk a command for n sectors from lba on, in the form for addresses of
// 48 bits if need be. -E_IO: it does not listen.
static int
command(uint8_t cmd, uint8_t cmd_ext, uint64_t lba, uint32_t n)
{
	bool ext = lba + n > LBA28_SECTORS;

	// The other disk of the channel is not in use: it has no command under way.
	outb(IDE_DEVICE, DEVICE_LBA | DEVICE_SLAVE | (ext ? 0 : lba >> 24 & 0xF));
	settle();
	if (!poll(not_busy, IDE_LIMIT))
		return -E_IO;
	if (ext) {
		outb(IDE_COUNT, n >> 8);
		outb(IDE_LBA0, lba >> 24);
		outb(IDE_LBA1, lba >> 32);
		outb(IDE_LBA2, lba >> 40);
	}
	outb(IDE_COUNT, n);
	outb(IDE_LBA0, lba);
	outb(IDE_LBA1, lba >> 8);
	outb(IDE_LBA2, lba >> 16);
	outb(IDE_COMMAND, ext ? cmd_ext : cmd);
	settle();
	return 0;
}

// The outcome of a transfer.
enum Outcome {
	GOOD,
	REFUSED, // by the disk, which said so
	FAILED,  // otherwise: no answer in time, or the bus master's error
};

static enum Outcome
transfer_dma(bool write, uint32_t block, uint32_t n, void *const bufs[])
{
	dma_prepare(n, bufs, !write);
	if (command(write ? CMD_WRITE_DMA : CMD_READ_DMA,
		    write ? CMD_WRITE_DMA_EXT : CMD_READ_DMA_EXT, (uint64_t)block * BLKSECTS,
		    n * BLKSECTS) < 0)
		return FAILED;
	dma_start();
	bool in_time = disk_wait(dma_done, IDE_LIMIT);
	bool whole = dma_finish();
	uint8_t status = inb(IDE_STATUS);
	if (in_time && !(status & STATUS_BSY) && (status & (STATUS_ERR | STATUS_DF)))
		return REFUSED;
	return in_time && whole && !(status & (STATUS_BSY | STATUS_DRQ)) ? GOOD : FAILED;
}

// Each sector is announced by an interrupt but the first that is written.
static enum Outcome
transfer_pio(bool write, uint32_t block, uint32_t n, void *const bufs[])
{
	if (command(write ? CMD_WRITE : CMD_READ, write ? CMD_WRITE_EXT : CMD_READ_EXT,
		    (uint64_t)block * BLKSECTS, n * BLKSECTS) < 0)
		return FAILED;
	if (write && !poll(not_busy, IDE_LIMIT))
		return FAILED;
	for (uint32_t i = 0; i < n * BLKSECTS; i++) {
		char *sector = (char *)bufs[i / BLKSECTS] + i % BLKSECTS * SECTSIZE;

		if (!write && !disk_wait(not_busy, IDE_LIMIT))
			return FAILED;
		uint8_t status = inb(IDE_STATUS);
		if (status & (STATUS_ERR | STATUS_DF))
			return REFUSED;
		if (!(status & STATUS_DRQ))
			return FAILED;
		if (!write) {
			insl(IDE_DATA, sector, SECTSIZE / 4);
			settle();
			continue;
		}
		outsl(IDE_DATA, sector, SECTSIZE / 4);
		settle();
		if (!disk_wait(not_busy, IDE_LIMIT))
			return FAILED;
	}
	return inb(IDE_STATUS) & (STATUS_ERR | STATUS_DF) ? REFUSED : GOOD;
}

// What fails is tried once more, without DMA, from a channel that was reset. If it
// then goes well, and it was not the disk that refused, DMA is to blame.
static int
transfer(bool write, uint32_t block, uint32_t n, void *const bufs[])
{
	enum Outcome first =
		use_dma ? transfer_dma(write, block, n, bufs) : transfer_pio(write, block, n, bufs);

	if (first == GOOD)
		return 0;
	if (!reset() || transfer_pio(write, block, n, bufs) != GOOD) {
		reset(); // for the next
		return -E_IO;
	}
	if (first == FAILED)
		use_dma = false;
	return 0;
}

static int
transfer_all(bool write, uint32_t block, uint32_t n, void *const bufs[])
{
	if (block > nblocks || n > nblocks - block)
		return -E_IO;
	while (n > 0) {
		uint32_t run = MIN(n, (uint32_t)IDE_RUN);
		int r = transfer(write, block, run, bufs);
		if (r < 0)
			return r;
		block += run;
		bufs += run;
		n -= run;
	}
	return 0;
}

uint32_t
disk_size(void)
{
	return nblocks;
}

int
disk_read(uint32_t block, uint32_t n, void *const bufs[])
{
	return transfer_all(false, block, n, bufs);
}

int
disk_write(uint32_t block, uint32_t n, void *const bufs[])
{
	return transfer_all(true, block, n, bufs);
}

// Not tried again: a disk that failed to write what it held may have dropped it, and
// would then say that all is well.
int
disk_flush(void)
{
	if (command(has_ext ? CMD_FLUSH_EXT : CMD_FLUSH, CMD_FLUSH_EXT, 0, 0) < 0 ||
	    !disk_wait(not_busy, IDE_FLUSH_LIMIT)) {
		reset();
		return -E_IO;
	}
	return inb(IDE_STATUS) & (STATUS_ERR | STATUS_DF) ? -E_IO : 0;
}

// Asks the disk what it is. -E_NO_DEV: there is none, or it is no ATA disk.
static int
identify(uint16_t id[SECTSIZE / 2])
{
	outb(IDE_CONTROL, CONTROL_NIEN); // nobody waits for this one
	outb(IDE_DEVICE, DEVICE_LBA | DEVICE_SLAVE);
	settle();
	// A disk that is not there reads as 0, a channel that is not there as all ones.
	uint8_t status = inb(IDE_ALTSTATUS);
	if (status == 0 || status == 0xFF || !poll(not_busy, PROBE_LIMIT))
		return -E_NO_DEV;
	outb(IDE_COMMAND, CMD_IDENTIFY);
	settle();
	if (!poll(not_busy, PROBE_LIMIT))
		return -E_NO_DEV;
	status = inb(IDE_STATUS);
	if ((status & (STATUS_ERR | STATUS_DF)) || !(status & STATUS_DRQ))
		return -E_NO_DEV;
	insl(IDE_DATA, id, SECTSIZE / 4);
	settle();
	inb(IDE_STATUS);
	outb(IDE_CONTROL, 0);
	return 0;
}

int
disk_init(void)
{
	uint16_t id[SECTSIZE / 2];
	int r = identify(id);

	if (r < 0)
		return r;
	uint64_t sectors = id[ID_SECTORS28] | (uint32_t)id[ID_SECTORS28 + 1] << 16;
	has_ext = id[ID_FEATURES] & 1 << 10;
	if (has_ext)
		sectors = id[ID_SECTORS48] | (uint32_t)id[ID_SECTORS48 + 1] << 16 |
			  (uint64_t)id[ID_SECTORS48 + 2] << 32;
	use_dma = (id[ID_CAPABILITIES] & 1 << 8) && dma_init();
	nblocks = MIN(sectors / BLKSECTS, (uint64_t)0x7FFFFFFF);
	return nblocks;
}
