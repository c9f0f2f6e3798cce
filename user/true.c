// Does nothing, well.
#include <inc/lib.h>

void
umain(int argc, char **argv)
{
}
