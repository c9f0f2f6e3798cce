// replay: makes the image that a disk would hold if the power had gone at a given
// moment, from what the disk held at first and a record of all that was written to
// it. The record is what QEMU's blklogwrites driver makes, in the format of Linux's
// dm-log-writes: a superblock, then for each write or flush an entry, behind it the
// data, all in whole sectors.
//
//   replay -n LOG                       how many entries and flushes there are
//   replay -l LOG                       a line for each
//   replay [-t|-s SEED] BASE LOG N OUT  OUT is BASE after the first N entries
//
// With -t, of entry N only the first half was done. With a seed, the writes since the
// last flush among those N are what a disk may make of them: each was done, or not
// at all, or some of its sectors were.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <inc/types.h>

#define WRITELOG_MAGIC 0x6a736677736872ULL
#define WRITELOG_VERSION 1

// Little-endian, as are the machines that this runs on.
struct LogSuper {
	uint64_t magic;
	uint64_t version;
	uint64_t nentries; // as of the last flush
	uint32_t sector;   // bytes
};

struct LogEntry {
	uint64_t sector;
	uint64_t nsectors;
	uint64_t flags;
	uint64_t mark; // bytes of a mark, a kind of entry that QEMU does not make
};

#define ENTRY_FLUSH 1   // all before is on the disk
#define ENTRY_FUA 2     // this write is, when it is done
#define ENTRY_DISCARD 4 // the only kind that has sectors and no data

#define TEAR 512             // bytes that a disk writes wholly or not at all
#define MAXSECTORS (1 << 30) // of an entry

static const char *log_name;
static FILE *log_file;
static struct LogSuper super;

static void
give_up(const char *file, const char *why)
{
	if (why)
		fprintf(stderr, "replay: %s: %s\n", file, why);
	else
		perror(file);
	exit(2);
}

static FILE *
open_file(const char *name, const char *mode)
{
	FILE *f = fopen(name, mode);

	if (!f)
		give_up(name, NULL);
	return f;
}

static void
log_open(const char *name)
{
	log_name = name;
	log_file = open_file(name, "rb");
	if (fread(&super, sizeof(super), 1, log_file) != 1 || super.magic != WRITELOG_MAGIC)
		give_up(name, "not a record of writes");
	if (super.version != WRITELOG_VERSION || super.sector < 512 || super.sector > 65536)
		give_up(name, "a record of writes of an unknown kind");
	if (fseeko(log_file, super.sector, SEEK_SET))
		give_up(name, NULL);
}

// How many bytes of data an entry has.
static uint64_t
entry_size(const struct LogEntry *entry)
{
	return entry->flags & ENTRY_DISCARD ? 0 : entry->nsectors * super.sector;
}

// The next entry. What it writes is in the record at the position that is returned.
static off_t
log_next(struct LogEntry *entry)
{
	off_t data;

	if (fread(entry, sizeof(*entry), 1, log_file) != 1 || entry->nsectors > MAXSECTORS ||
	    entry->mark)
		give_up(log_name, "a damaged record");
	data = ftello(log_file) - (off_t)sizeof(*entry) + super.sector;
	if (fseeko(log_file, data + (off_t)entry_size(entry), SEEK_SET))
		give_up(log_name, NULL);
	return data;
}

static const char *
entry_kind(const struct LogEntry *entry)
{
	if (entry->flags & ENTRY_FLUSH)
		return entry->nsectors ? "flush, write" : "flush";
	if (entry->flags & ENTRY_DISCARD)
		return "discard";
	return entry->flags & ENTRY_FUA ? "write through" : "write";
}

static int
count(bool list)
{
	struct LogEntry entry;
	uint64_t i, nflushes = 0;

	for (i = 1; i <= super.nentries; i++) {
		log_next(&entry);
		nflushes += entry.flags & ENTRY_FLUSH;
		if (list)
			printf("%llu %s %llu %llu\n", (unsigned long long)i, entry_kind(&entry),
			       (unsigned long long)(entry.sector * super.sector),
			       (unsigned long long)(entry.nsectors * super.sector));
	}
	if (!list)
		printf("%llu %llu\n", (unsigned long long)super.nentries,
		       (unsigned long long)nflushes);
	return 0;
}

// Entries up to the last flush among the first n.
static uint64_t
flushed_before(uint64_t n)
{
	struct LogEntry entry;
	uint64_t i, last = 0;

	for (i = 1; i <= n; i++) {
		log_next(&entry);
		if (entry.flags & ENTRY_FLUSH)
			last = i;
	}
	if (fseeko(log_file, super.sector, SEEK_SET))
		give_up(log_name, NULL);
	return last;
}

// The next of a sequence of random numbers, xorshift; *state must not be 0.
static uint32_t
next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

// Copies a file, with holes where there are only zeroes.
static FILE *
copy(const char *from, const char *to)
{
	static char buf[65536], zeroes[sizeof(buf)];
	FILE *in = open_file(from, "rb"), *out = open_file(to, "w+b");
	off_t size = 0;
	size_t n;

	while ((n = fread(buf, 1, sizeof(buf), in)) > 0) {
		if (memcmp(buf, zeroes, n) != 0 &&
		    (fseeko(out, size, SEEK_SET) || fwrite(buf, 1, n, out) != n))
			give_up(to, NULL);
		size += (off_t)n;
	}
	if (ferror(in))
		give_up(from, NULL);
	if (fflush(out) || ftruncate(fileno(out), size))
		give_up(to, NULL);
	fclose(in);
	return out;
}

// Writes nbytes of an entry's data to its place; with *seed not 0, what chance leaves
// of them.
static void
apply(const struct LogEntry *entry, off_t data, uint64_t nbytes, FILE *out, const char *name,
      uint32_t *seed)
{
	static char buf[TEAR];
	off_t to = (off_t)(entry->sector * super.sector), next = ftello(log_file);
	uint32_t fate = *seed ? next_random(seed) % 4 : 0; // 0, 1: done; 2: torn; 3: lost
	uint64_t at;

	if (fate == 3 || fseeko(log_file, data, SEEK_SET))
		return;
	for (at = 0; at < nbytes; at += TEAR) {
		if (fread(buf, 1, TEAR, log_file) != TEAR)
			give_up(log_name, "a damaged record");
		if (fate == 2 && next_random(seed) & 0x100)
			continue;
		if (fseeko(out, to + (off_t)at, SEEK_SET) || fwrite(buf, 1, TEAR, out) != TEAR)
			give_up(name, NULL);
	}
	if (fseeko(log_file, next, SEEK_SET))
		give_up(log_name, NULL);
}

static int
replay(const char *base, uint64_t n, const char *to, bool tear, bool chance, uint32_t seed)
{
	uint64_t i, sure = chance ? flushed_before(n) : n;
	FILE *out = copy(base, to);
	uint32_t none = 0, *fate;
	struct LogEntry entry;
	uint64_t nbytes;
	off_t data;

	seed = seed * 2654435761u + 1;
	seed += !seed;
	for (i = 1; i <= n; i++) {
		data = log_next(&entry);
		nbytes = entry_size(&entry); // a discard leaves what was, as it may
		if (tear && i == n)
			nbytes = nbytes / 2 / TEAR * TEAR;
		fate = i <= sure || entry.flags & ENTRY_FUA ? &none : &seed;
		apply(&entry, data, nbytes, out, to, fate);
	}
	if (fclose(out))
		give_up(to, NULL);
	return 0;
}

static int
usage(void)
{
	fprintf(stderr, "usage: replay -n|-l LOG\n"
			"       replay [-t|-s SEED] BASE LOG N OUT\n");
	return 2;
}

int
main(int argc, char **argv)
{
	bool chance = false, tear = false;
	int mode = 0, option;
	uint32_t seed = 0;
	uint64_t n;
	char *end;

	while ((option = getopt(argc, argv, "nlts:")) != -1) {
		if (option == '?' || mode || chance || tear)
			return usage();
		chance = option == 's';
		tear = option == 't';
		if (chance)
			seed = (uint32_t)strtoul(optarg, NULL, 0);
		else if (!tear)
			mode = option;
	}
	argc -= optind;
	argv += optind;
	if (argc != (mode ? 1 : 4))
		return usage();
	log_open(argv[mode ? 0 : 1]);
	if (mode)
		return count(mode == 'l');
	n = strtoull(argv[2], &end, 10);
	if (!argv[2][0] || *end || n > super.nentries)
		give_up(log_name, "it has no such entry");
	return replay(argv[0], n, argv[3], tear, chance, seed);
}
