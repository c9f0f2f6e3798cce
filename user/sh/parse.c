// Takes a line of the shell's language apart: user/sh/parse.h has the grammar.
// Nothing is executed or looked up here, so that a line with an error in it
// leaves everything as it was.
#include <inc/stdio.h>
#include <inc/string.h>
#include <user/sh/parse.h>

enum Token {
	TOKEN_END,
	TOKEN_NEWLINE,
	TOKEN_WORD,
	TOKEN_REDIR,
	TOKEN_PIPE,
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_NEXT,
	TOKEN_BACKGROUND,
	TOKEN_MORE,  // the text ends within a word
	TOKEN_ERROR, // as line->error says
};

struct Parser {
	struct Line *line;
	const char *text;
	const char *at; // not yet read

	const char *end; // of the token before the last

	// The token read last.
	enum Token token;
	const char *start;
	struct Word word;
	enum RedirKind kind;
	int fd;
};

static enum Token
token_error(struct Parser *p, const char *at, const char *what)
{
	p->line->error_at = at - p->text;
	strlcpy(p->line->error, what, sizeof(p->line->error));
	return TOKEN_ERROR;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

// Whether c, unquoted, ends a word.
static bool
ends_word(char c)
{
	return c == 0 || c == '\n' || is_blank(c) || strchr("|&;<>()", c) != NULL;
}

const char *
parameter_end(const char *dollar)
{
	char c = dollar[1];

	return c && (is_digit(c) || strchr("?$#*@", c)) ? dollar + 2 : NULL;
}

// A $ is followed by one of the parameters there are, or stands for itself at
// the end of a word.
static bool
check_dollar(struct Parser *p)
{
	char c = p->at[1];

	if (parameter_end(p->at) || ends_word(c) || c == '"' || c == '\'')
		return true;
	token_error(p, p->at, "only $0 to $9, $#, $*, $@, $? and $$ are known; write \\$ for a $");
	return false;
}

// Goes behind the quotation at p->at.
static enum Token
read_quoted(struct Parser *p)
{
	char quote = *p->at;
	const char *open = p->at++;

	for (; *p->at != quote; p->at++) {
		if (*p->at == '\\' && quote == '"')
			p->at++;
		else if (*p->at == '$' && quote == '"' && !check_dollar(p))
			return TOKEN_ERROR;
		if (!*p->at) {
			token_error(p, open, "this quotation has no end");
			return TOKEN_MORE;
		}
	}
	p->at++;
	return TOKEN_WORD;
}

static enum Token
read_word(struct Parser *p)
{
	while (!ends_word(*p->at)) {
		if (*p->at == '\'' || *p->at == '"') {
			enum Token token = read_quoted(p);
			if (token != TOKEN_WORD)
				return token;
			continue;
		}
		if (*p->at == '$' && !check_dollar(p))
			return TOKEN_ERROR;
		if (*p->at == '\\' && !*++p->at) {
			token_error(p, p->at - 1, "nothing behind this \\");
			return TOKEN_MORE;
		}
		p->at++;
	}
	p->word.at = p->start;
	p->word.len = p->at - p->start;
	return TOKEN_WORD;
}

// At < or >, of descriptor fd, or of the usual one: -1.
static enum Token
read_redir(struct Parser *p, int fd)
{
	bool in = *p->at++ == '<';

	p->fd = fd >= 0 ? fd : !in;
	p->kind = in ? REDIR_IN : REDIR_OUT;
	if (!in && *p->at == '>') {
		p->kind = REDIR_APPEND;
		p->at++;
	} else if (*p->at == '&') {
		p->kind = REDIR_DUP;
		p->at++;
	}
	return TOKEN_REDIR;
}

// Whether what stands at p->at comes once or twice in a row.
static enum Token
once_or_twice(struct Parser *p, enum Token once, enum Token twice)
{
	if (p->at[0] != p->at[1]) {
		p->at++;
		return once;
	}
	p->at += 2;
	return twice;
}

// Blanks, continued lines, and comments.
static void
skip_blanks(struct Parser *p)
{
	for (;;) {
		if (is_blank(*p->at))
			p->at++;
		else if (p->at[0] == '\\' && p->at[1] == '\n')
			p->at += 2;
		else
			break;
	}
	if (*p->at == '#')
		while (*p->at && *p->at != '\n')
			p->at++;
}

static enum Token
read_token(struct Parser *p)
{
	skip_blanks(p);
	p->start = p->at;
	switch (*p->at) {
	case 0: return TOKEN_END;
	case '\n': p->at++; return TOKEN_NEWLINE;
	case '|': return once_or_twice(p, TOKEN_PIPE, TOKEN_OR);
	case '&': return once_or_twice(p, TOKEN_BACKGROUND, TOKEN_AND);
	case ';': p->at++; return TOKEN_NEXT;
	case '<':
	case '>': return read_redir(p, -1);
	case '(':
	case ')': return token_error(p, p->at, "there are no groups; quote a ( or )");
	}
	if (is_digit(p->at[0]) && (p->at[1] == '<' || p->at[1] == '>'))
		return read_redir(p, *p->at++ - '0');
	return read_word(p);
}

static void
next(struct Parser *p)
{
	p->end = p->at;
	p->token = read_token(p);
}

// The parser's result at a token that cannot stand there. what is missing is
// said if the text ends.
static enum ParseResult
unexpected(struct Parser *p, const char *missing)
{
	struct Line *line = p->line;

	if (p->token == TOKEN_ERROR)
		return PARSE_ERROR;
	if (p->token == TOKEN_MORE)
		return PARSE_MORE;
	line->error_at = p->start - p->text;
	if (p->token == TOKEN_END || p->token == TOKEN_NEWLINE)
		strlcpy(line->error, missing, sizeof(line->error));
	else
		snprintf(line->error, sizeof(line->error), "unexpected '%.*s'",
			 (int)(p->at - p->start), p->start);
	return PARSE_ERROR;
}

static enum ParseResult
too_long(struct Parser *p)
{
	token_error(p, p->start, "too many words or commands in a line");
	return PARSE_ERROR;
}

// At a word or a redirection.
static enum ParseResult
parse_command(struct Parser *p)
{
	struct Line *line = p->line;

	if (line->ncommands == LINE_COMMANDS)
		return too_long(p);
	struct SimpleCommand *command = &line->commands[line->ncommands++];
	*command = (struct SimpleCommand){.word = line->nwords, .redir = line->nredirs};

	for (;; next(p)) {
		if (p->token == TOKEN_WORD) {
			if (line->nwords == LINE_WORDS)
				return too_long(p);
			line->words[line->nwords++] = p->word;
			command->nwords++;
		} else if (p->token == TOKEN_REDIR) {
			if (line->nredirs == LINE_COMMANDS)
				return too_long(p);
			struct Redir *redir = &line->redirs[line->nredirs++];
			redir->kind = p->kind;
			redir->fd = p->fd;
			next(p);
			if (p->token != TOKEN_WORD)
				return unexpected(p, "a file's name is missing");
			redir->target = p->word;
			command->nredirs++;
		} else {
			return PARSE_OK;
		}
	}
}

static enum ParseResult
parse_pipeline(struct Parser *p)
{
	struct Line *line = p->line;

	if (line->npipelines == LINE_COMMANDS)
		return too_long(p);
	struct Pipeline *pipeline = &line->pipelines[line->npipelines++];
	*pipeline = (struct Pipeline){.command = line->ncommands, .text.at = p->start};

	for (;;) {
		if (p->token != TOKEN_WORD && p->token != TOKEN_REDIR) {
			enum ParseResult result = unexpected(p, "a command is missing");
			// behind a | the line may go on in the next
			return result == PARSE_ERROR && p->token == TOKEN_END ? PARSE_MORE : result;
		}
		enum ParseResult result = parse_command(p);
		if (result != PARSE_OK)
			return result;
		pipeline->ncommands++;
		pipeline->text.len = p->end - pipeline->text.at;
		if (p->token != TOKEN_PIPE)
			return PARSE_OK;
		do
			next(p);
		while (p->token == TOKEN_NEWLINE);
	}
}

// Takes text, which must stay as it is while line is in use, apart.
enum ParseResult
parse_line(struct Line *line, const char *text)
{
	struct Parser parser = {.line = line, .text = text, .at = text}, *p = &parser;
	bool more = false; // behind && or ||

	line->nwords = line->nredirs = line->ncommands = line->npipelines = 0;
	line->error[0] = 0;
	line->error_at = 0;
	for (next(p);;) {
		while (p->token == TOKEN_NEWLINE)
			next(p);
		if (p->token == TOKEN_END && !more)
			return PARSE_OK;
		enum ParseResult result = parse_pipeline(p);
		if (result != PARSE_OK)
			return result;

		struct Pipeline *pipeline = &line->pipelines[line->npipelines - 1];
		switch (p->token) {
		case TOKEN_END: return PARSE_OK;
		case TOKEN_NEXT:
		case TOKEN_NEWLINE: pipeline->then = THEN_NEXT; break;
		case TOKEN_BACKGROUND: pipeline->then = THEN_BACKGROUND; break;
		case TOKEN_AND: pipeline->then = THEN_AND; break;
		case TOKEN_OR: pipeline->then = THEN_OR; break;
		default: return unexpected(p, "");
		}
		more = pipeline->then == THEN_AND || pipeline->then == THEN_OR;
		next(p);
	}
}
