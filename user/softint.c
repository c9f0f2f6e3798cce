// Raises the page-fault vector by an instruction. Its gate is not open to ring
// 3, so what arrives is a general protection fault (vector 13).
#include <inc/lib.h>

void
umain(int argc, char **argv)
{
	asm volatile("int $14");
}
