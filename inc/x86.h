// Single instructions that C has no word for. Names are the instructions'.
#ifndef INC_X86_H
#define INC_X86_H

#include <inc/types.h>

static inline void
breakpoint(void)
{
	asm volatile("int3");
}

// The time-stamp counter, in cycles.
static inline uint64_t
read_tsc(void)
{
	uint64_t tsc;
	asm volatile("rdtsc" : "=A"(tsc));
	return tsc;
}

static inline uint8_t
inb(uint16_t port)
{
	uint8_t data;
	asm volatile("inb %w1,%0" : "=a"(data) : "Nd"(port));
	return data;
}

static inline uint16_t
inw(uint16_t port)
{
	uint16_t data;
	asm volatile("inw %w1,%0" : "=a"(data) : "Nd"(port));
	return data;
}

static inline uint32_t
inl(uint16_t port)
{
	uint32_t data;
	asm volatile("inl %w1,%0" : "=a"(data) : "Nd"(port));
	return data;
}

// cnt words of 4 bytes from port to addr.
static inline void
insl(uint16_t port, void *addr, int cnt)
{
	asm volatile("cld\n\trep insl" : "+D"(addr), "+c"(cnt) : "d"(port) : "memory", "cc");
}

static inline void
outb(uint16_t port, uint8_t data)
{
	asm volatile("outb %0,%w1" : : "a"(data), "Nd"(port));
}

static inline void
outw(uint16_t port, uint16_t data)
{
	asm volatile("outw %0,%w1" : : "a"(data), "Nd"(port));
}

static inline void
outl(uint16_t port, uint32_t data)
{
	asm volatile("outl %0,%w1" : : "a"(data), "Nd"(port));
}

// cnt words of 4 bytes from addr to port.
static inline void
outsl(uint16_t port, const void *addr, int cnt)
{
	asm volatile("cld\n\trep outsl" : "+S"(addr), "+c"(cnt) : "d"(port) : "memory", "cc");
}

static inline void
invlpg(const void *addr)
{
	asm volatile("invlpg (%0)" : : "r"(addr) : "memory");
}

static inline void
lidt(const void *p)
{
	asm volatile("lidt (%0)" : : "r"(p) : "memory");
}

static inline void
lgdt(const void *p)
{
	asm volatile("lgdt (%0)" : : "r"(p) : "memory");
}

static inline void
ltr(uint16_t sel)
{
	asm volatile("ltr %0" : : "r"(sel));
}

// The task register's selector.
static inline uint32_t
str(void)
{
	uint32_t sel;
	asm volatile("str %0" : "=r"(sel)); // volatile: a syscall thread may move
	return sel;
}

#define X86_CR(n)                                                        \
	static inline uint32_t rcr##n(void)                              \
	{                                                                \
		uint32_t val;                                            \
		asm volatile("movl %%cr" #n ",%0" : "=r"(val));          \
		return val;                                              \
	}                                                                \
	static inline void lcr##n(uint32_t val)                          \
	{                                                                \
		asm volatile("movl %0,%%cr" #n : : "r"(val) : "memory"); \
	}
X86_CR(0)
X86_CR(2)
X86_CR(3)
X86_CR(4)
#undef X86_CR

static inline uint32_t
read_eflags(void)
{
	uint32_t eflags;
	asm volatile("pushfl; popl %0" : "=r"(eflags));
	return eflags;
}

static inline void
write_eflags(uint32_t eflags)
{
	asm volatile("pushl %0; popfl" : : "r"(eflags) : "memory", "cc");
}

static inline void
cli(void)
{
	asm volatile("cli" : : : "memory");
}

static inline void
sti(void)
{
	asm volatile("sti" : : : "memory");
}

static inline uint32_t
read_ebp(void)
{
	uint32_t ebp;
	asm volatile("movl %%ebp,%0" : "=r"(ebp));
	return ebp;
}

static inline uint32_t
read_esp(void)
{
	uint32_t esp;
	asm volatile("movl %%esp,%0" : "=r"(esp));
	return esp;
}

static inline void
cpuid(uint32_t leaf, uint32_t sub, uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
	asm volatile("cpuid" : "=a"(*a), "=b"(*b), "=c"(*c), "=d"(*d) : "a"(leaf), "c"(sub));
}

static inline uint64_t
rdmsr(uint32_t msr)
{
	uint64_t val;
	asm volatile("rdmsr" : "=A"(val) : "c"(msr));
	return val;
}

static inline void
wrmsr(uint32_t msr, uint64_t val)
{
	asm volatile("wrmsr" : : "c"(msr), "A"(val) : "memory");
}

// Writes newval to *addr and returns what was there, atomically. A full barrier.
static inline uint32_t
xchg(volatile uint32_t *addr, uint32_t newval)
{
	asm volatile("xchgl %0,%1" : "+m"(*addr), "+r"(newval) : : "memory");
	return newval;
}

// A hint that this is a spin loop.
static inline void
pause(void)
{
	asm volatile("pause" : : : "memory");
}

// The compiler moves no memory access across this. x86 itself keeps loads in
// order and stores in order, so it is all that a publisher or reader needs.
static inline void
barrier(void)
{
	asm volatile("" : : : "memory");
}

// A full barrier: also orders a store before a later load, which x86 does not.
static inline void
full_barrier(void)
{
	asm volatile("lock; addl $0,(%%esp)" : : : "memory", "cc");
}

#endif
