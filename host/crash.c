/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See crash.h. Spec: KVM api.rst 5, KVM_EXIT_INTERNAL_ERROR and the exits around it.
 */
#include "host/crash.h"

#include <stdio.h>

#include "host/end.h"
#include "host/kvm_uapi.h"

#define INSTRUCTION_MAX sizeof(((struct kvm_run *)NULL)->emulation_failure.insn_bytes)
#define DATA_MAX        array_count(((struct kvm_run *)NULL)->internal.data)
#define DATA_SHOWN      4

struct crash_place crash_place(const struct machine *m, const struct vcpu *v)
{
	struct crash_place place = { "" };
	struct kvm_regs regs;

	if (m->sys->ioctl(m->sys, v->fd, KVM_GET_REGS, &regs) >= 0)
		snprintf(place.text, sizeof(place.text), " rip=%#llx",
			 (unsigned long long)regs.rip);
	return place;
}

static const char *suberror_name(u32 suberror)
{
	switch (suberror) {
	case KVM_INTERNAL_ERROR_EMULATION: return "an instruction that it cannot emulate";
	case KVM_INTERNAL_ERROR_SIMUL_EX: return "simultaneous exceptions";
	case KVM_INTERNAL_ERROR_DELIVERY_EV: return "an exit while an event was delivered";
	case KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON: return "an exit that it does not know";
	default: return "unknown";
	}
}

/* The bytes that KVM fetched, which may be more than the instruction's; "" where it has none. */
static void put_instruction(const struct kvm_run *run, char *text, size_t size)
{
	size_t used = 0, count = run->emulation_failure.insn_size;

	if (run->internal.suberror != KVM_INTERNAL_ERROR_EMULATION ||
	    run->emulation_failure.ndata < 1 ||
	    !(run->emulation_failure.flags & KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES))
		return;
	for (size_t i = 0; i < count && i < INSTRUCTION_MAX && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%02x",
					 i ? " " : " bytes=", run->emulation_failure.insn_bytes[i]);
}

/* What the data means depends on the error, and is not documented; the first words tell most. */
static void put_data(const struct kvm_run *run, char *text, size_t size)
{
	size_t used = 0;

	if (run->internal.suberror == KVM_INTERNAL_ERROR_EMULATION)
		return;
	for (u32 i = 0; i < run->internal.ndata && i < DATA_MAX && i < DATA_SHOWN; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%#llx", i ? "," : " data=",
					 (unsigned long long)run->internal.data[i]);
}

static void end_by_internal_error(const struct machine *m, const struct vcpu *v)
{
	char details[128] = "";

	put_instruction(v->run, details, sizeof(details));
	put_data(v->run, details, sizeof(details));
	end_run(END_CRASH, "processor %u: internal error %u of KVM, %s%s%s", v->index,
		v->run->internal.suberror, suberror_name(v->run->internal.suberror),
		crash_place(m, v).text, details);
}

void crash_by_exit(const struct machine *m, const struct vcpu *v)
{
	const struct kvm_run *run = v->run;

	switch (run->exit_reason) {
	case KVM_EXIT_SHUTDOWN: /* where it was is lost: AMD's KVM resets it */
		end_run(END_CRASH, "processor %u: shutdown, as a triple fault does", v->index);
		break;
	case KVM_EXIT_FAIL_ENTRY:
		end_run(END_CRASH, "processor %u: entry failed, hardware reason %#llx%s", v->index,
			(unsigned long long)run->fail_entry.hardware_entry_failure_reason,
			crash_place(m, v).text);
		break;
	case KVM_EXIT_INTERNAL_ERROR: end_by_internal_error(m, v); break;
	default:
		end_run(END_CRASH, "processor %u: exit %u, which nobody asked for%s", v->index,
			run->exit_reason, crash_place(m, v).text);
	}
}
