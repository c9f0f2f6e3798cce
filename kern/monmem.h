// The monitor's commands that look at memory.
#ifndef KERN_MONMEM_H
#define KERN_MONMEM_H

// Each takes the words of its command, and complains by itself.
void monmem_mappings(int argc, char **argv);
void monmem_dump(int argc, char **argv);

#endif
