// Redirections. The shell never changes its own descriptors 0, 1 and 2 for a
// command: a plan says which of the shell's descriptors the command is to get
// as which of its own, and only those it gets.
#include <user/sh/sh.h>

// As the shell has them.
void
plan_start(struct Plan *plan)
{
	struct Fd *fd;

	plan->nopened = 0;
	for (int i = 0; i < PLAN_FDS; i++)
		plan->fd[i] = i <= 2 && fd_lookup(i, &fd) == 0 ? i : -1;
}

// Notes that fd was opened for this plan, and is to be closed with it.
static void
plan_opened(struct Plan *plan, int fd)
{
	plan->opened[plan->nopened++] = fd;
}

// The file of a redirection. A descriptor, or an error.
static int
open_target(const struct Redir *redir, const char *path)
{
	if (redir->kind == REDIR_IN)
		return open(path, O_RDONLY);
	return open(path, O_WRONLY | O_CREAT | (redir->kind == REDIR_OUT ? O_TRUNC : O_APPEND));
}

// >&N and <&N: as descriptor N; - for none.
static int
plan_dup(struct Plan *plan, int to, const char *from)
{
	if (strcmp(from, "-") == 0) {
		plan->fd[to] = -1;
		return 0;
	}
	if (from[0] < '0' || from[0] > '9' || from[1]) {
		fprintf(2, "sh: &%s: not a descriptor from 0 to 9\n", from);
		return -E_INVAL;
	}
	if (plan->fd[from[0] - '0'] < 0) {
		fprintf(2, "sh: &%s: not open\n", from);
		return -E_INVAL;
	}
	plan->fd[to] = plan->fd[from[0] - '0'];
	return 0;
}

// Does one redirection. 0, or an error, which was reported.
int
plan_redirect(struct Plan *plan, const struct Redir *redir)
{
	static struct Args target;

	if (expand_words(&target, &redir->target, 1, &shell.params) != 1) {
		fprintf(2, "sh: %.*s: not the name of one file\n", redir->target.len,
			redir->target.at);
		return -E_INVAL;
	}
	if (redir->kind == REDIR_DUP)
		return plan_dup(plan, redir->fd, target.argv[0]);
	if (plan->nopened == PLAN_FDS) {
		fprintf(2, "sh: %s: too many redirections\n", target.argv[0]);
		return -E_MAX_OPEN;
	}
	int fd = open_target(redir, target.argv[0]);
	if (fd < 0) {
		fprintf(2, "sh: %s: %e\n", target.argv[0], fd);
		return fd;
	}
	plan_opened(plan, fd);
	plan->fd[redir->fd] = fd;
	return 0;
}

// For a command in the background, which is not to take what the shell or others are to
// read: an input that is at its end. 0 or an error.
int
plan_no_input(struct Plan *plan)
{
	int fds[2], r;

	if ((r = pipe(fds)) < 0)
		return r;
	close(fds[1]);
	plan_opened(plan, fds[0]);
	plan->fd[0] = fds[0];
	return 0;
}

void
plan_close(struct Plan *plan)
{
	while (plan->nopened > 0)
		close(plan->opened[--plan->nopened]);
}

// Closes all descriptors that the plan does not name: for a child of the shell.
void
plan_keep_only(const struct Plan *plan)
{
	for (int fd = 0; fd < MAXFD; fd++) {
		bool named = false;
		for (int i = 0; i < PLAN_FDS; i++)
			named |= plan->fd[i] == fd;
		if (!named)
			close(fd);
	}
}
