// Formatted output. lib/printfmt.c says what formats there are.
#ifndef INC_STDIO_H
#define INC_STDIO_H

#include <inc/stdarg.h>
#include <inc/types.h>

// Formatting onto any sink: putch(c, arg) for each character.
void printfmt(void (*putch)(int, void *), void *arg, const char *fmt, ...);
void vprintfmt(void (*putch)(int, void *), void *arg, const char *fmt, va_list ap);

// Into buf, at most n bytes with the 0 that ends them. The length that the
// whole text has, or -E_INVAL for no buffer or n < 1.
int snprintf(char *buf, int n, const char *fmt, ...);
int vsnprintf(char *buf, int n, const char *fmt, va_list ap);

// To the console. The number of characters printed.
int cprintf(const char *fmt, ...);
int vcprintf(const char *fmt, va_list ap);

// To a file descriptor; printf to 1. The number of characters written, or the
// error of the first write that failed. lib/fprintf.c
int fprintf(int fd, const char *fmt, ...);
int vfprintf(int fd, const char *fmt, va_list ap);
int printf(const char *fmt, ...);

// The console's characters.
void cputchar(int c);
int getchar(void);
int iscons(int fd);

// A line from file descriptor 0, without its end, or NULL at the end of input.
char *readline(const char *prompt);

#endif
