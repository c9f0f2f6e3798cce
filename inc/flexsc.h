// The syscall page: what a program and the kernel share.
//
// A program fills an entry and writes its status, FSC_SUBMIT, last. The kernel
// writes FSC_BUSY, reads each field once, executes the call, writes ret, and then
// the status: FSC_DONE, or FSC_BLOCKED until what the call waits for has come.
// The program reads ret after it saw FSC_DONE, and then writes FSC_FREE.
//
//     FREE -> ALLOC -> SUBMIT -> BUSY -> DONE -> FREE
//       program | program | kernel | kernel | program
//                            BUSY -> BLOCKED -> DONE    (kernel)
#ifndef INC_FLEXSC_H
#define INC_FLEXSC_H

#include <inc/types.h>

#define USCPAGE 0xBEEF0000
#define NSCENTRIES 64

enum FscStatus {
	FSC_FREE,
	FSC_ALLOC,
	FSC_SUBMIT,
	FSC_BUSY,
	FSC_BLOCKED,
	FSC_DONE,
};

struct FscEntry {
	int32_t syscall;   // SYS_*
	uint32_t num_args; // not looked at
	uint32_t args[5];
	volatile enum FscStatus status;
	volatile int32_t ret; // valid when status is FSC_DONE

	// A receive: what came, written before status, so that several
	// receives in flight keep their messages apart.
	uint32_t ipc_value;
	int32_t ipc_from;
	int32_t ipc_perm;

	// In entry 0 only, for the whole page, by the kernel: the syscall
	// thread sleeps, so whoever submits must ring (sys_flexsc_wake).
	volatile uint32_t need_wake;

	// The same: a BLOCKED call waits for the program's own pager, which runs
	// when the program waits.
	volatile uint32_t need_pager;

	uint32_t reserved[2];
};
static_assert(sizeof(struct FscEntry) == 64, "an entry is a cache line");

struct FscPage {
	struct FscEntry entries[NSCENTRIES];
};
static_assert(sizeof(struct FscPage) == 4096, "the entries are a page");

// sys_flexsc_wait's argument: an entry's index, or one of these.
#define FSC_WAIT_ANY (-1)    // flexsc_wait: see lib.h
#define FSC_WAIT_ISSUED (-2) // until all that is submitted has been issued

#endif
