/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a #VE asks of the host, and what becomes of the registers: exact widths, strings one
 * element after the other, a refusal as the instruction's own #GP; a reason or an instruction that
 * cannot be ends the guest. KVM's hypercalls go by R10.
 * RUN: %unit-cc -include %S/Inputs/tdx-host.h %s %S/Inputs/tdx-host.c %root/early/tdvmcall.c \
 * RUN:   %root/lib/format.c %root/paravirt/emulate/insn.c %root/paravirt/emulate/insn_map.c \
 * RUN:   %root/paravirt/emulate/insn_compute.c %root/paravirt/emulate/insn_shift.c %root/paravirt/emulate/insn_bits.c \
 * RUN:   %root/paravirt/emulate/pagewalk.c %root/paravirt/tdx_requests.c \
 * RUN:   %root/paravirt/ve.c -o %t
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#define read_cr3 fake_read_cr3
#define read_cr4 fake_read_cr4
#define rdmsr    fake_rdmsr
static u64 fake_read_cr3(void);
static u64 fake_read_cr4(void);
static u64 fake_rdmsr(u32 msr);

#include "../../paravirt/emulate/emulate.c"
#include "../../paravirt/emulate/emulate_io.c"
#include "../../paravirt/emulate/emulate_memory.c"
#include "../../paravirt/emulate/emulate_mmio.c"
#include "../../paravirt/emulate/emulate_string.c"
#include "abi/kvm_para.h"
#include "early/platform.h"
#include "paravirt/host.h"
#include "paravirt/tdx.h"
#include "Inputs/no-end.h"

/* The guest's text: a buffer between the linker's symbols. */
__asm__(".data\n.globl __text_start, __text_end, text\n"
	"__text_start: text: .skip 64\n__text_end:\n.text");
extern char text[];

#define SHARED BIT(47)

/* ---- module and host */

static u64 reason;
static u64 answer, status;
static unsigned int refuse_after;
static bool has_no_info;

static u64 module(u64 leaf, struct tdx_module_args *args)
{
	assert(leaf == TDG_VP_VEINFO_GET);
	*args = (struct tdx_module_args){ .rcx = reason };
	return has_no_info ? TDX_NO_VALID_VE_INFO : 0;
}

static u64 output[8];

static u64 host(struct tdx_module_args *args)
{
	if (host_vmcalls <= 8)
		output[host_vmcalls - 1] = args->r15;
	args->r10 = refuse_after && host_vmcalls > refuse_after ? TDVMCALL_STATUS_INVALID_OPERAND
								: status;
	args->r11 = answer;
	return 0;
}

/* ---- the guest around it */

static u64 tables[4][512] __attribute__((aligned(4096)));
static u64 fault;
static unsigned int terminated;

static u64 fake_read_cr3(void) { return (u64)(uintptr_t)tables[3]; }
static u64 fake_read_cr4(void) { return 0; }
static u64 fake_rdmsr(u32 msr)
{
	(void)msr;
	return 0;
}
int emulate_vector(struct emulation *em)
{
	(void)em;
	return -E_INVAL;
}

bool trap_fixup(struct trap_frame *frame)
{
	fault = frame->error_code << 32 | EXTABLE_FAULT | frame->vector;
	return true;
}

noreturn_t trap_panic(const struct trap_frame *frame)
{
	(void)frame;
	__builtin_trap();
}

static struct trap_frame f;
static size_t length;

static void put(const void *bytes, size_t size)
{
	memset(text, 0xcc, 64);
	memcpy(text, bytes, size);
	length = size;
}

#define CODE(...) put((u8[]){ __VA_ARGS__ }, sizeof((u8[]){ __VA_ARGS__ }))

static void ve(void) { ve_handle(&f); }

/* Returns the GHCB_TERM_ with which it ended, or 0. */
static unsigned int run(u64 why)
{
	reason = why;
	host_vmcalls = 0;
	fault = 0;
	f.rip = (u64)(uintptr_t)text;
	terminated = host_is_told(ve) ? host_reason : 0;
	return terminated;
}

static void done(unsigned int vmcalls)
{
	assert(!terminated && !fault && host_vmcalls == vmcalls);
	assert(f.rip == (u64)(uintptr_t)text + length);
}

static void saw(u64 function, u64 r12, u64 r13, u64 r14, u64 r15)
{
	assert(!host_seen.r10 && host_seen.r11 == function && host_seen.r12 == r12);
	assert(host_seen.r13 == r13 && host_seen.r14 == r14 && host_seen.r15 == r15);
}

/* ---- */

static void test_ports(void)
{
	answer = 0xaaaabbbbccccdddd;
	f = (struct trap_frame){ .rax = 0x1111222233334444, .rdx = 0x9999000003f8 };
	CODE(0xec); /* in %dx, %al */
	run(VMX_EXIT_IO);
	done(1);
	saw(TDVMCALL_IO, 1, TDVMCALL_READ, 0x3f8, 0);
	assert(f.rax == 0x11112222333344dd);
	CODE(0x66, 0xe5, 0x71); /* in $0x71, %ax */
	run(VMX_EXIT_IO);
	done(1);
	saw(TDVMCALL_IO, 2, TDVMCALL_READ, 0x71, 0);
	assert(f.rax == 0x111122223333dddd);
	CODE(0xed); /* in %dx, %eax */
	run(VMX_EXIT_IO);
	done(1);
	assert(f.rax == 0xccccdddd); /* and nothing above it */

	f.rax = 0x1111222233334444;
	CODE(0xee); /* out %al, %dx */
	run(VMX_EXIT_IO);
	saw(TDVMCALL_IO, 1, TDVMCALL_WRITE, 0x3f8, 0x44);
	CODE(0x66, 0xef);
	run(VMX_EXIT_IO);
	saw(TDVMCALL_IO, 2, TDVMCALL_WRITE, 0x3f8, 0x4444);
	CODE(0xe7, 0x80); /* out %eax, $0x80 */
	run(VMX_EXIT_IO);
	saw(TDVMCALL_IO, 4, TDVMCALL_WRITE, 0x80, 0x33334444);
	done(1);
	assert(f.rax == 0x1111222233334444);
}

static void test_strings(void)
{
	u16 words[4] = { 0x1111, 0x2222, 0x3333, 0x4444 };

	f = (struct trap_frame){ .rdx = 0x1f0, .rcx = 3, .rsi = (u64)(uintptr_t)words };
	CODE(0xf3, 0x66, 0x6f); /* rep outsw */
	run(VMX_EXIT_IO);
	done(3);
	assert(output[0] == 0x1111 && output[1] == 0x2222 && output[2] == 0x3333);
	assert(!f.rcx && f.rsi == (u64)(uintptr_t)(words + 3));

	/* Refused half-way: as far as it came, and the exception. */
	f = (struct trap_frame){ .rdx = 0x1f0, .rcx = 4, .rdi = (u64)(uintptr_t)words };
	answer = 0xabcdef12;
	refuse_after = 2;
	CODE(0xf3, 0x66, 0x6d); /* rep insw */
	run(VMX_EXIT_IO);
	refuse_after = 0;
	assert(fault == (EXTABLE_FAULT | VEC_GP) && host_vmcalls == 3);
	assert(f.rcx == 2 && f.rdi == (u64)(uintptr_t)(words + 2));
	assert(words[0] == 0xef12 && words[1] == 0xef12 && words[2] == 0x3333);

	f = (struct trap_frame){ .rdx = 0x1f0, .rsi = (u64)(uintptr_t)(words + 3), .rcx = 2 };
	f.rflags = RFLAGS_DF;
	CODE(0xf3, 0x66, 0x6f);
	run(VMX_EXIT_IO);
	done(2);
	assert(output[0] == 0x4444 && output[1] == 0x3333);
	f.rcx = 0;
	run(VMX_EXIT_IO);
	done(0);
}

static void test_msrs(void)
{
	answer = 0x1234567890abcdef;
	f = (struct trap_frame){ .rcx = 0xffffffff0000001b, .rax = ~U64_C(0), .rdx = ~U64_C(0) };
	CODE(0x0f, 0x32);
	run(VMX_EXIT_MSR_READ);
	done(1);
	saw(TDVMCALL_RDMSR, 0x1b, 0, 0, 0);
	assert(f.rax == 0x90abcdef && f.rdx == 0x12345678);
	f.rax = 0x1111111122222222;
	f.rdx = 0x3333333344444444;
	CODE(0x0f, 0x30);
	run(VMX_EXIT_MSR_WRITE);
	done(1);
	saw(TDVMCALL_WRMSR, 0x1b, 0x4444444422222222, 0, 0);
	refuse_after = ~0U;
	status = TDVMCALL_STATUS_INVALID_OPERAND;
	run(VMX_EXIT_MSR_WRITE);
	assert(fault == (EXTABLE_FAULT | VEC_GP));
	status = refuse_after = 0;
}

static void test_others(void)
{
	f = (struct trap_frame){ .rflags = RFLAGS_IF };
	CODE(0xf4);
	run(VMX_EXIT_HLT);
	done(1);
	saw(TDVMCALL_HLT, 0, 0, 0, 0);
	f.rflags = 0;
	run(VMX_EXIT_HLT);
	saw(TDVMCALL_HLT, 1, 0, 0, 0);
	CODE(0x0f, 0x09);
	run(VMX_EXIT_WBINVD);
	done(1);
	saw(TDVMCALL_WBINVD, 0, 0, 0, 0);
	CODE(0x0f, 0x01, 0xc1);
	f.rax = 5;
	run(VMX_EXIT_VMCALL);
	done(0);
	assert((s64)f.rax == -KVM_ENOSYS);
	CODE(0x0f, 0x01, 0xc8);
	run(VMX_EXIT_MONITOR);
	done(0);
	CODE(0x0f, 0xa2);
	f.rax = 0x12345678;
	run(VMX_EXIT_CPUID);
	done(0);
	assert(!f.rax);
}

static void test_refused(void)
{
	CODE(0x0f, 0x08); /* INVD would lose what is written */
	assert(run(VMX_EXIT_INVD) == TERM_UNSUPPORTED_VC);
	assert(run(VMX_EXIT_CR_ACCESS) == TERM_UNSUPPORTED_VC);
	CODE(0xec);
	assert(run(VMX_EXIT_MSR_READ) == TERM_DECODE);
	CODE(0x0f, 0x32);
	assert(run(VMX_EXIT_MSR_WRITE) == TERM_DECODE);
	CODE(0x0f, 0x0b);
	assert(run(VMX_EXIT_IO) == TERM_DECODE);
	CODE(0xec);
	f.cs = 3;
	assert(run(VMX_EXIT_IO) == TERM_UNSUPPORTED_VC);
	f.cs = 0;
	has_no_info = true; /* one that no module has raised */
	assert(run(VMX_EXIT_IO) == TERM_UNSUPPORTED_VC && !host_message[62]);
	assert(strstr(host_message, "#VE without information at "));
	has_no_info = false;
}

static void test_devices(void)
{
	tables[3][0] = (u64)(uintptr_t)tables[2] | PTE_P;
	tables[2][3] = (u64)(uintptr_t)tables[1] | PTE_P;
	tables[1][0] = (u64)(uintptr_t)tables[0] | PTE_P;
	tables[0][0] = 0xc0000000 | SHARED | PTE_P;
	tables[0][1] = 0xc0001000 | PTE_P;
	answer = 0x8877665544332211;
	f = (struct trap_frame){ .rbx = 0xc0000010, .rax = ~U64_C(0) };
	CODE(0x8b, 0x43, 0x20); /* mov 0x20(%rbx), %eax */
	run(VMX_EXIT_EPT_VIOLATION);
	done(1);
	saw(TDVMCALL_MMIO, 4, TDVMCALL_READ, 0xc0000030 | SHARED, 0);
	assert(f.rax == 0x44332211);
	CODE(0x66, 0x89, 0x03); /* mov %ax, (%rbx) */
	f.rax = 0x1234567890abcdef;
	run(VMX_EXIT_EPT_VIOLATION);
	done(1);
	saw(TDVMCALL_MMIO, 2, TDVMCALL_WRITE, 0xc0000010 | SHARED, 0xcdef);
	/* A private page, and one that a move would leave: the host hears of the end alone. */
	f.rbx = 0xc0001000;
	assert(run(VMX_EXIT_EPT_VIOLATION) == TERM_DECODE && host_vmcalls == 1);
	f.rbx = 0xc0000fff;
	assert(run(VMX_EXIT_EPT_VIOLATION) == TERM_DECODE && host_vmcalls == 1);
}

static u64 host_answers_hypercall(struct tdx_module_args *args)
{
	args->r10 = (u64)-KVM_EINVAL;
	return 0;
}

static void test_hypercall(void)
{
	host_vmcall = host_answers_hypercall;
	assert(hypercall_by_tdvmcall(12, 1, 2, 3, 4) == -KVM_EINVAL);
	assert(host_seen.r10 == 12 && host_seen.r11 == 1 && host_seen.r12 == 2);
	assert(host_seen.r13 == 3 && host_seen.r14 == 4 && !host_seen.r15);
	host_vmcalls = 0;
	assert(hypercall_by_tdvmcall(0, 1, 2, 3, 4) == -KVM_ENOSYS && !host_vmcalls);
}

static void ask_for_flush(void)
{
	struct host_exception e;

	assert(!tdx_requests.wbinvd(&e)); /* nothing to do is no error */
}

static void ask_for_port(void)
{
	struct host_exception e;
	u32 value;

	(void)tdx_requests.io_in(0x3f8, 1, &value, &e);
}

static void test_odd_hosts(void)
{
	u64 value;
	struct host_exception e;

	host_vmcall = host;
	status = TDVMCALL_STATUS_SUBFUNC_UNSUPPORTED;
	assert(!host_is_told(ask_for_flush));
	status = TDVMCALL_STATUS_RETRY;
	assert(host_is_told(ask_for_flush) && host_reason == TERM_RESPONSE);
	assert(strstr(host_message, "TDVMCALL WBINVD answers "));
	assert(host_is_told(ask_for_port) && host_reason == TERM_RESPONSE);
	assert(!strcmp(host_message, "TDVMCALL 0x1e answers 0x1"));
	status = 0;
	answer = ~U64_C(0);
	assert(!tdx_requests.mmio_read(pa(0xfee00020), 1, &value, &e) && value == 0xff);
}

int main(void)
{
	platform.shared_mask = SHARED;
	host_module = module;
	host_vmcall = host;
	test_ports();
	test_strings();
	test_msrs();
	test_others();
	test_refused();
	test_devices();
	test_hypercall();
	test_odd_hosts();
	puts("ok");
	return 0;
}
