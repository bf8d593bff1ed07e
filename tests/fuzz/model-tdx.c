/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever a TD calls with whatever in its registers: page states are those of a second, simpler
 * model (one letter a page); a page is zeroed each time it becomes the TD's and never otherwise;
 * the module reads and writes only what is the TD's or shared, the host only what is shared; a
 * register that is not exposed keeps its value. A long run: as in model-rmp.c.
 *
 * RUN: clang @%build/lists/flags-native -fsanitize=fuzzer %s \
 * RUN:   %root/monitor/hardware/tdx_absent.c %root/monitor/hardware/tdx_rdall.c \
 * RUN:   %root/lib/sha256.c %root/model/guid_table.c %root/monitor/hardware/tdx_evidence.c -o %t
 * RUN: %t -seed=1 -runs=2000 -max_len=1024 -len_control=0 -artifact_prefix=%t- 2>&1
 */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "../../lib/sha384.c"
#include "../../monitor/hardware/tdx_metadata.c"
#include "../../monitor/hardware/page_state.c"
#include "../../monitor/hardware/tdx_sept.c"
#include "../../monitor/hardware/tdx_td.c"
#include "../../monitor/hardware/tdx_report.c"
#include "../../monitor/crypto/crypto.h"
#include "../../monitor/host/tdx_quote.c"
#include "../../monitor/host/tdx_vmcall.c"
#include "../../monitor/host/tdx_vmcall_memory.c"
#include "../../monitor/host/tdx_vmcall_msr.c"

#define REGIONS 2
#define WHOLE   (REGIONS * 512)
#define RAM     (WHOLE + 9)
#define PAGES   (RAM + 3) /* the last three are no memory */
#define GPAW    TDX_GPAW_48
#define SHARED  BIT(47)

static u32 entries[PAGE_STATE_WORDS(PAGES)];
static struct tdx_td td;
static const struct tdx_platform platform = { .has_service = true };
static struct tdx_vcpu vcpu;
static u64 gpr[TDX_GPR_COUNT];
static struct tdx_call call;

/* 'd'evice, 's'hared, 'p'rivate or 'a'ccepted */
static char state[PAGES];
static bool in_host; /* a TDVMCALL is being answered */

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* In place of a MAC: what it is matters to nobody here. */
void hmac_sha256(const void *key, size_t key_size, const void *data, size_t size,
		 u8 mac[HMAC_SHA256_SIZE])
{
	(void)key, (void)key_size;
	memset(mac, ((const u8 *)data)[size - 1], HMAC_SHA256_SIZE);
}

/* Nor what a signature is. */
int p256_sign(const u8 *secret, const u8 *digest, struct p256_signature *signature)
{
	(void)secret;
	memcpy(signature->r, digest, sizeof(signature->r));
	return 0;
}

int p256_public(const u8 *secret, struct p256_key *key)
{
	(void)secret, (void)key;
	return 0;
}

static void check_memory(u64 gpa, size_t size)
{
	for (u64 page = gpa / PAGE_SIZE; page <= (gpa + size - 1) / PAGE_SIZE; page++) {
		char letter = page < PAGES ? state[page] : 'd';

		assert(letter != 'p' && (letter != 'a' || !in_host));
	}
}

static int on_read(void *context, u64 gpa, void *data, size_t size)
{
	assert(context == &td);
	check_memory(gpa, size);
	memset(data, (int)gpa, size);
	if (size == sizeof(struct tdx_quote_header)) {
		((struct tdx_quote_header *)data)->version = TDX_QUOTE_VERSION;
		((struct tdx_quote_header *)data)->in_size =
			gpa & PAGE_SIZE ? sizeof(struct tdx_report) : (u32)gpa;
	}
	return gpa & 0x40 ? -E_FAULT : 0;
}

static int on_write(void *context, u64 gpa, const void *data, size_t size)
{
	(void)data;
	assert(context == &td);
	check_memory(gpa, size);
	return 0;
}

static void on_accepted(void *context, u64 gpa, u64 size)
{
	assert(context == &td && !in_host);
	for (u64 page = gpa / PAGE_SIZE; page < (gpa + size) / PAGE_SIZE; page++) {
		assert(page < PAGES && state[page] == 'p');
		state[page] = 'a';
	}
}

static void on_converted(void *context, u64 gpa, u64 size, bool private)
{
	assert(context == &td && in_host && size <= PAGE_2M_SIZE);
	for (u64 page = gpa / PAGE_SIZE; page < (gpa + size) / PAGE_SIZE && page < PAGES; page++) {
		if (private && state[page] == 's')
			state[page] = 'p';
		else if (!private && state[page] != 'd')
			state[page] = 's';
	}
}

static struct cpuid_values on_cpuid(void *context, u32 leaf, u32 subleaf)
{
	(void)context;
	return (struct cpuid_values){ leaf, subleaf, 0, 0 };
}

static u32 on_port_in(void *context, u16 port, unsigned int size)
{
	(void)context;
	assert(size == 1 || size == 2 || size == 4);
	return port;
}

static void on_port_out(void *context, u16 port, unsigned int size, u32 value)
{
	(void)context;
	(void)port;
	assert(size == 1 || size == 2 || size == 4);
	assert(size == 4 || !(value >> 8 * size));
}

static int on_msr_read(void *context, u32 msr, u64 *value)
{
	(void)context;
	*value = msr;
	return msr & 1 ? -E_INVAL : 0;
}

static int on_msr_write(void *context, u32 msr, u64 value)
{
	(void)context;
	return msr & value & 1 ? -E_INVAL : 0;
}

static int on_mmio_read(void *context, u64 gpa, unsigned int size, u64 *value)
{
	(void)context;
	assert(!(gpa & SHARED) && !((gpa + size - 1) >> GPAW));
	*value = gpa;
	return gpa & 1 ? -E_INVAL : 0;
}

static int on_mmio_write(void *context, u64 gpa, unsigned int size, u64 value)
{
	return on_mmio_read(context, gpa, size, &value);
}

static s64 on_hypercall(void *context, const struct kvm_hypercall *hypercall)
{
	(void)context;
	assert(hypercall->nr);
	return -KVM_ENOSYS;
}

static struct tdx_quote_request request;

static struct tdx_quote_request *on_quote(void *context)
{
	(void)context;
	return request.is_pending ? NULL : &request;
}

static const struct tdx_machine machine = {
	on_read,
	on_write,
	on_accepted,
};

static const struct tdx_host host = {
	on_converted, on_cpuid,     on_port_in,    on_port_out, on_msr_read,
	on_msr_write, on_mmio_read, on_mmio_write, on_quote,    on_hypercall,
};

static void compare(void)
{
	for (u64 i = 0; i < PAGES; i++) {
		u8 flags = sept_flags(&td.sept, i * PAGE_SIZE);

		assert(!(flags & SEPT_RAM) == (state[i] == 'd'));
		assert(!(flags & SEPT_PRIVATE) == (state[i] == 'd' || state[i] == 's'));
		assert(!(flags & SEPT_MAPPED) == (state[i] != 'a'));
		assert(!(flags & SEPT_DUE) || state[i] == 's' || state[i] == 'a');
		assert((flags & PRESENT) != PRESENT);
		if (flags & SEPT_LARGE)
			assert(i < WHOLE && flags == sept_flags(&td.sept, head_of(i) * PAGE_SIZE) &&
			       flags & PRESENT);
	}
}

/* An address near memory, on either side, in one byte or two of input. */
static u64 some_gpa(u64 seed)
{
	u64 gpa = (seed & 0xffff) % (PAGES + 4) * PAGE_SIZE;

	if (seed & BIT(16))
		gpa = align_down(gpa, PAGE_2M_SIZE);
	if (seed & BIT(17))
		gpa |= SHARED;
	if (!(seed & 0xe00000)) /* seldom: what is not aligned, or no address */
		gpa += seed >> 24;
	return gpa;
}

static void check_access(u64 seed)
{
	u64 gpa = some_gpa(seed), page = (gpa & ~SHARED) / PAGE_SIZE;
	enum access_kind kind = seed >> 18 & 3;
	struct tdx_result r = tdx_access(&td, gpa, kind);
	char letter = page < PAGES ? state[page] : 'd';
	bool good = gpa & SHARED ? letter != 'p' && letter != 'a' && kind <= ACCESS_WRITE
				 : letter == 'a';

	assert((r.outcome == TDX_OUTCOME_RESUME) == good);
	assert(r.outcome != TDX_OUTCOME_VE ||
	       (letter == 'p' && !(td.td_ctls & TD_CTLS_PENDING_VE_DISABLE)));
	assert((r.outcome == TDX_OUTCOME_VIOLATION) == (r.violation != VIOLATION_NONE));
}

static void do_vmcall(const u64 *was)
{
	struct tdx_vmcall r;

	in_host = true;
	r = tdx_vmcall(&call, &host);
	if (request.is_pending && was[TDX_RBX] & 1)
		tdx_quote_answer(&td, call.context, &request);
	in_host = false;
	for (unsigned int i = TDX_RCX; i < TDX_GPR_COUNT; i++)
		assert(gpr[i] == was[i] || (was[TDX_RCX] & BIT(i) && !r.rax));
	assert(gpr[TDX_RAX] == r.rax && strlen(r.message) < TDX_MESSAGE_MAX);
	assert(gpr[TDX_RCX] == was[TDX_RCX] && gpr[TDX_RSP] == was[TDX_RSP]);
}

static void do_tdcall(void)
{
	struct tdx_result r;
	u64 was[TDX_GPR_COUNT];

	memcpy(was, gpr, sizeof(was));
	r = tdx_tdcall(&call);
	if (r.outcome == TDX_OUTCOME_VMCALL) {
		do_vmcall(was);
		return;
	}
	assert((r.outcome == TDX_OUTCOME_VIOLATION) == (r.violation != VIOLATION_NONE));
	for (unsigned int i = TDX_RBX; i < TDX_GPR_COUNT; i++)
		assert(gpr[i] == was[i] || i >= TDX_R8);
	for (unsigned int i = TDX_R12; i < TDX_GPR_COUNT; i++)
		assert(gpr[i] == was[i]);
	if (r.outcome == TDX_OUTCOME_VE && !tdx_ve_raise(&vcpu, &r.ve))
		assert(vcpu.ve_valid);
}

/* Input: an operation, and three numbers that become addresses or plain values. */
struct operation {
	u8 code;
	u8 flags;
	u8 function;
	u8 level;
	u32 numbers[3];
};

static const u16 functions[] = {
	TDVMCALL_CPUID, TDVMCALL_HLT,  TDVMCALL_IO,     TDVMCALL_RDMSR,
	TDVMCALL_WRMSR, TDVMCALL_MMIO, TDVMCALL_WBINVD, 0,
};

static u64 function_of(u8 seed)
{
	if (seed & 1)
		return TDVMCALL_MAP_GPA;
	return seed & 2 ? TDVMCALL_GET_TD_VM_CALL_INFO + (seed >> 2) % 7
			: functions[(seed >> 2) % array_count(functions)];
}

static void fill_vmcall(const struct operation *op)
{
	gpr[TDX_RCX] = (op->flags & 0x18) == 0x18 ? op->numbers[2] : TDVMCALL_EXPOSE_REGS_MASK;
	gpr[TDX_R10] = (op->flags & 0x60) == 0x60 ? op->numbers[0] : TDVMCALL_STANDARD;
	gpr[TDX_R11] = function_of(op->function);
	gpr[TDX_R12] = some_gpa(op->numbers[0]);
	gpr[TDX_R13] = some_gpa(op->numbers[1]) & ~SHARED;
	if (op->flags & 1)
		gpr[TDX_R13] = (op->level % 4 + 1) * PAGE_SIZE;
	if ((op->flags & 6) == 2) {
		gpr[TDX_R12] = op->level % 9;
		gpr[TDX_R13] = op->level >> 6;
	}
	gpr[TDX_R14] = some_gpa(op->numbers[2]);
}

/* The calls that change most come more often. */
static const u8 leaves[] = {
	TDG_MEM_PAGE_ACCEPT,
	TDG_MEM_PAGE_ACCEPT,
	TDG_MEM_PAGE_ACCEPT,
	TDG_MEM_PAGE_ACCEPT,
	TDG_VP_VMCALL,
	TDG_VP_VMCALL,
	TDG_VP_VMCALL,
	TDG_VP_VMCALL,
	TDG_VP_INFO,
	TDG_MR_RTMR_EXTEND,
	TDG_VP_VEINFO_GET,
	TDG_MR_REPORT,
	TDG_VP_CPUIDVE_SET,
	TDG_VM_RD,
	TDG_VM_WR,
	TDG_VP_RD,
	TDG_VP_WR,
	TDG_SYS_RD,
	TDG_MEM_PAGE_ATTR_RD,
	TDG_MEM_PAGE_ATTR_WR,
	TDG_SYS_RDALL,
};

static void run(const struct operation *op)
{
	for (unsigned int i = 0; i < TDX_GPR_COUNT; i++)
		gpr[i] = (u64)op->numbers[i % 3] * (i + 1);
	gpr[TDX_RAX] = leaves[op->code % array_count(leaves)];
	gpr[TDX_RCX] = some_gpa(op->numbers[0]);
	gpr[TDX_RDX] = some_gpa(op->numbers[1]);
	gpr[TDX_R8] = op->level & 1;
	switch (gpr[TDX_RAX]) {
	case TDG_VP_VMCALL: fill_vmcall(op); break;
	case TDG_MEM_PAGE_ATTR_WR:
	case TDG_MEM_PAGE_ACCEPT: gpr[TDX_RCX] |= op->level % 5; break;
	case TDG_MR_RTMR_EXTEND: gpr[TDX_RDX] = op->level % 5; break;
	case TDG_VM_RD:
	case TDG_VM_WR:
		gpr[TDX_RCX] = 0;
		gpr[TDX_RDX] = vm_fields[op->level % array_count(vm_fields)].id;
		break;
	case TDG_VP_RD:
	case TDG_VP_WR: gpr[TDX_RDX] = vp_fields[op->level % array_count(vp_fields)].id; break;
	}
	do_tdcall();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u8 options = size ? data[0] : 0;

	tdx_td_init(&td, &machine, GPAW, options & 1 ? TDX_ATTR_SEPT_VE_DISABLE : 0, 7, 1);
	td.platform = &platform;
	request.is_pending = false;
	sept_init(&td.sept, entries, PAGES);
	assert(!sept_assign(&td.sept, 0, 512 * PAGE_SIZE, true));
	assert(!sept_assign(&td.sept, 512 * PAGE_SIZE, (RAM - 512) * PAGE_SIZE, false));
	memset(state, 'a', 512);
	memset(state + 512, 'p', RAM - 512);
	memset(state + RAM, 'd', PAGES - RAM);
	td.sept.small_only = options & 2;
	td.lenient = options & 4;
	td.retry_chunks = options >> 3 & 3;
	td.config_flags |= options & 32 ? TDCS_CONFIG_FLEXIBLE_PENDING_VE : 0;
	vcpu = (struct tdx_vcpu){ 0 };
	call = (struct tdx_call){
		.td = &td, .vcpu = &vcpu, .context = &td, .gpr = gpr, .is_64bit = true
	};
	while (size >= sizeof(struct operation)) {
		struct operation op;

		memcpy(&op, data, sizeof(op));
		data += sizeof(op);
		size -= sizeof(op);
		if (op.code >= 0xe0)
			check_access(op.numbers[0]);
		else
			run(&op);
		compare();
	}
	return 0;
}
