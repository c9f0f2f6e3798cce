// Divides by zero: the divide error (vector 0) ends the program before it prints.
#include <inc/lib.h>

void
umain(int argc, char **argv)
{
	int quotient, rest;

	// In C the compiler may, and does, answer 1/x without dividing.
	asm volatile("idivl %4" : "=a"(quotient), "=d"(rest) : "0"(1), "1"(0), "r"(0) : "cc");
	cprintf("1/0 is %08x!\n", quotient);
}
