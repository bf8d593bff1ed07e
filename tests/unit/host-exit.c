/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each exit leads to: answers to the guest, and the end of the run where there is none.
 * RUN: %host-cc %s -o %t
 */
#include "Inputs/fake-kvm.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/exit_code.h"
#include "abi/ghcb.h"
#include "abi/tdx.h"
#include "host/convert.h"
#include "host/end.h"
#include "host/exit.h"
#include "host/vm_type.h"

#define BYTES (U64_C(64) << 20)

static struct options options = { .memory = BYTES };
static struct machine machine;
static struct vcpu *vcpu = &machine.vcpus[0];
static _Alignas(4096) u8 run_page[3 * PAGE_SIZE];
static char console[64];
static size_t console_used;

static void to_console(void *context, const void *data, size_t size)
{
	(void)context;
	assert(size <= sizeof(console) - console_used);
	memcpy(console + console_used, data, size);
	console_used += size;
}

static struct kvm_run *start(const struct vm_type *type)
{
	struct why why;

	memory_release(&machine.memory);
	fake_reset();
	machine.sys = &fake_sys;
	machine.options = &options;
	machine.type = type;
	machine.vm = 200;
	machine.migration_ready = type->has_private ? 0 : KVM_MIGRATION_READY;
	machine.devices = (struct devices){ .serial = { { .write = to_console } } };
	transcript_init(&machine.trace, NULL, NULL);
	vcpu->late_fault = NO_FAULT;
	vcpu->fd = 300;
	vcpu->run = (struct kvm_run *)(void *)run_page;
	vcpu->run_size = sizeof(run_page);
	memset(run_page, 0, sizeof(run_page));
	assert(!memory_init(&machine.memory, &fake_sys, BYTES, &why));
	assert(!type->memory_add(&machine, 0, &why));
	return vcpu->run;
}

static char said[512]; /* by the last run that ended */

/* In a process of its own, since a run ends once. */
static enum end_status end_of(void (*function)(void))
{
	int status, ends[2], error = pipe(ends);
	ssize_t size;
	pid_t child = fork();

	assert(!error && child >= 0);
	if (!child) {
		dup2(ends[1], STDERR_FILENO);
		function();
		_exit(end_is_set() ? (int)end_wait(0) : 200);
	}
	close(ends[1]);
	size = read(ends[0], said, sizeof(said) - 1);
	said[size > 0 ? size : 0] = '\0';
	close(ends[0]);
	assert(waitpid(child, &status, 0) == child && WIFEXITED(status));
	return (enum end_status)WEXITSTATUS(status);
}

static void io(u8 direction, u16 port, u8 size, u32 count, u64 offset)
{
	vcpu->run->exit_reason = KVM_EXIT_IO;
	vcpu->run->io.direction = direction;
	vcpu->run->io.port = port;
	vcpu->run->io.size = size;
	vcpu->run->io.count = count;
	vcpu->run->io.data_offset = offset;
	exit_handle(&machine, vcpu);
}

static void test_io(void)
{
	start(&vm_type_default);
	memcpy(run_page + PAGE_SIZE, "words", 5);
	io(KVM_EXIT_IO_OUT, PORT_SERIAL, 1, 5, PAGE_SIZE);
	assert(console_used == 5 && !memcmp(console, "words", 5));
	io(KVM_EXIT_IO_IN, PORT_SERIAL + 5, 1, 1, PAGE_SIZE);
	assert(run_page[PAGE_SIZE] == 0x60);
	io(KVM_EXIT_IO_IN, 0x60, 4, 1, PAGE_SIZE);
	assert(run_page[PAGE_SIZE + 3] == 0xff && run_page[PAGE_SIZE + 4] == 's');
	io(KVM_EXIT_IO_IN, 0x60, 1, 1, sizeof(run_page) - 1);
	assert(!end_is_set());
}

static void io_outside(void) { io(KVM_EXIT_IO_IN, 0x60, 4, 1, sizeof(run_page) - 3); }
static void io_wraps(void) { io(KVM_EXIT_IO_IN, 0x60, 1, 1, ~U64_C(0)); }
static void io_in_header(void) { io(KVM_EXIT_IO_IN, 0x60, 1, 1, 0); }
static void io_many(void) { io(KVM_EXIT_IO_IN, 0x60, 4, ~0U, PAGE_SIZE); }
static void io_none(void) { io(KVM_EXIT_IO_OUT, 0xf4, 1, 0, PAGE_SIZE); }
static void io_size(void) { io(KVM_EXIT_IO_OUT, 0xf4, 3, 1, PAGE_SIZE); }

static void port(u8 code)
{
	run_page[PAGE_SIZE] = code;
	io(KVM_EXIT_IO_OUT, EXIT_PORT, 1, 1, PAGE_SIZE);
}

static void port_success(void) { port(EXIT_CODE_SUCCESS); }
static void port_failed(void) { port(EXIT_CODE_FAILED); }
static void port_terminated(void) { port(EXIT_CODE_TERMINATED); }
static void port_unknown(void) { port(0); }

static void reason(u32 exit_reason)
{
	vcpu->run->exit_reason = exit_reason;
	exit_handle(&machine, vcpu);
}

static void shutdown(void) { reason(KVM_EXIT_SHUTDOWN); }
static void internal(void) { reason(KVM_EXIT_INTERNAL_ERROR); }

static void cannot_emulate(void)
{
	vcpu->run->emulation_failure.suberror = KVM_INTERNAL_ERROR_EMULATION;
	vcpu->run->emulation_failure.ndata = 3;
	vcpu->run->emulation_failure.flags = KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES;
	vcpu->run->emulation_failure.insn_size = 255;
	memcpy(vcpu->run->emulation_failure.insn_bytes, "\x0f\xfc\x00", 3);
	reason(KVM_EXIT_INTERNAL_ERROR);
}

static void delivery(void)
{
	vcpu->run->internal.suberror = KVM_INTERNAL_ERROR_DELIVERY_EV;
	vcpu->run->internal.ndata = ~0U;
	vcpu->run->internal.data[0] = 0x80000b0e;
	reason(KVM_EXIT_INTERNAL_ERROR);
}

/* KVM keeps an encrypted guest's registers to itself. */
static void unknown_unseen(void)
{
	fake.fail_at = fake.calls + 1;
	reason(~0U);
}

static void fail_entry(void) { reason(KVM_EXIT_FAIL_ENTRY); }
static void hlt(void) { reason(KVM_EXIT_HLT); }
static void unknown(void) { reason(~0U); }

static void sev_term(void)
{
	vcpu->run->system_event.data[0] = ghcb_msr_terminate_req(GHCB_TERM_SET_POSTERN, TERM_CBIT);
	vcpu->run->system_event.type = KVM_SYSTEM_EVENT_SEV_TERM;
	reason(KVM_EXIT_SYSTEM_EVENT);
}

static void tdx_fatal(void)
{
	vcpu->run->system_event.type = KVM_SYSTEM_EVENT_TDX_FATAL;
	vcpu->run->system_event.data[12] = 0x123;
	reason(KVM_EXIT_SYSTEM_EVENT);
}

static void run_error(void) { exit_failed(&machine, vcpu, -E_INVAL); }

static void poison(void)
{
	const struct host_memory_fault fault = { 0, 0x7000, PAGE_SIZE };

	vcpu->run->exit_reason = KVM_EXIT_MEMORY_FAULT;
	memcpy(vcpu->run->padding, &fault, sizeof(fault));
	exit_failed(&machine, vcpu, -EHWPOISON);
}

static void test_words(void)
{
	start(&vm_type_default);
	assert(end_of(cannot_emulate) == END_CRASH);
	assert(strstr(said, "processor 0: internal error 1 of KVM, an instruction that it cannot "
			    "emulate rip=0x1234 bytes=0f fc 00 "));
	assert(end_of(delivery) == END_CRASH);
	assert(strstr(said,
		      "an exit while an event was delivered rip=0x1234 data=0x80000b0e,0,0,0\n"));
	assert(end_of(unknown) == END_CRASH && strstr(said, "nobody asked for rip=0x1234\n"));
	assert(end_of(unknown_unseen) == END_CRASH && strstr(said, "nobody asked for\n"));
	assert(end_of(sev_term) == END_TERMINATED);
	assert(strstr(said, "the guest terminated itself: reason set 0x1 code 0x8\n"));
	assert(end_of(tdx_fatal) == END_TERMINATED && strstr(said, "fatal error: code 0x123\n"));
	assert(end_of(poison) == END_CRASH && strstr(said, "behind gpa=0x7000 is broken\n"));
}

static void test_ends(void)
{
	start(&vm_type_default);
	assert(end_of(io_outside) == END_CRASH && end_of(io_wraps) == END_CRASH);
	assert(end_of(io_in_header) == END_CRASH && end_of(io_many) == END_CRASH);
	assert(end_of(io_none) == END_CRASH && end_of(io_size) == END_CRASH);
	assert(end_of(port_success) == END_SUCCESS && end_of(port_failed) == END_FAILED);
	assert(end_of(port_terminated) == END_TERMINATED && end_of(port_unknown) == END_CRASH);
	assert(end_of(shutdown) == END_CRASH && end_of(internal) == END_CRASH);
	assert(end_of(fail_entry) == END_CRASH && end_of(hlt) == END_CRASH);
	assert(end_of(unknown) == END_CRASH && end_of(sev_term) == END_TERMINATED);
	assert(end_of(run_error) == END_CRASH);
}

/* What a TD asks of user space is not there; the run goes on. */
static void test_tdvmcall(void)
{
	struct host_tdvmcall call = { .number = TDVMCALL_GET_QUOTE };

	start(&vm_type_default);
	memcpy(vcpu->run->padding, &call, sizeof(call));
	reason(KVM_EXIT_TDX);
	memcpy(&call, vcpu->run->padding, sizeof(call));
	assert(call.number == TDVMCALL_GET_QUOTE && !end_is_set());
	assert(call.status == TDVMCALL_STATUS_SUBFUNC_UNSUPPORTED);
}

static bool msr(bool write, u32 index, u64 data)
{
	vcpu->run->exit_reason = write ? KVM_EXIT_X86_WRMSR : KVM_EXIT_X86_RDMSR;
	vcpu->run->msr.index = index;
	vcpu->run->msr.data = data;
	exit_handle(&machine, vcpu);
	return !vcpu->run->msr.error;
}

static void test_msr(void)
{
	start(&vm_type_default);
	assert(msr(false, MSR_KVM_MIGRATION_CONTROL, 0) && vcpu->run->msr.data == 1);
	start(&vm_type_protected);
	assert(msr(false, MSR_KVM_MIGRATION_CONTROL, 5) && vcpu->run->msr.data == 0);
	assert(!msr(true, MSR_KVM_MIGRATION_CONTROL, 2));
	assert(msr(true, MSR_KVM_MIGRATION_CONTROL, 1));
	assert(msr(false, MSR_KVM_MIGRATION_CONTROL, 0) && vcpu->run->msr.data == 1);
	assert(!msr(false, 0x12345678, 0) && !msr(true, 0xc0010130, 0));
}

static s64 hypercall(u64 nr, u64 gpa, u64 pages, u64 attributes)
{
	vcpu->run->exit_reason = KVM_EXIT_HYPERCALL;
	vcpu->run->hypercall.nr = nr;
	vcpu->run->hypercall.args[0] = gpa;
	vcpu->run->hypercall.args[1] = pages;
	vcpu->run->hypercall.args[2] = attributes;
	exit_handle(&machine, vcpu);
	return (s64)vcpu->run->hypercall.ret;
}

static void half_done(void)
{
	assert(!hypercall(KVM_HC_MAP_GPA_RANGE, 0x2000, 1, KVM_MAP_GPA_RANGE_ENCRYPTED));
	fake.calls = 0;
	fake.fail_from = 2;
	assert(hypercall(KVM_HC_MAP_GPA_RANGE, 0, 8, KVM_MAP_GPA_RANGE_ENCRYPTED) == -KVM_EFAULT);
}

static u64 req_certs(u64 gpa, u64 npages, u64 *needed)
{
	struct host_snp_req_certs r = { gpa, npages, 0 };

	memcpy(vcpu->run->padding, &r, sizeof(r));
	reason(KVM_EXIT_SNP_REQ_CERTS);
	memcpy(&r, vcpu->run->padding, sizeof(r));
	*needed = r.npages;
	return r.ret;
}

/* Whole, or how many pages they take; never into what is no shared memory of the guest's. */
static void test_certificates(void)
{
	static const u8 table[PAGE_SIZE + 5] = { 1, [PAGE_SIZE + 4] = 2 };
	u64 needed;
	u8 *to;

	start(&vm_type_snp);
	machine.certificates = table;
	machine.certificates_size = sizeof(table);
	to = memory_shared(&machine.memory, 0, 3 * PAGE_SIZE);
	memset(to, 0xff, 3 * PAGE_SIZE);
	assert(req_certs(0, 1, &needed) == ENOSPC && needed == 2 && to[0] == 0xff);
	assert(req_certs(0, 0, &needed) == ENOSPC && needed == 2);
	assert(!req_certs(0, 2, &needed) && !memcmp(to, table, sizeof(table)));
	assert(!to[sizeof(table)] && !to[2 * PAGE_SIZE - 1] && to[2 * PAGE_SIZE] == 0xff);
	assert(req_certs(BYTES - PAGE_SIZE, 2, &needed) == EIO);
	assert(req_certs(~U64_C(0) << PAGE_SHIFT, 2, &needed) == EIO);
	to[PAGE_SIZE] = 0xff;
	assert(!hypercall(KVM_HC_MAP_GPA_RANGE, PAGE_SIZE, 1, KVM_MAP_GPA_RANGE_ENCRYPTED) &&
	       req_certs(0, 2, &needed) == EIO);
	assert(to[PAGE_SIZE] != 2 && !end_is_set());
}

static void test_hypercall(void)
{
	start(&vm_type_default);
	assert(hypercall(99, 0, 1, 0) == -KVM_ENOSYS);
	assert(!hypercall(KVM_HC_MAP_GPA_RANGE, 0, 1, 0));
	assert(hypercall(KVM_HC_MAP_GPA_RANGE, 1, 1, 0) == -KVM_EINVAL);
	start(&vm_type_protected);
	assert(!hypercall(KVM_HC_MAP_GPA_RANGE, 0x1000, 2, KVM_MAP_GPA_RANGE_ENCRYPTED));
	assert(fake.private[1] && fake.private[2] && !fake.private[3]);
	assert(!hypercall(KVM_HC_MAP_GPA_RANGE, 0x1000, 1, 0) && !fake.private[1]);
	assert(hypercall(KVM_HC_MAP_GPA_RANGE, BYTES, 1, 0) == -KVM_EINVAL);
	fake.fail_at = fake.calls + 1;
	assert(hypercall(KVM_HC_MAP_GPA_RANGE, 0x1000, 1, 16) == -KVM_EFAULT);
	assert(!fake.private[1] && !end_is_set());
	start(&vm_type_protected);
	assert(end_of(half_done) == END_CRASH);
}

static u64 fault_gpa, fault_flags;

static void memory_fault(void)
{
	const struct host_memory_fault fault = { fault_flags, fault_gpa, PAGE_SIZE };

	vcpu->run->exit_reason = KVM_EXIT_MEMORY_FAULT;
	memcpy(vcpu->run->padding, &fault, sizeof(fault));
	exit_failed(&machine, vcpu, -E_FAULT);
}

static void test_memory_fault(void)
{
	start(&vm_type_snp);
	fault_gpa = 0x5000;
	fault_flags = KVM_MEMORY_EXIT_FLAG_PRIVATE;
	options.policy.convert_on_fault = false;
	assert(end_of(memory_fault) == END_VIOLATION);
	options.policy.convert_on_fault = true;
	memory_fault();
	assert(fake.private[5] && !end_is_set());
	fault_flags = 0;
	memory_fault();
	assert(!fake.private[5] && !end_is_set());
	/* It is shared by now: once that may be another processor's doing. */
	memory_fault();
	assert(!end_is_set() && end_of(memory_fault) == END_VIOLATION);
	hypercall(99, 0, 0, 0);
	memory_fault();
	assert(!end_is_set());
	fault_flags = 1;
	assert(end_of(memory_fault) == END_CRASH);
	fault_flags = 0;
	fault_gpa = BYTES;
	assert(end_of(memory_fault) == END_VIOLATION);
	/* A VM without private memory has nothing to convert, whatever the policy. */
	start(&vm_type_default);
	fault_gpa = 0;
	assert(end_of(memory_fault) == END_VIOLATION);
	fault_flags = KVM_MEMORY_EXIT_FLAG_PRIVATE;
	options.policy.convert_on_fault = false;
	assert(end_of(memory_fault) == END_VIOLATION);
}

/* The access means what the attribute says: a fault that says otherwise is older than that. */
static void test_overtaken(void)
{
	start(&vm_type_protected);
	options.policy.convert_on_fault = true;
	fault_gpa = 0x5000;
	fault_flags = KVM_MEMORY_EXIT_FLAG_PRIVATE;
	for (int i = 0; i < 3; i++)
		memory_fault();
	assert(!fake.private[5] && !end_is_set());
	assert(!hypercall(KVM_HC_MAP_GPA_RANGE, 0x5000, 1, KVM_MAP_GPA_RANGE_ENCRYPTED));
	fault_flags = 0;
	memory_fault();
	assert(fake.private[5] && !end_is_set());
	/* As it wants it once more, since it was converted twice meanwhile. */
	fault_flags = KVM_MEMORY_EXIT_FLAG_PRIVATE;
	for (int i = 0; i < 3; i++) {
		memory_fault();
		assert(!end_is_set());
		machine.conversions += 2; /* by another processor */
	}
	memory_fault(); /* it is private, and cannot be had */
	assert(!end_is_set() && end_of(memory_fault) == END_VIOLATION);
}

int main(void)
{
	test_io();
	test_ends();
	test_words();
	test_tdvmcall();
	test_certificates();
	test_msr();
	test_hypercall();
	test_memory_fault();
	test_overtaken();
	memory_release(&machine.memory);
	return 0;
}
