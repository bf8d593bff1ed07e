/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host sees only the registers that a TD exposes, and answers each TDVMCALL as KVM and QEMU
 * do; what they refuse is refused with their status and does nothing.
 * RUN: %monitor-cc %s %root/lib/format.c -o %t
 */
#include "abi/x86.h"
#include "lib/compiler.h"
#include "tests/unit/Inputs/tdx_machine.h"

#define BAD   TDVMCALL_STATUS_INVALID_OPERAND
#define ALIGN TDVMCALL_STATUS_ALIGN_ERROR

static struct tdx_vmcall last;

/* TDVMCALL with its arguments in R12 to R15; the status. */
static u64 vmcall(u64 function, u64 r12, u64 r13, u64 r14, u64 r15)
{
	fill_gpr();
	gpr[TDX_RAX] = TDG_VP_VMCALL;
	gpr[TDX_RCX] = TDVMCALL_EXPOSE_REGS_MASK;
	gpr[TDX_R10] = TDVMCALL_STANDARD;
	gpr[TDX_R11] = function;
	gpr[TDX_R12] = r12;
	gpr[TDX_R13] = r13;
	gpr[TDX_R14] = r14;
	gpr[TDX_R15] = r15;
	assert(tdx_tdcall(&call).outcome == TDX_OUTCOME_VMCALL);
	last = tdx_vmcall(&call, &host);
	assert(gpr[TDX_RAX] == TDX_SUCCESS && last.rax == TDX_SUCCESS);
	assert(gpr[TDX_RCX] == TDVMCALL_EXPOSE_REGS_MASK && gpr[TDX_RBP] == unset(TDX_RBP));
	assert(gpr[TDX_RSP] == unset(TDX_RSP) && gpr[TDX_R10] == last.status);
	assert(last.function == function && last.args[0] == r12 && last.args[3] == r15);
	return gpr[TDX_R10];
}

static void mask_refused(u64 mask)
{
	setup();
	gpr[TDX_RCX] = mask;
	gpr[TDX_R10] = 0;
	gpr[TDX_R11] = TDVMCALL_HLT;
	last = tdx_vmcall(&call, &host);
	assert(gpr[TDX_RAX] == (TDX_OPERAND_INVALID | TDX_OPERAND_RCX));
	assert(last.rax == gpr[TDX_RAX] && last.action == TDX_VMCALL_DONE && !asked.count);
	assert(gpr[TDX_R10] == 0 && gpr[TDX_R11] == TDVMCALL_HLT);
}

static void test_mask(void)
{
	mask_refused(BIT(TDX_RAX));
	mask_refused(BIT(TDX_RCX));
	mask_refused(BIT(TDX_RSP));
	mask_refused(BIT(32));
	mask_refused(BIT(63));
	/* what is not exposed the host can neither see nor set */
	setup();
	gpr[TDX_RCX] = TDVMCALL_REG_R10 | TDVMCALL_REG_R11 | TDVMCALL_REG_R12;
	gpr[TDX_R10] = 0;
	gpr[TDX_R11] = TDVMCALL_CPUID;
	gpr[TDX_R12] = 0x40000000;
	gpr[TDX_R13] = 9;
	last = tdx_vmcall(&call, &host);
	assert(was_asked("cpuid", 0x40000000, 0, 0));
	assert(gpr[TDX_R12] == 1 && gpr[TDX_R13] == 9 && gpr[TDX_R14] == unset(TDX_R14));
	/* RBP may be exposed, where the module does not forbid it */
	gpr[TDX_RCX] = TDVMCALL_EXPOSE_REGS_MASK | TDVMCALL_REG_RBP;
	assert(tdx_vmcall(&call, &host).rax == TDX_SUCCESS);
	td.config_flags |= TDCS_CONFIG_NO_RBP_MOD;
	assert(tdx_vmcall(&call, &host).rax == (TDX_OPERAND_INVALID | TDX_OPERAND_RCX));
}

static void test_simple(void)
{
	setup();
	assert(!vmcall(TDVMCALL_CPUID, 0x40000001, 3, 0, 0));
	assert(was_asked("cpuid", 0x40000001, 3, 0) && last.action == TDX_VMCALL_DONE);
	assert(gpr[TDX_R12] == 1 && gpr[TDX_R13] == 2 && gpr[TDX_R14] == 3 && gpr[TDX_R15] == 4);
	assert(!vmcall(TDVMCALL_HLT, 0, 0, 0, 0));
	assert(last.action == TDX_VMCALL_HALT && !last.irq_blocked);
	assert(!vmcall(TDVMCALL_HLT, 1, 0, 0, 0) && last.irq_blocked);
	assert(!vmcall(TDVMCALL_GET_TD_VM_CALL_INFO, 0, 9, 9, 0));
	assert(!gpr[TDX_R11] && !gpr[TDX_R12] && !gpr[TDX_R13] && !gpr[TDX_R14]);
	assert(!vmcall(TDVMCALL_GET_TD_VM_CALL_INFO, 1, 0, 0, 0) && gpr[TDX_R11] == 2);
	assert(vmcall(TDVMCALL_GET_TD_VM_CALL_INFO, 2, 0, 0, 0) == BAD);
	assert(vmcall(TDVMCALL_SETUP_EVENT_NOTIFY, 31, 0, 0, 0) == BAD && !td.event_vector);
	assert(vmcall(TDVMCALL_SETUP_EVENT_NOTIFY, 256, 0, 0, 0) == BAD && !td.event_vector);
	assert(!vmcall(TDVMCALL_SETUP_EVENT_NOTIFY, 255, 0, 0, 0) && td.event_vector == 255);
	assert(vmcall(TDVMCALL_WBINVD, 0, 0, 0, 0) == TDVMCALL_STATUS_SUBFUNC_UNSUPPORTED);
	assert(vmcall(TDVMCALL_PCONFIG, 0, 0, 0, 0) == TDVMCALL_STATUS_SUBFUNC_UNSUPPORTED);
	assert(vmcall(TDVMCALL_SERVICE, 0, 0, 0, 0) == TDVMCALL_STATUS_SUBFUNC_UNSUPPORTED);
	assert(vmcall(0, 0, 0, 0, 0) == TDVMCALL_STATUS_SUBFUNC_UNSUPPORTED);
}

static void test_io(void)
{
	setup();
	assert(!vmcall(TDVMCALL_IO, 1, TDVMCALL_WRITE, 0x3f8, 0x12345678));
	assert(was_asked("out", 0x3f8, 1, 0x78));
	assert(!vmcall(TDVMCALL_IO, 2, TDVMCALL_WRITE, 0x3f8, 0x12345678));
	assert(was_asked("out", 0x3f8, 2, 0x5678));
	assert(!vmcall(TDVMCALL_IO, 4, TDVMCALL_WRITE, 0x3f8, U64_C(0xff12345678)));
	assert(was_asked("out", 0x3f8, 4, 0x12345678));
	machine_value = 0x80;
	assert(!vmcall(TDVMCALL_IO, 1, TDVMCALL_READ, 0x3fd, 0) && gpr[TDX_R11] == 0x80);
	assert(was_asked("in", 0x3fd, 1, 0) && asked.count == 4);
	assert(vmcall(TDVMCALL_IO, 8, TDVMCALL_READ, 0x3fd, 0) == BAD);
	assert(vmcall(TDVMCALL_IO, 0, TDVMCALL_READ, 0x3fd, 0) == BAD);
	assert(vmcall(TDVMCALL_IO, 1, 2, 0x3fd, 0) == BAD && asked.count == 4);
}

static void test_msr(void)
{
	setup();
	machine_value = U64_C(0x123456789abc);
	assert(!vmcall(TDVMCALL_RDMSR, 0x1b, 0, 0, 0) && gpr[TDX_R11] == machine_value);
	assert(was_asked("rdmsr", 0x1b, 0, 0));
	assert(!vmcall(TDVMCALL_WRMSR, 0x830, 7, 0, 0) && was_asked("wrmsr", 0x830, 7, 0));
	machine_fails = true;
	assert(vmcall(TDVMCALL_RDMSR, 0x1b, 0, 0, 0) == BAD);
	assert(gpr[TDX_R11] == TDVMCALL_RDMSR);
	assert(vmcall(TDVMCALL_WRMSR, 0x830, 0, 0, 0) == BAD);
}

static bool reads(u32 msr) { return !vmcall(TDVMCALL_RDMSR, msr, 0, 0, 0); }

static bool writes(u32 msr) { return !vmcall(TDVMCALL_WRMSR, msr, 0, 0, 0); }

/* The host does not even look at what KVM would not emulate for a TD. */
static void test_msrs_of_kvm(void)
{
	static const u32 native[] = { MSR_TSC, 0x808,      0x80a,      0x80b,       0x810,
				      0x817,   0x820,      0x827,      MSR_FS_BASE, 0x34,
				      0x198,   0x4b564d01, 0x40000000, 0xc0010015,  ~0U };

	setup();
	for (size_t i = 0; i < array_count(native); i++)
		assert(!reads(native[i]) && !writes(native[i]) && !asked.count);
	assert(reads(0x1b) && !writes(0x1b) && reads(0x3a) && !writes(0x3a));
	assert(reads(MSR_EFER) && !writes(MSR_EFER));
	assert(reads(0x802) && writes(0x80f) && writes(0x835) && reads(0x839) && reads(0x26f));
	assert(!reads(0x270) && reads(0x4b564d05) && !reads(0x4b564d04));
	td.pv_pages = true;
	assert(reads(0x4b564d00) && writes(0x4b564dff) && !reads(0x4b564e00));
}

static void test_mmio(void)
{
	const u64 apic = 0xfee00000 | SHARED;

	setup();
	machine_value = 0x50014;
	assert(!vmcall(TDVMCALL_MMIO, 4, TDVMCALL_READ, apic + 0x30, 0));
	assert(was_asked("mmio-read", 0xfee00030, 4, 0) && gpr[TDX_R11] == 0x50014);
	assert(!vmcall(TDVMCALL_MMIO, 8, TDVMCALL_WRITE, apic, 5));
	assert(was_asked("mmio-write", 0xfee00000, 8, 5) && asked.count == 2);
	assert(vmcall(TDVMCALL_MMIO, 3, TDVMCALL_READ, apic, 0) == BAD);
	assert(vmcall(TDVMCALL_MMIO, 16, TDVMCALL_READ, apic, 0) == BAD);
	assert(vmcall(TDVMCALL_MMIO, 4, 2, apic, 0) == BAD);
	assert(vmcall(TDVMCALL_MMIO, 4, TDVMCALL_READ, 0xfee00000, 0) == BAD);
	assert(vmcall(TDVMCALL_MMIO, 4, TDVMCALL_READ, apic | BIT(52), 0) == BAD);
	assert(vmcall(TDVMCALL_MMIO, 8, TDVMCALL_READ, BIT(52) - 4, 0) == BAD);
	assert(asked.count == 2);
	machine_fails = true;
	assert(vmcall(TDVMCALL_MMIO, 4, TDVMCALL_READ, apic, 0) == BAD);
	assert(vmcall(TDVMCALL_MMIO, 4, TDVMCALL_WRITE, apic, 0) == BAD);
}

static void test_map(void)
{
	const u64 to = AT_PENDING, size = M2 + 3 * PAGE_SIZE;

	setup();
	assert(!vmcall(TDVMCALL_MAP_GPA, to | SHARED, size, 0, 0));
	assert(asked.count == 2 && was_asked("converted", to + M2, 3 * PAGE_SIZE, false));
	assert(last.mapped_gpa == to && last.mapped_size == size && !last.mapped_private);
	assert(!sept_is_private(&td.sept, to) && !sept_is_private(&td.sept, to + size - 1));
	assert(sept_is_private(&td.sept, to + size));
	assert(!vmcall(TDVMCALL_MAP_GPA, to, size, 0, 0) && last.mapped_private);
	assert(sept_is_private(&td.sept, to) && asked.count == 4);
	/* back without ACCEPT: the page is no good yet */
	assert(tdx_access(&td, to, ACCESS_READ).violation == VIOLATION_TDX_ACCESS_NOT_ACCEPTED);
}

static void test_map_refusals(void)
{
	const u64 gpa = AT_PENDING;

	setup();
	assert(vmcall(TDVMCALL_MAP_GPA, gpa, 0, 0, 0) == BAD && gpr[TDX_R11] == gpa);
	assert(vmcall(TDVMCALL_MAP_GPA, BIT(52), PAGE_SIZE, 0, 0) == BAD);
	assert(vmcall(TDVMCALL_MAP_GPA, BIT(52) - PAGE_SIZE, 2 * PAGE_SIZE, 0, 0) == BAD);
	assert(vmcall(TDVMCALL_MAP_GPA, gpa, -(u64)PAGE_SIZE, 0, 0) == BAD);
	/* one end on each side of SHARED */
	assert(vmcall(TDVMCALL_MAP_GPA, SHARED - PAGE_SIZE, 2 * PAGE_SIZE, 0, 0) == BAD);
	assert(vmcall(TDVMCALL_MAP_GPA, gpa + 1, PAGE_SIZE, 0, 0) == ALIGN);
	assert(vmcall(TDVMCALL_MAP_GPA, gpa, PAGE_SIZE + 1, 0, 0) == ALIGN);
	assert(gpr[TDX_R11] == gpa && !asked.count);
	/* what is no memory cannot become private; what came before stays converted */
	assert(vmcall(TDVMCALL_MAP_GPA, 2 * M2, 3 * M2, 0, 0) == BAD);
	assert(gpr[TDX_R11] == 4 * M2 && asked.count == 2);
	assert(!vmcall(TDVMCALL_MAP_GPA, (8 * M2) | SHARED, PAGE_SIZE, 0, 0));
	td.map_gpa_refused = true;
	assert(vmcall(TDVMCALL_MAP_GPA, gpa, PAGE_SIZE, 0, 0) ==
	       TDVMCALL_STATUS_SUBFUNC_UNSUPPORTED);
}

static void test_map_retry(void)
{
	setup();
	td.retry_chunks = 1;
	assert(vmcall(TDVMCALL_MAP_GPA, AT_PENDING | SHARED, 2 * M2, 0, 0) ==
	       TDVMCALL_STATUS_RETRY);
	assert(gpr[TDX_R11] == ((AT_PENDING + M2) | SHARED) && last.mapped_size == M2);
	assert(!sept_is_private(&td.sept, AT_PENDING));
	assert(sept_is_private(&td.sept, AT_PENDING + M2));
	assert(!vmcall(TDVMCALL_MAP_GPA, (AT_PENDING + M2) | SHARED, M2, 0, 0));
	td.retry_chunks = 0;
	asked.count = 0;
	assert(!vmcall(TDVMCALL_MAP_GPA, SHARED | BIT(40), BIT(44), 0, 0) && !asked.count);
	assert(!vmcall(TDVMCALL_MAP_GPA, SHARED, SHARED, 0, 0));
	assert(asked.count == (sept_end(&td.sept) + M2 - 1) / M2);
	td.retry_forever = true;
	assert(vmcall(TDVMCALL_MAP_GPA, AT_PENDING, M2, 0, 0) == TDVMCALL_STATUS_RETRY);
	assert(gpr[TDX_R11] == AT_PENDING && !sept_is_private(&td.sept, AT_PENDING));
}

static void test_quote(void)
{
	struct tdx_quote_header *header = (void *)(memory + AT_SHARED);
	const u64 at = AT_SHARED | SHARED;

	setup();
	*header = (struct tdx_quote_header){ .version = 1, .in_size = 1024, .out_size = 7 };
	assert(!vmcall(TDVMCALL_GET_QUOTE, at, 2 * PAGE_SIZE, 0, 0));
	assert(header->status == TDX_QUOTE_UNAVAILABLE && !header->out_size && !asked.count);
	assert(header->in_size == 1024);
	assert(vmcall(TDVMCALL_GET_QUOTE, at + 8, PAGE_SIZE, 0, 0) == ALIGN);
	assert(vmcall(TDVMCALL_GET_QUOTE, at, PAGE_SIZE + 8, 0, 0) == ALIGN);
	assert(vmcall(TDVMCALL_GET_QUOTE, at, 0, 0, 0) == BAD);
	assert(vmcall(TDVMCALL_GET_QUOTE, AT_SHARED, PAGE_SIZE, 0, 0) == BAD);
	assert(vmcall(TDVMCALL_GET_QUOTE, AT_SHARED + 8, PAGE_SIZE, 0, 0) == BAD);
	/* what is asked does not fit, a buffer that QEMU takes for too large */
	header->in_size = PAGE_SIZE - sizeof(*header);
	assert(!vmcall(TDVMCALL_GET_QUOTE, at, PAGE_SIZE, 0, 0));
	header->in_size++;
	assert(vmcall(TDVMCALL_GET_QUOTE, at, PAGE_SIZE, 0, 0) == BAD);
	assert(!vmcall(TDVMCALL_GET_QUOTE, at, 0x20000, 0, 0));
	assert(vmcall(TDVMCALL_GET_QUOTE, at, 0x21000, 0, 0) == BAD);
	assert(vmcall(TDVMCALL_GET_QUOTE, AT_PRIVATE | SHARED, PAGE_SIZE, 0, 0) == BAD);
	assert(vmcall(TDVMCALL_GET_QUOTE, at, M2 + PAGE_SIZE, 0, 0) == BAD);
	assert(vmcall(TDVMCALL_GET_QUOTE, BIT(52) | at, PAGE_SIZE, 0, 0) == BAD);
	header->version = 2;
	assert(vmcall(TDVMCALL_GET_QUOTE, at, PAGE_SIZE, 0, 0) == BAD);
	header->version = 1;
	machine_fails = true;
	assert(vmcall(TDVMCALL_GET_QUOTE, at, PAGE_SIZE, 0, 0) == BAD);
	/* one is in flight: the buffer of the next stays as it is */
	setup();
	platform.has_service = true;
	header->in_size = 1024;
	header->status = 9;
	assert(!vmcall(TDVMCALL_GET_QUOTE, at, PAGE_SIZE, 0, 0) && was_asked("quote", 0, 0, 0));
	assert(header->status == TDX_QUOTE_IN_FLIGHT && quote_request.is_pending);
	assert(quote_request.gpa == AT_SHARED && quote_request.size == PAGE_SIZE);
	header->status = 9;
	assert(vmcall(TDVMCALL_GET_QUOTE, at, PAGE_SIZE, 0, 0) == TDVMCALL_STATUS_RETRY);
	assert(header->status == 9);
}

/* @text in the registers, in GHCI's order. */
static void fatal(u64 code, const char *text)
{
	static const u8 order[] = { TDX_R14, TDX_R15, TDX_RBX, TDX_RDI,
				    TDX_RSI, TDX_R8,  TDX_R9,  TDX_RDX };
	char message[TDX_FATAL_MESSAGE_SIZE] = { 0 };

	memcpy(message, text, strlen(text));
	fill_gpr();
	for (unsigned int i = 0; i < 8; i++)
		memcpy(&gpr[order[i]], message + 8 * i, 8);
	gpr[TDX_RCX] = TDVMCALL_EXPOSE_REGS_MASK;
	gpr[TDX_R10] = 0;
	gpr[TDX_R11] = TDVMCALL_REPORT_FATAL_ERROR;
	gpr[TDX_R12] = code;
	last = tdx_vmcall(&call, &host);
	assert(last.action == TDX_VMCALL_FATAL && last.fatal_code == code);
}

static void test_fatal(void)
{
	static const char whole[] =
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!?";

	setup();
	fatal(0, "TD misconfiguration: SEPT_VE_DISABLE attribute must be set.");
	assert(!strcmp(last.message,
		       "TD misconfiguration: SEPT_VE_DISABLE attribute must be set."));
	fatal(5, whole);
	assert(strlen(whole) == 64 && !strcmp(last.message, whole));
	fatal(0, "\x1b[2Jred\tblue\n");
	assert(!strcmp(last.message, "?[2Jred?blue"));
	fatal(0, "");
	assert(!last.message[0]);
}

static void test_fatal_buffer(void)
{
	setup();
	strcpy((char *)memory + AT_SHARED,
	       "a message too long for sixty-four bytes, so it lies in a "
	       "page that is shared");
	vmcall(TDVMCALL_REPORT_FATAL_ERROR, TDX_FATAL_GPA_VALID, AT_SHARED | SHARED, 0, 0);
	assert(last.action == TDX_VMCALL_FATAL);
	assert(!strcmp(last.message, (char *)memory + AT_SHARED));
	memset(memory + AT_SHARED, 'x', 2 * TDX_MESSAGE_MAX);
	vmcall(TDVMCALL_REPORT_FATAL_ERROR, TDX_FATAL_GPA_VALID, AT_SHARED | SHARED, 0, 0);
	assert(strlen(last.message) == TDX_MESSAGE_MAX - 1);
	/* never what is private */
	memcpy(memory + AT_PRIVATE, "secret", 7);
	vmcall(TDVMCALL_REPORT_FATAL_ERROR, TDX_FATAL_GPA_VALID, AT_PRIVATE, 0, 0);
	assert(last.action == TDX_VMCALL_FATAL && !last.message[0]);
	vmcall(TDVMCALL_REPORT_FATAL_ERROR, TDX_FATAL_GPA_VALID, AT_PRIVATE | SHARED, 0, 0);
	assert(!last.message[0]);
	machine_fails = true;
	vmcall(TDVMCALL_REPORT_FATAL_ERROR, TDX_FATAL_GPA_VALID, AT_SHARED | SHARED, 0, 0);
	assert(!last.message[0]);
}

static void test_hypercall(void)
{
	setup();
	gpr[TDX_RCX] = TDVMCALL_EXPOSE_REGS_MASK;
	gpr[TDX_R10] = KVM_HC_SCHED_YIELD;
	for (unsigned int i = 0; i < 4; i++)
		gpr[TDX_R11 + i] = 100 + i;
	last = tdx_vmcall(&call, &host);
	assert(last.action == TDX_VMCALL_HYPERCALL && last.function == KVM_HC_SCHED_YIELD);
	assert(was_asked("hypercall", KVM_HC_SCHED_YIELD, 100, 103) && last.args[2] == 102);
	assert((s64)gpr[TDX_R10] == -KVM_ENOSYS && gpr[TDX_RAX] == TDX_SUCCESS);
}

int main(void)
{
	test_mask();
	test_simple();
	test_io();
	test_msr();
	test_msrs_of_kvm();
	test_mmio();
	test_map();
	test_map_refusals();
	test_map_retry();
	test_quote();
	test_fatal();
	test_fatal_buffer();
	test_hypercall();
	return 0;
}
