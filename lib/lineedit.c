// A line typed on the console, with editing and a history of the lines before.
//
// On the screen there is one row, whatever the line's length: the prompt, and as much of
// the line as fits, with the cursor in it. A change at the end of a line that fits is
// printed as it is; otherwise the row is drawn anew. For that '\r' and spaces are all
// that is needed, which every terminal and the kernel's own screen know alike.
#include <inc/lib.h>
#include "lib/lineedit.h"

#define CTRL(c) ((c) - '@')
#define COLS 79 // of the row; not the last one, after which a terminal may wrap
#define NHISTORY 32

// Keys that have no character: the keyboard's codes, which are the kernel's. What a
// terminal sends for them becomes the same.
enum {
	KEY_HOME = 0xe0,
	KEY_END = 0xe1,
	KEY_UP = 0xe2,
	KEY_DOWN = 0xe3,
	KEY_LEFT = 0xe4,
	KEY_RIGHT = 0xe5,
	KEY_DELETE = 0xe9,
	KEY_NONE = 0xff,
};

static struct {
	const char *prompt; // its last row
	int prompt_len;
	char *text;
	int len;
	int at;    // the cursor
	int first; // the first character that is shown
	int shown; // characters that are shown
} line;

// ---- The screen -------------------------------------------------------------------

static char out[256];
static int out_len;

static void
out_flush(void)
{
	write(0, out, out_len);
	out_len = 0;
}

static void
put(const char *s, int n)
{
	for (int i = 0; i < n; i++) {
		if (out_len == (int)sizeof(out))
			out_flush();
		out[out_len++] = s[i];
	}
}

static void
put_prompt(void)
{
	put(line.prompt, line.prompt_len);
}

static int
room(void)
{
	return MAX(COLS - line.prompt_len, 10);
}

static void
draw(void)
{
	int gone = line.shown;

	// The cursor must be seen, and behind it is room for a character.
	if (line.at < line.first)
		line.first = line.at;
	if (line.at >= line.first + room())
		line.first = line.at - room() + 1;
	if (line.len < room())
		line.first = 0;
	line.shown = MIN(line.len - line.first, room());
	put("\r", 1);
	put_prompt();
	put(line.text + line.first, line.shown);
	for (int i = line.shown; i < gone; i++)
		put(" ", 1);
	if (line.at == line.first + line.shown && gone <= line.shown)
		return;
	put("\r", 1);
	put_prompt();
	put(line.text + line.first, line.at - line.first);
}

// ---- Changes ----------------------------------------------------------------------

static void
insert(char c)
{
	if (line.len == LINE_ROOM - 1)
		return;
	memmove(line.text + line.at + 1, line.text + line.at, line.len - line.at);
	line.text[line.at++] = c;
	line.len++;
	if (line.at == line.len && line.first == 0 && line.len < room()) {
		put(&c, 1);
		line.shown++;
	} else {
		draw();
	}
}

// Takes out what is from `from` to `to`; the cursor is there then.
static void
erase(int from, int to)
{
	if (from == to)
		return;
	bool simple = to == line.len && line.at == to && to - from == 1 && line.first == 0;
	memmove(line.text + from, line.text + to, line.len - to);
	line.len -= to - from;
	line.at = from;
	if (simple) {
		put("\b \b", 3);
		line.shown--;
	} else {
		draw();
	}
}

static void
move(int to)
{
	if (to < 0 || to > line.len || to == line.at)
		return;
	line.at = to;
	draw();
}

static void
replace(const char *text)
{
	line.len = strlen(text);
	memcpy(line.text, text, line.len);
	line.at = line.len;
	draw();
}

static int
word_start(void)
{
	int i = line.at;

	while (i > 0 && line.text[i - 1] == ' ')
		i--;
	while (i > 0 && line.text[i - 1] != ' ')
		i--;
	return i;
}

// ---- The history ------------------------------------------------------------------

static char *history[NHISTORY + 1]; // the oldest first; behind the last, the line being typed
static int nhistory;
static int chosen; // in history[], nhistory for the line being typed

static char *
copy_of_line(void)
{
	char *copy = malloc(line.len + 1);

	if (copy) {
		memcpy(copy, line.text, line.len);
		copy[line.len] = 0;
	}
	return copy;
}

// Shows the one before (-1) or after (1) the one that is shown.
static void
choose(int step)
{
	int to = chosen + step;

	if (to < 0 || to > nhistory)
		return;
	if (chosen == nhistory) {
		free(history[nhistory]);
		if (!(history[nhistory] = copy_of_line()))
			return;
	}
	chosen = to;
	replace(history[to]);
}

// Remembers the line, unless it is empty or the last one again.
static void
remember(void)
{
	const char *last = nhistory > 0 ? history[nhistory - 1] : "";
	char *copy;

	free(history[nhistory]);
	history[nhistory] = NULL;
	if (line.len == 0 ||
	    ((int)strlen(last) == line.len && !memcmp(last, line.text, line.len)) ||
	    !(copy = copy_of_line()))
		return;
	if (nhistory == NHISTORY) {
		free(history[0]);
		memmove(&history[0], &history[1], (NHISTORY - 1) * sizeof(history[0]));
		history[NHISTORY] = NULL;
		nhistory--;
	}
	history[nhistory++] = copy;
}

// ---- Keys -------------------------------------------------------------------------

// The key of what a terminal sends behind ESC and '[' or 'O'.
static int
escaped_key(void)
{
	int c = getchar(), number = 0;

	for (; c >= '0' && c <= '9'; c = getchar())
		number = (number * 10 + c - '0') % 100;
	while (c >= ' ' && c < '@') // modifiers, up to the letter or '~'
		c = getchar();
	switch (c) {
	case 'A': return KEY_UP;
	case 'B': return KEY_DOWN;
	case 'C': return KEY_RIGHT;
	case 'D': return KEY_LEFT;
	case 'H': return KEY_HOME;
	case 'F': return KEY_END;
	case '~': break;
	default: return c < 0 ? c : KEY_NONE;
	}
	switch (number) {
	case 1:
	case 7: return KEY_HOME;
	case 3: return KEY_DELETE;
	case 4:
	case 8: return KEY_END;
	default: return KEY_NONE;
	}
}

// Waits for a key: a character, KEY_*, or an error of getchar, -E_EOF for ctrl-D.
static int
next_key(void)
{
	int c;

	out_flush();
	c = getchar();
	while (c == CTRL('[')) { // the escape key itself means nothing
		c = getchar();
		if (c == '[' || c == 'O')
			return escaped_key();
	}
	return c;
}

// Does what a key says that changes the line or where the cursor is.
static void
edit(int key)
{
	switch (key) {
	case '\b':
	case '\x7f':
		if (line.at > 0)
			erase(line.at - 1, line.at);
		break;
	case -E_EOF: // ctrl-D, in a line that is not empty
	case KEY_DELETE:
		if (line.at < line.len)
			erase(line.at, line.at + 1);
		break;
	case CTRL('U'): erase(0, line.len); break;
	case CTRL('K'): erase(line.at, line.len); break;
	case CTRL('W'): erase(word_start(), line.at); break;
	case CTRL('A'):
	case KEY_HOME: move(0); break;
	case CTRL('E'):
	case KEY_END: move(line.len); break;
	case CTRL('B'):
	case KEY_LEFT: move(line.at - 1); break;
	case CTRL('F'):
	case KEY_RIGHT: move(line.at + 1); break;
	case CTRL('P'):
	case KEY_UP: choose(-1); break;
	case CTRL('N'):
	case KEY_DOWN: choose(1); break;
	case CTRL('L'):
		put("\033[H\033[2J", 7);
		draw();
		break;
	default:
		if (key >= ' ' && key <= '~')
			insert(key);
		break;
	}
}

static void
begin(const char *prompt, char *text)
{
	const char *row = prompt;

	put(prompt, strlen(prompt));
	for (const char *p = prompt; *p; p++)
		if (*p == '\n')
			row = p + 1;
	line.prompt = row;
	line.prompt_len = strlen(row);
	line.text = text;
	line.len = line.at = line.first = line.shown = 0;
	chosen = nhistory;
}

// Prints the prompt and lets a line be typed into text, which has LINE_ROOM bytes. Its
// length; -E_EOF for ctrl-D when it is empty, or getchar's error. Ctrl-C drops it and
// begins anew.
int
line_edit(const char *prompt, char *text)
{
	begin(prompt, text);
	for (;;) {
		int key = next_key();

		if (key == '\n' || key == '\r') {
			move(line.len);
			put("\n", 1);
			out_flush();
			remember();
			return line.len;
		}
		if (key < 0 && (key != -E_EOF || line.len == 0))
			return key;
		if (key == CTRL('C')) {
			put("^C\n", 3);
			begin(prompt, text);
		} else {
			edit(key);
		}
	}
}
