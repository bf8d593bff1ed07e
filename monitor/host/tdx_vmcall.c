/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's side of TDG.VP.VMCALL: see tdx_vmcall.h.
 */
#include "monitor/host/tdx_vmcall.h"
#include "lib/compiler.h"
#include "lib/string.h"

/*
 * KVM looks for interrupts after each such piece of a MapGPA, and lets the guest ask again if it
 * has any. Here other processors wait for the lock meanwhile: a call ends after so many pieces that
 * have memory. Old firmware, which shares 1 GiB of devices, does not know RETRY.
 */
#define MAP_CHUNK      PAGE_2M_SIZE
#define MAP_CHUNKS_MAX 16

#define QUOTE_SIZE_MAX 0x20000 /* QEMU's */

#define VECTOR_FIRST 32
#define VECTOR_LAST  255

/* One call as the host sees it: registers that are not exposed are zero. */
struct host_call {
	struct tdx_call *call;
	const struct tdx_host *host;
	u64 gpr[TDX_GPR_COUNT];
	struct tdx_vmcall *r;
};

static const struct tdx_machine *machine_of(const struct host_call *h)
{
	return h->call->td->machine;
}

static void set_status(struct host_call *h, u64 status) { h->gpr[TDX_R10] = status; }

static void refuse(struct host_call *h) { set_status(h, TDVMCALL_STATUS_INVALID_OPERAND); }

/* The value of IO, MMIO and RDMSR */
static void set_value(struct host_call *h, u64 value) { h->gpr[TDX_R11] = value; }

static bool is_private(const struct host_call *h, u64 gpa)
{
	return !(gpa & tdx_shared_mask(h->call->td));
}

static u64 without_shared(const struct host_call *h, u64 gpa)
{
	return gpa & ~tdx_shared_mask(h->call->td);
}

static void do_cpuid(struct host_call *h)
{
	struct cpuid_values v =
		h->host->cpuid(h->call->context, (u32)h->gpr[TDX_R12], (u32)h->gpr[TDX_R13]);

	h->gpr[TDX_R12] = v.eax;
	h->gpr[TDX_R13] = v.ebx;
	h->gpr[TDX_R14] = v.ecx;
	h->gpr[TDX_R15] = v.edx;
}

static void do_halt(struct host_call *h)
{
	h->r->action = TDX_VMCALL_HALT;
	h->r->irq_blocked = h->gpr[TDX_R12] & 1;
}

static void do_io(struct host_call *h)
{
	u64 size = h->gpr[TDX_R12], direction = h->gpr[TDX_R13], value = h->gpr[TDX_R15];
	u16 port = (u16)h->gpr[TDX_R14];

	if ((size != 1 && size != 2 && size != 4) || direction > TDVMCALL_WRITE) {
		refuse(h);
		return;
	}
	value &= bits_mask(8 * (unsigned int)size);
	if (direction == TDVMCALL_WRITE)
		h->host->port_out(h->call->context, port, (unsigned int)size, (u32)value);
	else
		set_value(h, h->host->port_in(h->call->context, port, (unsigned int)size));
}

static void do_rdmsr(struct host_call *h)
{
	u32 msr = (u32)h->gpr[TDX_R12];
	u64 value;

	if (!tdx_vmcall_has_msr(h->call->td, msr, false) ||
	    h->host->msr_read(h->call->context, msr, &value))
		refuse(h);
	else
		set_value(h, value);
}

static void do_wrmsr(struct host_call *h)
{
	u32 msr = (u32)h->gpr[TDX_R12];

	if (!tdx_vmcall_has_msr(h->call->td, msr, true) ||
	    h->host->msr_write(h->call->context, msr, h->gpr[TDX_R13]))
		refuse(h);
}

static int mmio(struct host_call *h, u64 gpa, unsigned int size, bool write, u64 *value)
{
	if (write)
		return h->host->mmio_write(h->call->context, gpa, size, *value);
	return h->host->mmio_read(h->call->context, gpa, size, value);
}

static void do_mmio(struct host_call *h)
{
	u64 size = h->gpr[TDX_R12], direction = h->gpr[TDX_R13], gpa = h->gpr[TDX_R14];
	u64 value = h->gpr[TDX_R15];

	if ((size != 1 && size != 2 && size != 4 && size != 8) || direction > TDVMCALL_WRITE ||
	    !tdx_gpa_valid(h->call->td, gpa, size) || is_private(h, gpa)) {
		refuse(h);
		return;
	}
	if (mmio(h, without_shared(h, gpa), (unsigned int)size, direction == TDVMCALL_WRITE,
		 &value))
		refuse(h);
	else if (direction == TDVMCALL_READ)
		set_value(h, value);
}

static void do_call_info(struct host_call *h)
{
	u64 leaf = h->gpr[TDX_R12];

	if (leaf > 1 || h->call->vcpu->no_call_info) {
		refuse(h);
		return;
	}
	for (unsigned int reg = TDX_R11; reg <= TDX_R14; reg++)
		h->gpr[reg] = 0;
	set_value(h, leaf ? TDVMCALL_INFO_EVENT_NOTIFY : 0);
}

/* Converts one piece; false: refused. */
static bool map_chunk(struct host_call *h, u64 gpa, u64 size, bool private)
{
	struct tdx_td *td = h->call->td;

	if (sept_convert(&td->sept, without_shared(h, gpa), size, private))
		return false;
	h->host->converted(h->call->context, without_shared(h, gpa), size, private);
	h->r->mapped_size += size;
	return true;
}

/* R11 tells where it stopped, with the SHARED bit as it was asked. */
static void stop_at(struct host_call *h, u64 gpa, u64 status)
{
	set_status(h, status);
	set_value(h, gpa);
}

static void map_range(struct host_call *h, u64 gpa, u64 end, bool private)
{
	const struct sept *sept = &h->call->td->sept;
	u32 retry = h->call->td->retry_chunks, left = retry ? retry : MAP_CHUNKS_MAX;
	u64 step, states_end = gpa - without_shared(h, gpa) + sept_end(sept);

	if (!private && end > states_end) /* beyond, nothing has a state */
		end = states_end;
	for (u64 next = gpa; next < end; next += step) {
		step = end - next < MAP_CHUNK ? end - next : MAP_CHUNK;
		if (sept_has_memory(sept, without_shared(h, next), step) && !left--) {
			stop_at(h, next, TDVMCALL_STATUS_RETRY);
			return;
		}
		if (!map_chunk(h, next, step, private)) {
			stop_at(h, next, TDVMCALL_STATUS_INVALID_OPERAND);
			return;
		}
	}
}

static void do_map_gpa(struct host_call *h)
{
	u64 gpa = h->gpr[TDX_R12], size = h->gpr[TDX_R13], status = TDVMCALL_STATUS_SUCCESS;

	if (h->call->td->map_gpa_refused)
		status = TDVMCALL_STATUS_SUBFUNC_UNSUPPORTED;
	else if (!size || !tdx_gpa_valid(h->call->td, gpa, size))
		status = TDVMCALL_STATUS_INVALID_OPERAND;
	else if (!is_aligned(gpa | size, PAGE_SIZE))
		status = TDVMCALL_STATUS_ALIGN_ERROR;
	else if (h->call->td->retry_forever)
		status = TDVMCALL_STATUS_RETRY;
	if (status) {
		stop_at(h, gpa, status);
		return;
	}
	h->r->mapped_gpa = without_shared(h, gpa);
	h->r->mapped_private = is_private(h, gpa);
	map_range(h, gpa, gpa + size, h->r->mapped_private);
}

/* The host's own access: what is not shared it does not reach. */
static bool host_reaches(struct host_call *h, u64 gpa, u64 size)
{
	if (!size || !tdx_gpa_valid(h->call->td, gpa, size) || is_private(h, gpa))
		return false;
	for (u64 at = gpa; at < gpa + size; at = align_down(at, PAGE_SIZE) + PAGE_SIZE)
		if (sept_is_private(&h->call->td->sept, without_shared(h, at)))
			return false;
	return true;
}

/* QEMU without a quote generation service: the buffer says so, the call succeeds. */
static void do_get_quote(struct host_call *h)
{
	u64 gpa = h->gpr[TDX_R12], size = h->gpr[TDX_R13], at = without_shared(h, gpa);
	struct tdx_quote_header header;

	if (!is_private(h, gpa) && size && !is_aligned(gpa | size, PAGE_SIZE)) {
		set_status(h, TDVMCALL_STATUS_ALIGN_ERROR);
		return;
	}
	if (size > QUOTE_SIZE_MAX || !host_reaches(h, gpa, size) ||
	    machine_of(h)->read(h->call->context, at, &header, sizeof(header)) ||
	    header.version != TDX_QUOTE_VERSION || header.in_size > size - sizeof(header)) {
		refuse(h);
		return;
	}
	header.status = TDX_QUOTE_UNAVAILABLE;
	if (machine_of(h)->write(h->call->context, at, &header, sizeof(header)))
		refuse(h);
}

/* The order in which GHCI 3.4 fills the registers */
static const u8 message_regs[] = { TDX_R14, TDX_R15, TDX_RBX, TDX_RDI,
				   TDX_RSI, TDX_R8,  TDX_R9,  TDX_RDX };
_Static_assert(array_count(message_regs) == TDX_FATAL_MESSAGE_SIZE / sizeof(u64), "eight of them");

/* Ends the message at its NUL, and lets nothing but text onto the console. */
static void clean(char *message, size_t size)
{
	size_t i = 0;

	for (; i < size && message[i]; i++)
		if (message[i] < ' ' || message[i] > '~')
			message[i] = message[i] == '\n' ? ' ' : '?';
	while (i && message[i - 1] == ' ')
		i--;
	message[i] = 0;
}

static void do_fatal(struct host_call *h)
{
	u64 gpa = h->gpr[TDX_R13];
	char *message = h->r->message;
	size_t size = TDX_MESSAGE_MAX - 1;

	h->r->action = TDX_VMCALL_FATAL;
	h->r->fatal_code = h->gpr[TDX_R12];
	if (!(h->r->fatal_code & TDX_FATAL_GPA_VALID)) {
		for (size_t i = 0; i < array_count(message_regs); i++)
			memcpy(message + i * sizeof(u64), &h->gpr[message_regs[i]], sizeof(u64));
		size = TDX_FATAL_MESSAGE_SIZE;
	} else if (!host_reaches(h, gpa, size) ||
		   machine_of(h)->read(h->call->context, without_shared(h, gpa), message, size)) {
		size = 0;
	}
	clean(message, size);
}

static void do_event_notify(struct host_call *h)
{
	u64 vector = h->gpr[TDX_R12];

	if (vector < VECTOR_FIRST || vector > VECTOR_LAST)
		refuse(h);
	else
		h->call->td->event_vector = (u32)vector;
}

static void do_standard(struct host_call *h)
{
	switch (h->gpr[TDX_R11]) {
	case TDVMCALL_CPUID: do_cpuid(h); break;
	case TDVMCALL_HLT: do_halt(h); break;
	case TDVMCALL_IO: do_io(h); break;
	case TDVMCALL_RDMSR: do_rdmsr(h); break;
	case TDVMCALL_WRMSR: do_wrmsr(h); break;
	case TDVMCALL_MMIO: do_mmio(h); break;
	case TDVMCALL_GET_TD_VM_CALL_INFO: do_call_info(h); break;
	case TDVMCALL_MAP_GPA: do_map_gpa(h); break;
	case TDVMCALL_GET_QUOTE: do_get_quote(h); break;
	case TDVMCALL_REPORT_FATAL_ERROR: do_fatal(h); break;
	case TDVMCALL_SETUP_EVENT_NOTIFY: do_event_notify(h); break;
	default: set_status(h, TDVMCALL_STATUS_SUBFUNC_UNSUPPORTED);
	}
}

static void do_hypercall(struct host_call *h)
{
	const struct kvm_hypercall hypercall = {
		.nr = h->gpr[TDX_R10],
		.args = { h->gpr[TDX_R11], h->gpr[TDX_R12], h->gpr[TDX_R13], h->gpr[TDX_R14] },
		.is_64bit = true,
	};

	h->r->action = TDX_VMCALL_HYPERCALL;
	h->r->function = hypercall.nr;
	memcpy(h->r->args, hypercall.args, sizeof(h->r->args));
	set_status(h, (u64)h->host->hypercall(h->call->context, &hypercall));
}

static bool mask_valid(const struct tdx_td *td, u64 mask)
{
	u64 forbidden = TDVMCALL_FORBIDDEN_MASK;

	if (td->config_flags & TDCS_CONFIG_NO_RBP_MOD)
		forbidden |= TDVMCALL_REG_RBP;
	return !(mask & forbidden);
}

struct tdx_vmcall tdx_vmcall(struct tdx_call *call, const struct tdx_host *host)
{
	u64 mask = call->gpr[TDX_RCX];
	struct tdx_vmcall r = { .rax = TDX_SUCCESS };
	struct host_call h = { .call = call, .host = host, .r = &r };

	if (!mask_valid(call->td, mask)) {
		r.rax = call->gpr[TDX_RAX] = TDX_OPERAND_INVALID | TDX_OPERAND_RCX;
		return r;
	}
	for (unsigned int i = TDX_RDX; i < TDX_GPR_COUNT; i++)
		h.gpr[i] = mask & BIT(i) ? call->gpr[i] : 0;
	if (h.gpr[TDX_R10] == TDVMCALL_STANDARD) {
		r.function = h.gpr[TDX_R11];
		memcpy(r.args, &h.gpr[TDX_R12], sizeof(r.args));
		do_standard(&h);
	} else {
		do_hypercall(&h);
	}
	r.status = h.gpr[TDX_R10];
	call->gpr[TDX_RAX] = TDX_SUCCESS;
	for (unsigned int i = TDX_RDX; i < TDX_GPR_COUNT; i++)
		if (mask & BIT(i))
			call->gpr[i] = h.gpr[i];
	return r;
}
