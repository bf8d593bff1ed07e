/* SPDX-License-Identifier: Apache-2.0 */
/*
 * String I/O of a guest that the monitor can read: downwards too, over the end of a page, and up to
 * a page that is not there, or not to be written, which is a #PF of its element and of no other,
 * or to where addresses are not canonical, which is a #GP of the same kind: RCX and the index say
 * how far it came, and the port has not been touched for it.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --mode=emulate --trace=%t.trace %t | FileCheck %s
 * RUN: FileCheck %s -check-prefix=TRACE < %t.trace
 * RUN: %run-guest --platform=kvm --mode=emulate %t | FileCheck %s
 * CHECK: downwards: good
 * CHECK-NEXT: over the end of a page: good
 * CHECK-NEXT: to a page that is not there: good
 * CHECK-NEXT: from a page that is not there: good
 * CHECK-NEXT: to a page that is not to be written: good
 * CHECK-NEXT: to where no address is: good
 * CHECK-NEXT: from where no address is: good
 * CHECK-NEXT: by the stack's segment, which is none: good
 * CHECK-NEXT: none at all: good
 * CHECK: exit status 0
 *
 * TRACE: ioio dir=out port=0x406 size=0x1 value=0x44
 * TRACE-NEXT: ioio dir=out port=0x406 size=0x1 value=0x43
 * TRACE-NEXT: ioio dir=out port=0x406 size=0x1 value=0x42
 * TRACE-NEXT: ioio dir=out port=0x406 size=0x1 value=0x41
 * TRACE: ioio dir=out port=0x406 size=0x2 value=0x3231
 * TRACE-NEXT: ioio dir=out port=0x406 size=0x2 value=0x3433
 * TRACE-NEXT: ioio dir=out port=0x406 size=0x2 value=0x3635
 */
#include <stdio.h>
#include <string.h>

#include "abi/x86.h"
#include "early/trap.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/mm.h"
#include "mm/pgtable.h"

#define PORT_TRANSCRIPT 0x406 /* where nobody listens, of a guest */
#define PORT_STATUS     0x3fd /* COM1's, which reads as the same */
#define WINDOW          (U64_C(32) << 40)
#define CANONICAL_END   (U64_C(1) << 47)
#define NOT_PF          ~U64_C(0)

static __aligned_page u8 page[PAGE_SIZE]; /* at WINDOW, and nothing behind it */
static u64 fault_address, fault_code, behind;

struct string {
	u64 rcx, rsi, rdi;
};

static void handler(struct trap_frame *frame)
{
	if (frame->vector != VEC_PF && frame->vector != VEC_GP)
		trap_panic(frame);
	fault_address = frame->vector == VEC_PF ? read_cr2() : NOT_PF;
	fault_code = frame->error_code;
	frame->rip = behind;
}

#define STRING(insn, flag)                                                                         \
	__asm__ volatile("lea 1f(%%rip), %%rax; mov %%rax, %[behind]; " flag "; " insn "; 1: cld"  \
			 : "+c"(s->rcx), "+S"(s->rsi), "+D"(s->rdi), [behind] "=m"(behind)         \
			 : "d"(port)                                                               \
			 : "rax", "memory")

static void out8_down(struct string *s, u16 port) { STRING("rep outsb", "std"); }
static void out8(struct string *s, u16 port) { STRING("rep outsb", "cld"); }
static void out8_ss(struct string *s, u16 port) { STRING("ss; rep outsb", "cld"); }
static void in8(struct string *s, u16 port) { STRING("rep insb", "cld"); }

static int failed;

static void judge(const char *what, bool good)
{
	printf("%s: %s\n", what, good ? "good" : "bad");
	failed |= !good;
}

static bool faulted(u64 address, u64 code)
{
	bool was = fault_address == address && fault_code == code;

	if (!was)
		printf("fault at %#lx, code %#lx\n", fault_address, fault_code);
	fault_address = fault_code = 0;
	return was;
}

static void test_downwards(void)
{
	static const char text[] = "ABCD";
	struct string s = { .rcx = 4, .rsi = (u64)text + 3 };

	out8_down(&s, PORT_TRANSCRIPT);
	judge("downwards", !s.rcx && s.rsi == (u64)text - 1);
}

/* Of the image, where pages follow each other: the second of three words is in both. */
static void test_over(void)
{
	static __aligned_page u8 pages[2][PAGE_SIZE];
	u8 *at = pages[1] - 3;
	u64 count = 3, rsi = (u64)at;

	memcpy(at, "123456", 6);
	__asm__ volatile("rep outsw" : "+c"(count), "+S"(rsi) : "d"(PORT_TRANSCRIPT) : "memory");
	judge("over the end of a page", !count && rsi == (u64)at + 6);
}

static void test_faults(void)
{
	struct string s = { .rcx = 100, .rdi = WINDOW + PAGE_SIZE - 10 };

	in8(&s, PORT_STATUS);
	judge("to a page that is not there", s.rcx == 90 && s.rdi == WINDOW + PAGE_SIZE &&
						     faulted(WINDOW + PAGE_SIZE, PF_W) &&
						     page[PAGE_SIZE - 1] == inb(PORT_STATUS));
	s = (struct string){ .rcx = 100, .rsi = WINDOW + PAGE_SIZE - 20 };
	out8(&s, PORT_TRANSCRIPT);
	judge("from a page that is not there",
	      s.rcx == 80 && s.rsi == WINDOW + PAGE_SIZE && faulted(WINDOW + PAGE_SIZE, 0));
	s = (struct string){ .rcx = 7, .rdi = (u64)test_faults };
	in8(&s, PORT_STATUS);
	judge("to a page that is not to be written",
	      s.rcx == 7 && s.rdi == (u64)test_faults && faulted((u64)test_faults, PF_W | PF_P));
	s = (struct string){ .rcx = 20, .rdi = CANONICAL_END - 10 };
	in8(&s, PORT_STATUS);
	judge("to where no address is",
	      s.rcx == 10 && s.rdi == CANONICAL_END && faulted(NOT_PF, 0));
	s = (struct string){ .rcx = 20, .rsi = CANONICAL_END - 10 };
	out8(&s, PORT_TRANSCRIPT);
	judge("from where no address is",
	      s.rcx == 10 && s.rsi == CANONICAL_END && faulted(NOT_PF, 0));
	s = (struct string){ .rcx = 1, .rsi = CANONICAL_END };
	out8_ss(&s, PORT_TRANSCRIPT);
	judge("by the stack's segment, which is none",
	      s.rcx == 1 && s.rsi == CANONICAL_END && faulted(NOT_PF, 0));
	s = (struct string){ .rsi = WINDOW + PAGE_SIZE };
	out8(&s, PORT_TRANSCRIPT);
	judge("none at all", !s.rcx && s.rsi == WINDOW + PAGE_SIZE && faulted(0, 0));
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	cli();
	write_cr0(read_cr0() & ~(u64)CR0_WP); /* sealed by now */
	trap_set_handler(handler);
	write_cr0(read_cr0() | CR0_WP);
	if (pgtable_map(mm_pgtable(), va(WINDOW), pa_of(page), PAGE_SIZE, PGTABLE_W) ||
	    pgtable_map(mm_pgtable(), va(CANONICAL_END - PAGE_SIZE), pa_of(page), PAGE_SIZE,
			PGTABLE_W))
		return 1;
	test_downwards();
	test_over();
	test_faults();
	return failed;
}

DEFINE_WORKLOAD("test", "strings to ports and from ports", test);
