/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls of tdx_vmcall.h that name the TD's memory: conversions, and what a shared buffer holds.
 */
#include "lib/compiler.h"
#include "lib/string.h"
#include "monitor/host/tdx_vmcall_host.h"

/*
 * KVM looks for interrupts after each such piece of a MapGPA, and lets the guest ask again if it
 * has any. Here other processors wait for the lock meanwhile: a call ends after so many pieces that
 * have memory. Old firmware, which shares 1 GiB of devices, does not know RETRY.
 */
#define MAP_CHUNK      PAGE_2M_SIZE
#define MAP_CHUNKS_MAX 16

#define QUOTE_SIZE_MAX 0x20000 /* QEMU's */

static const struct tdx_machine *machine_of(const struct host_call *h)
{
	return h->call->td->machine;
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

void do_map_gpa(struct host_call *h)
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

/* What the request is, from the buffer, once; false: no request. */
static bool read_request(struct host_call *h, struct tdx_quote_request *r)
{
	const struct tdx_machine *machine = machine_of(h);

	if (r->size > QUOTE_SIZE_MAX || !tdx_host_reaches(h->call->td, h->gpr[TDX_R12], r->size) ||
	    machine->read(h->call->context, r->gpa, &r->header, sizeof(r->header)) ||
	    r->header.version != TDX_QUOTE_VERSION ||
	    r->header.in_size > r->size - sizeof(r->header))
		return false;
	memset(&r->report, 0, sizeof(r->report));
	return r->header.in_size != sizeof(r->report) ||
	       !machine->read(h->call->context, r->gpa + sizeof(r->header), &r->report,
			      sizeof(r->report));
}

/*
 * As QEMU: the call says whether there is a request, the buffer what becomes of it. Without a
 * quoting service it says so at once.
 */
void do_get_quote(struct host_call *h)
{
	u64 gpa = h->gpr[TDX_R12], size = h->gpr[TDX_R13];
	struct tdx_quote_request r = { .gpa = without_shared(h, gpa), .size = size }, *slot;
	bool has_service = h->call->td->platform->has_service;

	if (!is_private(h, gpa) && size && !is_aligned(gpa | size, PAGE_SIZE)) {
		set_status(h, TDVMCALL_STATUS_ALIGN_ERROR);
		return;
	}
	if (!read_request(h, &r)) {
		refuse(h);
		return;
	}
	slot = has_service ? h->host->quote(h->call->context) : NULL;
	if (has_service && !slot) {
		set_status(h, TDVMCALL_STATUS_RETRY);
		return;
	}
	r.header.status = has_service ? TDX_QUOTE_IN_FLIGHT : TDX_QUOTE_UNAVAILABLE;
	r.header.out_size = 0;
	if (machine_of(h)->write(h->call->context, r.gpa, &r.header, sizeof(r.header))) {
		refuse(h);
	} else if (slot) {
		r.is_pending = true;
		r.due = slot->due;
		*slot = r;
	}
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

void do_fatal(struct host_call *h)
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
	} else if (!tdx_host_reaches(h->call->td, gpa, size) ||
		   machine_of(h)->read(h->call->context, without_shared(h, gpa), message, size)) {
		size = 0;
	}
	clean(message, size);
}
