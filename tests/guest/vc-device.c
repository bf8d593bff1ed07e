/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What compilers make of a device's register works on every platform: arithmetic on it, exchanges,
 * bits, comparisons, strings to and from memory over the end of a page, the stack, vectors; in each
 * width, by each form of address and with every prefix that changes nothing. On plain and SEV the
 * processor does it, and proves that the test is right; on SEV with a page of shared memory, since
 * such a guest has no configuration memory, and no other device keeps what it is given.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain %t | FileCheck %s
 * RUN: %run-guest --platform=sev %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es %t | FileCheck %s
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 * RUN: %run-guest --platform=tdx %t | FileCheck %s
 *
 * CHECK: read, modify, write: good
 * CHECK-NEXT: shifts and rotations: good
 * CHECK-NEXT: exchanges: good
 * CHECK-NEXT: bits: good
 * CHECK-NEXT: into registers: good
 * CHECK-NEXT: products and quotients: good
 * CHECK-NEXT: addresses and prefixes: good
 * CHECK-NEXT: strings: good
 * CHECK-NEXT: stack: good
 * CHECK-NEXT: SSE: good
 * CHECK-NEXT: AVX: {{good|not offered}}
 * CHECK: exit status 0
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "../Inputs/must.h"
#include "abi/x86.h"
#include "early/platform.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "mm/visibility.h"
#include "paravirt/pv_ops.h"

/* The configuration space of q35's AHCI controller: from 0xc0 on its bytes keep what is written. */
#define PORT_PCI_ADDRESS 0xcf8
#define PORT_PCI_DATA    0xcfc
#define PCIEXBAR         0x60
#define PCIEXBAR_256M_ON 1
#define ECAM             0xb0000000
#define ECAM_AHCI        0xb00fa000
#define SCRATCH          0xc0

static volatile u64 *reg; /* 64 bytes */
static u64 rax, rcx = 1, rdx, flags;

static u64 get(void) { return reg[0]; }

#define STATUS (RFLAGS_CF | RFLAGS_PF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF) /* AF: often undefined */

/* @before in the register, RBX its address, RAX, RCX and RDX as they are; CF set. Its new value. */
#define ON(insn, before)                                                                           \
	({                                                                                         \
		reg[0] = (before);                                                                 \
		reg[1] = reg[2] = reg[3] = U64_C(0x5555555555555555);                              \
		__asm__ volatile("stc\n\t" insn "\n\tpushfq\n\tpopq %3"                            \
				 : "+a"(rax), "+c"(rcx), "+d"(rdx), "=r"(flags)                    \
				 : "b"(reg)                                                        \
				 : "memory", "cc", "rsi");                                         \
		flags &= STATUS;                                                                   \
		get();                                                                             \
	})

#define A U64_C(0x1122334455667788)

static int test_rmw(void)
{
	rax = 0x80;
	MUST(ON("addb %%al, (%%rbx)", A) == U64_C(0x1122334455667708) &&
	     flags == (RFLAGS_CF | RFLAGS_OF));
	MUST(ON("addb %%ah, 1(%%rbx)", A) == A);
	rax = 0x1200;
	MUST(ON("orb %%ah, (%%rbx)", A) == U64_C(0x112233445566779a));
	MUST(ON("adcw $-1, (%%rbx)", A) == A && flags & RFLAGS_CF);
	MUST(ON("sbbl $1, (%%rbx)", A) == A - 2 && !(flags & RFLAGS_CF));
	MUST(ON("andq $-0x80, (%%rbx)", A) == U64_C(0x1122334455667780));
	MUST(ON("subq $0x7fffffff, (%%rbx)", A) == A - 0x7fffffff);
	rax = ~U64_C(0);
	MUST(ON("xorq %%rax, (%%rbx)", A) == ~A && flags & RFLAGS_SF);
	MUST(ON("incb (%%rbx)", 0xff) == 0 && flags == (RFLAGS_CF | RFLAGS_ZF | RFLAGS_PF));
	MUST(ON("decw (%%rbx)", 0x8000) == 0x7fff && flags == (RFLAGS_CF | RFLAGS_OF | RFLAGS_PF));
	MUST(ON("notl (%%rbx)", A) == U64_C(0x11223344aa998877) && flags & RFLAGS_CF);
	MUST(ON("negq (%%rbx)", 1) == ~U64_C(0) && flags & RFLAGS_CF);
	MUST(ON("cmpb $0x88, (%%rbx)", A) == A && flags == (RFLAGS_ZF | RFLAGS_PF));
	rax = A + 1;
	MUST(ON("cmpq %%rax, (%%rbx)", A) == A && flags & RFLAGS_CF && rax == A + 1);
	MUST(ON("cmpq (%%rbx), %%rax", A) == A && !(flags & RFLAGS_CF) && rax == A + 1);
	MUST(ON("testl $0x80, (%%rbx)", A) == A && !(flags & (RFLAGS_ZF | RFLAGS_CF)));
	MUST(ON("testw %%ax, (%%rbx)", 0x76) == 0x76 && flags & RFLAGS_ZF);
	MUST(ON("stc; setc (%%rbx)", A) == U64_C(0x1122334455667701) && flags & RFLAGS_CF);
	puts("read, modify, write: good");
	return 0;
}

static int test_shifts(void)
{
	rcx = 4;
	MUST(ON("shlb $1, (%%rbx)", 0x81) == 0x02 && flags & RFLAGS_CF && flags & RFLAGS_OF);
	MUST(ON("shrw %%cl, (%%rbx)", 0x8008) == 0x800 && flags & RFLAGS_CF);
	MUST(ON("sarl %%cl, (%%rbx)", 0x80000000) == 0xf8000000 && !(flags & RFLAGS_CF));
	MUST(ON("rolq $8, (%%rbx)", A) == U64_C(0x2233445566778811));
	MUST(ON("rorl $8, (%%rbx)", A) == U64_C(0x1122334488556677));
	MUST(ON("rclb $1, (%%rbx)", 0) == 1 && !(flags & RFLAGS_CF));
	MUST(ON("rcrq $1, (%%rbx)", 0) == BIT(63) && !(flags & RFLAGS_CF));
	rax = U64_C(0xf000000000000000);
	MUST(ON("shldq %%cl, %%rax, (%%rbx)", 1) == 0x1f);
	MUST(ON("shrdl $4, %%eax, (%%rbx)", 0x80) == 8);
	rcx = 64;
	MUST(ON("shlq %%cl, (%%rbx)", A) == A && flags & RFLAGS_CF);
	puts("shifts and rotations: good");
	return 0;
}

static int test_exchanges(void)
{
	rax = 0xee;
	MUST(ON("xchgb %%al, (%%rbx)", A) == U64_C(0x11223344556677ee) && rax == 0x88);
	MUST(ON("xchgl %%eax, (%%rbx)", A) == U64_C(0x1122334400000088) && rax == 0x55667788);
	rax = 0x1188;
	MUST(ON("xchgb %%ah, (%%rbx)", A) == U64_C(0x1122334455667711) && rax == 0x8888);
	rax = 2;
	MUST(ON("lock xaddq %%rax, (%%rbx)", A) == A + 2 && rax == A);
	rax = A;
	rdx = 7;
	MUST(ON("lock cmpxchgq %%rdx, (%%rbx)", A) == 7 && rax == A && flags & RFLAGS_ZF);
	MUST(ON("cmpxchgw %%dx, (%%rbx)", 9) == 9 && rax == ((A & ~U64_C(0xffff)) | 9));
	MUST(!(flags & RFLAGS_ZF));
	rax = 1, rdx = 2, rcx = 3;
	MUST(ON("lock cmpxchg8b (%%rbx)", A) == A && rax == (u32)A && rdx == A >> 32);
	MUST(ON("pushq %%rbx; movq %%rbx, %%rsi; movl $5, %%ebx; cmpxchg8b (%%rsi); popq %%rbx",
		A) == (U64_C(3) << 32 | 5));
	MUST(ON("lock orl $1, (%%rbx)", A) == A + 1);
	MUST(ON("lock incq (%%rbx)", A) == A + 1);
	puts("exchanges: good");
	return 0;
}

static int test_bits(void)
{
	rax = 3 + 64;
	MUST(ON("btq $3, (%%rbx)", A) == A && flags & RFLAGS_CF);
	MUST(ON("btcq %%rax, -8(%%rbx)", A) == (A ^ 8) && flags & RFLAGS_CF);
	rax = (u64)-125;
	MUST(ON("lock btrq %%rax, 16(%%rbx)", A) == (A ^ 8) && flags & RFLAGS_CF);
	rax = 0xffff0000 | (u16)-16;
	MUST(ON("btsw %%ax, 2(%%rbx)", A) == (A | 1) && !(flags & RFLAGS_CF));
	rax = 0;
	MUST(ON("bsfl (%%rbx), %%eax", A) == A && rax == 3);
	MUST(ON("bsrq (%%rbx), %%rax", A) == A && rax == 60);
	puts("bits: good");
	return 0;
}

static int test_registers(void)
{
	rax = 1;
	MUST(ON("addl (%%rbx), %%eax", A) == A && rax == 0x55667789);
	MUST(ON("subb (%%rbx), %%ah", A) == A && rax == 0x5566ef89);
	MUST(ON("movsbq (%%rbx), %%rax", A) == A && rax == U64_C(0xffffffffffffff88));
	MUST(ON("movslq 4(%%rbx), %%rax", A) == A && rax == 0x11223344);
	MUST(ON("movbeq (%%rbx), %%rax", A) == A && rax == U64_C(0x8877665544332211));
	MUST(ON("movbel %%eax, (%%rbx)", A) == U64_C(0x1122334411223344));
	MUST(ON("cmovcl (%%rbx), %%eax", A) == A && rax == 0x55667788);
	rax = ~U64_C(0);
	MUST(ON("cmovncl (%%rbx), %%eax", A) == A && rax == 0xffffffff);
	MUST(ON("imull $3, (%%rbx), %%eax", 7) == 7 && rax == 21);
	MUST(ON("imulq (%%rbx), %%rax", 2) == 2 && rax == 42);
	MUST(ON("pushq %%rbx; movb $1, %%al; xlat; popq %%rbx", A) == A && (u8)rax == 0x77);
	MUST(ON("clflush (%%rbx)", A) == A);
	puts("into registers: good");
	return 0;
}

/* The fault comes out of the instruction, as that of a host would. */
static u64 divide_by(u64 divisor)
{
	u64 fault = 0;

	reg[0] = divisor;
	__asm__ volatile("1: divq (%%rbx)\n\t"
			 "jmp 3f\n\t"
			 "2: mov %%rax, %0\n\t"
			 "3:\n\t" EXTABLE("1b", "2b")
			 : "+r"(fault), "+a"(rax), "+d"(rdx)
			 : "b"(reg)
			 : "memory", "cc");
	return fault;
}

static int test_products(void)
{
	rax = A;
	MUST(ON("mulq (%%rbx)", 16) == 16 && rax == A << 4 && rdx == 1 && flags & RFLAGS_CF);
	rax = 0xfe;
	MUST(ON("imulb (%%rbx)", 2) == 2 && rax == 0xfffc && !(flags & RFLAGS_CF));
	rax = 0x105;
	MUST(ON("divb (%%rbx)", 2) == 2 && rax == 0x182);
	rax = (u64)-7, rdx = ~U64_C(0);
	MUST(ON("idivq (%%rbx)", 2) == 2 && rax == (u64)-3 && rdx == (u64)-1);
	rax = 5, rdx = 1;
	MUST(!divide_by(8) && rax == BIT(61) && rdx == 5);
	rax = 5, rdx = 1;
	MUST(divide_by(1) == (EXTABLE_FAULT | VEC_DE));
	puts("products and quotients: good");
	return 0;
}

static int test_forms(void)
{
	rcx = 2, rax = 1;
	MUST(ON("addb $1, -14(%%rbx,%%rcx,8)", A) == A + U64_C(0x10000));
	MUST(ON("addr32 addl %%eax, (%%ebx)", A) == A + 1);
	MUST(ON("ds addl %%eax, (%%rbx)", A) == A + 1);
	MUST(ON("cs es addl %%eax, (%%rbx)", A) == A + 1);
	MUST(ON("rep addl %%eax, (%%rbx)", A) == A + 1);
	MUST(ON("repne movl %%eax, (%%rbx)", A) == (A & ~U64_C(0xffffffff)) + 1);
	MUST(ON("ss movl (%%rbx), %%eax", A) == A && rax == (u32)A);
	MUST(ON("movq %%rsp, %%rsi; movq %%rbx, %%rsp; addw $1, (%%rsp); movq %%rsi, %%rsp", A) ==
	     A + 1);
	MUST(ON("addr32 incl 0xb00fa0c0", A) == A + 1);
	rax = (u64)(uintptr_t)reg - rdmsr(MSR_GS_BASE);
	MUST(ON("incl %%gs:(%%rax)", A) == A + 1);
	MUST(ON("ds incl %%gs:(%%rax)", A) == A + 1);
	puts("addresses and prefixes: good");
	return 0;
}

static u8 buffer[2 * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

/* RSI, RDI and RCX before and after; @memory is ours, over the end of a page. */
static int test_strings(void)
{
	u8 *memory = buffer + PAGE_SIZE - 3;
	const volatile void *from = reg;
	volatile void *to = memory;
	u64 count = 3;
	u32 word = 0;

	reg[0] = A, reg[1] = ~A;
	__asm__ volatile("rep movsl" : "+S"(from), "+D"(to), "+c"(count)::"memory");
	MUST(!memcmp(memory, "\x88\x77\x66\x55\x44\x33\x22\x11\x77\x88\x99\xaa", 12));
	MUST(!count && from == (u8 *)reg + 12 && to == memory + 12);
	from = memory + 8, to = &reg[2], count = 2;
	__asm__ volatile("std; rep movsq; cld" : "+S"(from), "+D"(to), "+c"(count)::"memory");
	MUST(reg[1] == A && reg[2] == *(u64 *)(memory + 8) && to == &reg[0] && from == memory - 8);
	from = memory, to = &reg[1], count = 9;
	memory[8] = 1;
	__asm__ volatile("repe cmpsb" : "+S"(from), "+D"(to), "+c"(count)::"memory", "cc");
	MUST(from == memory + 9 && to == (u8 *)&reg[2] + 1 && !count);
	to = reg, count = 8;
	reg[0] = A;
	__asm__ volatile("repne scasb" : "+D"(to), "+c"(count) : "a"(0x66) : "memory", "cc");
	MUST(to == (u8 *)reg + 3 && count == 5);
	from = reg;
	__asm__ volatile("lodsl" : "+S"(from), "=a"(word)::"memory");
	MUST(word == (u32)A && from == (u8 *)reg + 4);
	to = reg + 1, count = 2;
	__asm__ volatile("rep stosw" : "+D"(to), "+c"(count) : "a"(0xabcd) : "memory");
	MUST(reg[1] == ((A & ~U64_C(0xffffffff)) | 0xabcdabcd) && to == (u8 *)reg + 12);
	puts("strings: good");
	return 0;
}

static int test_stack(void)
{
	u64 before, after, value;

	__asm__ volatile("movq %%rsp, %0" : "=r"(before));
	reg[0] = A;
	__asm__ volatile("pushq (%1)\n\tpopq %0" : "=r"(value) : "r"(reg) : "memory");
	MUST(value == A);
	__asm__ volatile("pushw 2(%1)\n\tpopw %w0" : "=r"(value) : "r"(reg), "0"(0) : "memory");
	MUST(value == 0x5566);
	__asm__ volatile("pushq %0\n\tpopq (%1)" ::"r"(~A), "r"(reg) : "memory");
	MUST(reg[0] == ~A);
	/* RSP is 8 more when the address is made of it. */
	__asm__ volatile(
		"movq %%rsp, %%rsi\n\tsubq %%rsp, %1\n\tpushq %0\n\t"
		"popq (%%rsp,%1)\n\tmovq %%rsp, %%rdi\n\tsubq %%rsi, %%rdi\n\tmovq %%rdi, %0"
		: "=r"(value)
		: "r"(reg), "0"(A)
		: "memory", "rsi", "rdi");
	MUST(reg[0] == A && !value);
	__asm__ volatile("movq %%rsp, %0" : "=r"(after));
	MUST(before == after);
	puts("stack: good");
	return 0;
}

#define EACH(op)                                                                                   \
	op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10) op(11) op(12) op(13)    \
		op(14) op(15)
#define STRING(x) #x
#define XMM(n)    "%%xmm" STRING(n)
#define YMM(n)    "%%ymm" STRING(n)
#define AT(n)     STRING(n) "*32(%1)"
#define VECTORS                                                                                    \
	"memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",  \
		"xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15"

static u8 vectors[16][32];

static bool is_filled(unsigned int n, unsigned int from, unsigned int to, u8 byte)
{
	for (unsigned int i = from; i < to; i++) {
		if (vectors[n][i] != byte)
			return false;
	}
	return true;
}

/* Register after register is loaded, from a device whose first byte changes in between. */
#define LOAD(n)  "movdqu (%0)," XMM(n) "\n\tincb (%0)\n\t"
#define KEEP(n)  "movdqu " XMM(n) "," AT(n) "\n\t"
#define STORE(n) "movups " XMM(n) ",(%0)\n\tmovb (%0),%%al\n\tmovb %%al,16+" AT(n) "\n\t"

static int test_sse(void)
{
	u64 low, high;

	memset((void *)(uintptr_t)reg, 0x55, 16);
	__asm__ volatile(EACH(LOAD) EACH(KEEP) EACH(STORE)::"r"(reg), "r"(vectors)
			 : "rax", "cc", VECTORS);
	for (unsigned int n = 0; n < 16; n++)
		MUST(vectors[n][0] == 0x55 + n && is_filled(n, 1, 16, 0x55) &&
		     vectors[n][16] == 0x55 + n);
	reg[0] = A, reg[1] = ~A;
	__asm__ volatile("movaps (%2),%%xmm3\n\tmovhps (%2),%%xmm3\n\tmovq %%xmm3,%0\n\t"
			 "movhlps %%xmm3,%%xmm4\n\tmovq %%xmm4,%1"
			 : "=&r"(low), "=&r"(high)
			 : "r"(reg)
			 : VECTORS);
	MUST(low == A && high == A);
	__asm__ volatile("movss (%2),%%xmm9\n\tmovlps 8(%2),%%xmm3\n\tmovq %%xmm9,%0\n\t"
			 "movq %%xmm3,%1\n\tmovhpd %%xmm3,(%2)\n\tmovd %%xmm9,12(%2)"
			 : "=&r"(low), "=&r"(high)
			 : "r"(reg)
			 : VECTORS);
	MUST(low == (u32)A && high == ~A && reg[0] == A && reg[1] >> 32 == (u32)A);
	puts("SSE: good");
	return 0;
}

#define VLOAD(n)  "vmovdqu (%0)," YMM(n) "\n\tincb (%0)\n\t"
#define VKEEP(n)  "vmovdqu " YMM(n) "," AT(n) "\n\t"
#define VCLEAR(n) "vmovdqu (%0)," XMM(n) "\n\tincb (%0)\n\t"
#define XCR0_AVX  7 /* with x87 and SSE */

static int test_avx(void)
{
	if (!(pv_cpuid(1, 0).ecx & BIT(26))) { /* XSAVE: an SNP guest's CPUID page has none */
		puts("AVX: not offered");
		return 0;
	}
	write_cr4(read_cr4() | CR4_OSXSAVE);
	__asm__ volatile("xsetbv" ::"a"(XCR0_AVX), "d"(0), "c"(0));
	memset((void *)(uintptr_t)reg, 0x66, 32);
	__asm__ volatile(EACH(VLOAD) EACH(VKEEP)::"r"(reg), "r"(vectors) : "cc", VECTORS);
	for (unsigned int n = 0; n < 16; n++)
		MUST(vectors[n][0] == 0x66 + n && is_filled(n, 1, 32, 0x66));
	__asm__ volatile("movups (%0),%%xmm5\n\tvmovdqu %%ymm5,5*32(%1)\n\t"
			 "vmovups 5*32(%1),%%ymm7\n\tvmovups %%ymm7,(%0)" ::"r"(reg),
			 "r"(vectors)
			 : VECTORS);
	MUST(is_filled(5, 1, 32, 0x66) && reg[3] == U64_C(0x6666666666666666)); /* not above 16 */
	__asm__ volatile(EACH(VCLEAR) EACH(VKEEP)::"r"(reg), "r"(vectors) : "cc", VECTORS);
	for (unsigned int n = 0; n < 16; n++)
		MUST(is_filled(n, 1, 16, 0x66) && is_filled(n, 16, 32, 0));
	rdx = 16;
	MUST(ON("andnq (%%rbx), %%rdx, %%rax", A) == A && rax == (A & ~U64_C(16)));
	MUST(ON("mulxq (%%rbx), %%rcx, %%rax", A) == A && rcx == A << 4 && rax == 1);
	puts("AVX: good");
	return 0;
}

static volatile u64 *device_register(void)
{
	outl(PORT_PCI_ADDRESS, 0x80000000 | PCIEXBAR);
	outl(PORT_PCI_DATA, ECAM | PCIEXBAR_256M_ON);
	return (volatile u64 *)((volatile u8 *)mmio_map(pa(ECAM_AHCI), PAGE_SIZE) + SCRATCH);
}

/* Where the other platforms have theirs. */
static volatile u64 *shared_register(void)
{
	u8 *page = memalign(PAGE_SIZE, PAGE_SIZE);

	if (!page || set_memory_decrypted(va_of(page), 1) ||
	    pgtable_map(mm_pgtable(), va(ECAM_AHCI), pa_of(page), PAGE_SIZE,
			PGTABLE_W | PGTABLE_SHARED))
		return NULL;
	return (volatile u64 *)(ECAM_AHCI + SCRATCH);
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	reg = platform.kind == PLATFORM_SEV ? shared_register() : device_register();
	if (!reg)
		return 1;
	return test_rmw() || test_shifts() || test_exchanges() || test_bits() || test_registers() ||
	       test_products() || test_forms() || test_strings() || test_stack() || test_sse() ||
	       test_avx();
}

DEFINE_WORKLOAD("test", "every use of a device's register", test);
