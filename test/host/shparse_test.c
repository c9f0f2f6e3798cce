// The shell's parser (user/sh/parse.c) and what it makes of words
// (user/sh/expand.c), by example, and on random text.
// flags: -ffreestanding -nostdinc -Wno-format
#include "test/host/host.h"

#include "lib/string.c"
#define Args FormatArgs // another struct of that name
#include "lib/printfmt.c"
#undef Args
#include "user/sh/parse.c"
#include "user/sh/expand.c"

static struct Line line;
static struct Args args;
static char shown[4096];
static int shown_len;

static const char *script_argv[] = {"script", "one", "two words", "", NULL};
static const struct Parameters params = {
	.status = 7, .self = 0x1005, .argc = 3, .argv = script_argv};

static void
show(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	shown_len += vsnprintf(shown + shown_len, sizeof(shown) - shown_len, fmt, ap);
	va_end(ap);
}

// The line as it was understood: words in [], redirections as "fd<[target]".
static const char *
structure(const char *text)
{
	static const char *const kinds[] = {"<", ">", ">>", ">&"};
	static const char *const then[] = {"", " ;", " &", " &&", " ||"};

	shown_len = 0;
	shown[0] = 0;
	enum ParseResult result = parse_line(&line, text);
	if (result == PARSE_MORE)
		show("more: ");
	if (result != PARSE_OK) {
		show("%d: %s", line.error_at, line.error);
		return shown;
	}
	for (int i = 0; i < line.npipelines; i++) {
		const struct Pipeline *pipeline = &line.pipelines[i];
		show("%s{", i ? " " : "");
		for (int j = 0; j < pipeline->ncommands; j++) {
			const struct SimpleCommand *command = &line.commands[pipeline->command + j];
			show("%s", j ? " |" : "");
			for (int k = 0; k < command->nwords; k++)
				show(" [%.*s]", line.words[command->word + k].len,
				     line.words[command->word + k].at);
			for (int k = 0; k < command->nredirs; k++) {
				const struct Redir *redir = &line.redirs[command->redir + k];
				show(" %d%s[%.*s]", redir->fd, kinds[redir->kind],
				     redir->target.len, redir->target.at);
			}
		}
		show(" }%s", then[pipeline->then]);
	}
	return shown;
}

// The arguments of a line that is one command, each in [].
static const char *
expanded(const char *text)
{
	shown_len = 0;
	shown[0] = 0;
	if (parse_line(&line, text) != PARSE_OK)
		return "does not parse";
	if (expand_words(&args, line.words, line.nwords, &params) < 0)
		return "too long";
	for (int i = 0; i < args.argc; i++)
		show("[%s]", args.argv[i]);
	return shown;
}

static void
test_structure(void)
{
	CHECK_STR(structure(""), "");
	CHECK_STR(structure("  \t"), "");
	CHECK_STR(structure("# only a comment | ("), "");
	CHECK_STR(structure("echo"), "{ [echo] }");
	CHECK_STR(structure(" echo a#b c # d "), "{ [echo] [a#b] [c] }");
	CHECK_STR(structure("a|b| c"), "{ [a] | [b] | [c] }");
	CHECK_STR(structure("a; b;"), "{ [a] } ; { [b] } ;");
	CHECK_STR(structure("a & b &"), "{ [a] } & { [b] } &");
	CHECK_STR(structure("a&&b||c"), "{ [a] } && { [b] } || { [c] }");
	CHECK_STR(structure("a <in >out x 2>err"), "{ [a] [x] 0<[in] 1>[out] 2>[err] }");
	CHECK_STR(structure("a>>out 2>&1 <&3"), "{ [a] 1>>[out] 2>&[1] 0>&[3] }");
	CHECK_STR(structure("a2>out"), "{ [a2] 1>[out] }");
	CHECK_STR(structure("a 12>out"), "{ [a] [12] 1>[out] }");
	CHECK_STR(structure("> out"), "{ 1>[out] }");
	CHECK_STR(structure("a 'b | c' \"d ; e\" f\\ g"), "{ [a] ['b | c'] [\"d ; e\"] [f\\ g] }");
	CHECK_STR(structure("a ';'b\"&\"c"), "{ [a] [';'b\"&\"c] }");
	CHECK_STR(structure("a\nb"), "{ [a] } ; { [b] }");
	CHECK_STR(structure("a |\n# comment\n b"), "{ [a] | [b] }");
	CHECK_STR(structure("a \\\n b"), "{ [a] [b] }");
}

static void
test_text(void)
{
	CHECK_EQ(parse_line(&line, " a  'b' | c 2>x  & d"), PARSE_OK);
	CHECK_EQ(line.npipelines, 2);
	CHECK_EQ(line.pipelines[0].text.len, strlen("a  'b' | c 2>x"));
	CHECK_EQ(strncmp(line.pipelines[0].text.at, "a  'b' | c 2>x", 14), 0);
	CHECK_EQ(line.pipelines[1].text.len, 1);
}

static void
test_errors(void)
{
	CHECK_STR(structure("| a"), "0: unexpected '|'");
	CHECK_STR(structure("a || || b"), "5: unexpected '||'");
	CHECK_STR(structure("a ; ; b"), "4: unexpected ';'");
	CHECK_STR(structure("a & && b"), "4: unexpected '&&'");
	CHECK_STR(structure("a >"), "3: a file's name is missing");
	CHECK_STR(structure("a > | b"), "4: unexpected '|'");
	CHECK_STR(structure("a > > b"), "4: unexpected '>'");
	CHECK_STR(structure("a >\nb"), "3: a file's name is missing");
	CHECK_STR(structure("a (b)"), "2: there are no groups; quote a ( or )");
	CHECK_STR(structure("echo $HOME"), "5: only $0 to $9, $#, $*, $@, $? and $$ are known;"
					   " write \\$ for a $");
	CHECK_STR(structure("echo \"x $y\""), "8: only $0 to $9, $#, $*, $@, $? and $$ are known;"
					      " write \\$ for a $");
}

static void
test_more(void)
{
	CHECK_STR(structure("a |"), "more: 3: a command is missing");
	CHECK_STR(structure("a &&"), "more: 4: a command is missing");
	CHECK_STR(structure("a || # c"), "more: 8: a command is missing");
	CHECK_STR(structure("a 'b"), "more: 2: this quotation has no end");
	CHECK_STR(structure("a \"b'"), "more: 2: this quotation has no end");
	CHECK_STR(structure("a \"b\\"), "more: 2: this quotation has no end");
	CHECK_STR(structure("a b\\"), "more: 3: nothing behind this \\");
	CHECK_STR(structure("a \\"), "more: 2: nothing behind this \\");
}

static void
test_limits(void)
{
	static char text[ARGS_ROOM + 2];

	for (int i = 0; i < LINE_WORDS; i++)
		memcpy(text + 2 * i, "a ", 2);
	CHECK_EQ(parse_line(&line, text), PARSE_OK);
	CHECK_STR(expanded(text), "too long");
	memcpy(text + 2 * LINE_WORDS, "a", 2);
	CHECK_EQ(parse_line(&line, text), PARSE_ERROR);
	for (int i = 0; i < LINE_COMMANDS; i++)
		memcpy(text + 2 * i, "a|", 2);
	memcpy(text + 2 * LINE_COMMANDS, "a", 2);
	CHECK_EQ(parse_line(&line, text), PARSE_ERROR);
	text[2 * LINE_COMMANDS - 1] = 0;
	CHECK_EQ(parse_line(&line, text), PARSE_OK);
	CHECK_EQ(line.pipelines[0].ncommands, LINE_COMMANDS);
	for (int i = 0; i <= LINE_COMMANDS; i++)
		memcpy(text + 2 * i, ">a", 3);
	CHECK_EQ(parse_line(&line, text), PARSE_ERROR);
	memset(text, 'x', ARGS_ROOM);
	text[ARGS_ROOM - 1] = 0;
	CHECK_EQ(parse_line(&line, text), PARSE_OK);
	CHECK_EQ(expand_words(&args, line.words, 1, &params), 1);
	strcpy(text + ARGS_ROOM - 1, "x");
	CHECK_STR(expanded(text), "too long");
}

static void
test_expand(void)
{
	CHECK_STR(expanded("a b  c"), "[a][b][c]");
	CHECK_STR(expanded("'a b' c"), "[a b][c]");
	CHECK_STR(expanded("a'b c'd\"e f\""), "[ab cde f]");
	CHECK_STR(expanded("'' \"\" a"), "[][][a]");
	CHECK_STR(expanded("a\\ b \\' \\\\ \\$ \\a"), "[a b]['][\\][$][a]");
	CHECK_STR(expanded("'\\' '$1 \"'"), "[\\][$1 \"]");
	CHECK_STR(expanded("\"\\\" \\\\ \\$ \\a '\""), "[\" \\ $ \\a ']");
	CHECK_STR(expanded("a\\\nb \"c\\\nd\" 'e\\\nf'"), "[ab][cd][e\\\nf]");
	CHECK_STR(expanded("\"a\\\\\nb\""), "[a\\\nb]");
	CHECK_STR(expanded("a$ $"), "[a$][$]");
}

static void
test_parameters(void)
{
	CHECK_STR(expanded("$? $$ $# $0 $1"), "[7][00001005][3][script][one]");
	CHECK_STR(expanded("x$?y $1$1"), "[x7y][oneone]");
	CHECK_STR(expanded("$2 \"$2\" '$2'"), "[two][words][two words][$2]");
	CHECK_STR(expanded("$3 \"$3\" $9 \"$9\" a$3"), "[][][a]");
	CHECK_STR(expanded("$*"), "[one][two][words]");
	CHECK_STR(expanded("x$*y"), "[xone][two][words][y]");
	CHECK_STR(expanded("\"$*\""), "[one two words ]");
	CHECK_STR(expanded("\"$@\""), "[one][two words][]");
	CHECK_STR(expanded("\"x$@y\""), "[xone][two words][y]");

	static const struct Parameters none = {.argv = script_argv};
	CHECK_EQ(parse_line(&line, "a \"$@\" $* $@"), PARSE_OK);
	CHECK_EQ(expand_words(&args, line.words, line.nwords, &none), 1);
	CHECK_EQ(parse_line(&line, "a \"$*\""), PARSE_OK);
	CHECK_EQ(expand_words(&args, line.words, line.nwords, &none), 2);
}

// Whatever the text: it ends, and touches nothing that it should not (the sanitizers see).
static void
test_random(void)
{
	static const char letters[] = "ab12 \t\n|&;<>()'\"\\$#*@?-";
	uint32_t seed = 12345;
	char text[40];

	for (int i = 0; i < 300000; i++) {
		int len = 0;
		do {
			seed = seed * 1664525 + 1013904223;
			text[len++] = letters[(seed >> 16) % (sizeof(letters) - 1)];
		} while (len < (int)sizeof(text) - 1 && (seed >> 8) % 12);
		text[len] = 0;
		enum ParseResult result = parse_line(&line, text);
		CHECK(result == PARSE_OK || line.error[0]);
		CHECK(line.error_at >= 0 && line.error_at <= len);
		if (result == PARSE_OK)
			CHECK(expand_words(&args, line.words, line.nwords, &params) >= 0);
	}
}

int
main(void)
{
	RUN(test_structure);
	RUN(test_text);
	RUN(test_errors);
	RUN(test_more);
	RUN(test_limits);
	RUN(test_expand);
	RUN(test_parameters);
	RUN(test_random);
	return report("shparse_test");
}
