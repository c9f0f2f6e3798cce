// A program in xv6's manner, with the calls of its courses' projects: threads that add
// under a lock; and clone and join with stacks of their own.
#include <inc/xv6.h>

#define THREADS 8
#define TIMES 250

int counter;
int sum;
lock_t lock;

void
count(void *arg1, void *arg2)
{
	int i, n = *(int *)arg1;

	for (i = 0; i < n; i++) {
		lock_acquire(&lock);
		counter++;
		lock_release(&lock);
	}
}

void
add(void *arg1, void *arg2)
{
	lock_acquire(&lock);
	sum += (int)arg1 * (int)arg2;
	lock_release(&lock);
	exit(0);
}

void
test_create(void)
{
	int i, n = TIMES;

	for (i = 0; i < THREADS; i++) {
		if (thread_create(count, &n, 0) < 0) {
			printf(2, "thread_create failed\n");
			exit(1);
		}
	}
	for (i = 0; i < THREADS; i++) {
		if (thread_join() < 0) {
			printf(2, "thread_join failed\n");
			exit(1);
		}
	}
	printf(1, "%d threads counted to %d\n", THREADS, counter);
	if (thread_join() != -1)
		printf(2, "thread_join found a thread too many\n");
}

char *
page(void)
{
	uint p = (uint)malloc(2 * 4096);

	return (char *)((p + 4095) & ~4095);
}

void
test_clone(void)
{
	char *stacks[3];
	void *stack;
	int i, j, pids[3], pid;

	for (i = 0; i < 3; i++) {
		stacks[i] = page();
		pids[i] = clone(add, (void *)(i + 1), (void *)10, stacks[i]);
		if (pids[i] < 0) {
			printf(2, "clone failed\n");
			exit(1);
		}
	}
	for (i = 0; i < 3; i++) {
		pid = join(&stack);
		for (j = 0; j < 3; j++)
			if (pid == pids[j] && stack != stacks[j])
				printf(2, "join: thread %d had another stack\n", pid);
	}
	printf(1, "sum %d\n", sum);
	if (clone(add, 0, 0, stacks[0] + 4) != -1)
		printf(2, "clone took a stack that is not aligned\n");
}

int
main(int argc, char *argv[])
{
	lock_init(&lock);
	test_create();
	test_clone();
	if (wait() != -1)
		printf(2, "wait found a child\n");
	printf(1, "xv6threads: done\n");
	exit(0);
}
