// What the parts of the file server that answer requests share: fs/serv.c, fs/serv_map.c,
// fs/serv_swap.c.
#ifndef FS_SERV_H
#define FS_SERV_H

#include <fs/layout.h>
#include <inc/env.h>
#include <inc/fs.h>
#include <inc/types.h>

// The request's page, while the request is served. The client can write to it all the time:
// what is taken from there is read once.
#define REQUEST ((union Fsipc *)REQUEST_AT)

#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))

// What goes with the answer.
struct Answer {
	void *page; // or NO_PAGE
	int perm;
};
extern struct Answer answer;

// Each answers the request that word stands for: >= 0 or -E_NAME.
int serve_map(uint32_t word);
int serve_map_shared(uint32_t word);
int serve_swap_out(uint32_t word);
int serve_swap_in(uint32_t word);
int serve_swap_free(uint32_t word);
int serve_swap_share(uint32_t word);

// Finds the swap area, once the file system is mounted.
void serve_swap_begin(void);

#endif
