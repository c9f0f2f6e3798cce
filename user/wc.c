// wc [-lwc] [FILE...]: counts lines, words and bytes; with -l, -w and -c only
// those. Several files have a sum at the end.
#include <user/command.h>

struct Counts {
	uint32_t lines, words, bytes;
};

static char buf[4 * PGSIZE] __attribute__((aligned(PGSIZE)));
static struct Counts total;
static bool lines, words, bytes; // are printed
static bool named;               // files were given

static void
print_counts(const struct Counts *counts, const char *name)
{
	if (lines)
		print(" %7u", counts->lines);
	if (words)
		print(" %7u", counts->words);
	if (bytes)
		print(" %7u", counts->bytes);
	print("%s%s\n", name ? " " : "", name ? name : "");
}

static void
wc(int fd, const char *name)
{
	struct Counts counts = {0, 0, 0};
	bool in_word = false;
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		for (int i = 0; i < n; i++) {
			bool blank = buf[i] == ' ' || (buf[i] >= '\t' && buf[i] <= '\r');
			counts.lines += buf[i] == '\n';
			counts.words += !blank && !in_word;
			in_word = !blank;
		}
		counts.bytes += n;
	}
	if (n < 0) {
		complain(name, n);
		return;
	}
	print_counts(&counts, named ? name : NULL);
	total.lines += counts.lines;
	total.words += counts.words;
	total.bytes += counts.bytes;
}

void
umain(int argc, char **argv)
{
	read_options(&argc, argv, "lwc", "[-lwc] [FILE...]");
	lines = has_option('l');
	words = has_option('w');
	bytes = has_option('c');
	if (!lines && !words && !bytes)
		lines = words = bytes = true;
	named = argc > 1;
	each_input(argc, argv, wc);
	if (argc > 2)
		print_counts(&total, "total");
	finish();
}
