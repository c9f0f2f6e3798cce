// For programs that were written for xv6, or for a course's projects with it: in place
// of their includes. main, exit(0), wait(), printf(1, ...) and the other calls are as
// there, with -1 for every error; a program that has this in includes nothing else.
// doc/processes.md says what differs.
//
// lib/xv6.c and lib/xv6file.c describe each function. The names are macros with arguments;
// so in parentheses, as in (open)(path, mode), they are still the library's.
#ifndef INC_XV6_H
#define INC_XV6_H

#include <inc/fs.h>
#include <inc/pstat.h>
#include <inc/string.h>
#include <inc/thread.h>
#include <inc/types.h>
#include <inc/vm.h>

typedef unsigned int uint;
typedef unsigned short ushort;
typedef unsigned char uchar;
typedef uint8_t uint8;
typedef uint16_t uint16;
typedef uint32_t uint32;
typedef uint64_t uint64;

#define NPROC PSTAT_MAX

// fcntl.h; the others are in inc/fs.h
#define O_CREATE O_CREAT

// stat.h
#define T_DIR 1
#define T_FILE 2
#define T_DEV 3
#undef T_DEVICE // the kernel has a trap of that name
#define T_DEVICE T_DEV

struct stat {
	short type; // T_*
	int dev;    // 1: the disk, 2: another device
	uint ino;   // 0
	short nlink;
	uint size; // bytes
};

// What the program's main is for lib/xv6main.c.
#define main xv6_main

// Without an argument: 0.
#define exit(...) xv6_exit(XV6_SECOND(0, ##__VA_ARGS__, 0, 0))
#define wait(...) xv6_wait((int *)XV6_SECOND(0, ##__VA_ARGS__, 0, 0))
#define XV6_SECOND(first, second, ...) (second)

// With a descriptor in front, as in xv6, or without, as in its later version.
#define printf(first, ...) XV6_PRINT(first)(first, ##__VA_ARGS__)
#define XV6_PRINT(first) \
	_Generic((first), char * : xv6_print, const char * : xv6_print, default : xv6_printf)
#define fprintf(fd, ...) xv6_printf(fd, __VA_ARGS__)

#define fork() xv6_fork()
#define exec(path, argv) xv6_exec(path, argv)
#define kill(pid) xv6_kill(pid)
#define getpid() xv6_getpid()
#define sleep(ticks) xv6_sleep(ticks)
#define uptime() xv6_uptime()

#define open(path, mode) xv6_open(path, mode)
#define close(fd) xv6_close(fd)
#define read(fd, buf, n) xv6_read(fd, buf, n)
#define write(fd, buf, n) xv6_write(fd, buf, n)
#define dup(fd) xv6_dup(fd)
#define pipe(fds) xv6_pipe(fds)
#define fstat(fd, st) xv6_fstat(fd, st)
#define stat(path, st) xv6_stat(path, st)
#define unlink(path) xv6_unlink(path)
#define mkdir(path) xv6_mkdir(path)
#define link(from, to) xv6_link(from, to)
#define mknod(path, major, minor) xv6_mknod(path, major, minor)
#define chdir(path) xv6_chdir(path)

#define atoi(s) xv6_atoi(s)
#define gets(buf, max) xv6_gets(buf, max)

void xv6_exit(int status) __attribute__((noreturn));
int xv6_wait(int *status);
int xv6_fork(void);
int xv6_exec(const char *path, char **argv);
int xv6_kill(int pid);
int xv6_getpid(void);
int xv6_sleep(int ticks);
int xv6_uptime(void);

void xv6_printf(int fd, const char *fmt, ...);
void xv6_print(const char *fmt, ...);

int xv6_open(const char *path, int mode);
int xv6_close(int fd);
int xv6_read(int fd, void *buf, int n);
int xv6_write(int fd, const void *buf, int n);
int xv6_dup(int fd);
int xv6_pipe(int *fds);
int xv6_fstat(int fd, struct stat *st);
int xv6_stat(const char *path, struct stat *st);
int xv6_unlink(const char *path);
int xv6_mkdir(const char *path);
int xv6_link(const char *from, const char *to);
int xv6_mknod(const char *path, short major, short minor);
int xv6_chdir(const char *path);

int xv6_atoi(const char *s);
char *xv6_gets(char *buf, int max);

// As in the library.
void *malloc(size_t size);
void free(void *p);

#endif
