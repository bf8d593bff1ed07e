/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See exit.h.
 */
#include "host/exit.h"

#include <cpuid.h>
#include <errno.h>
#include <string.h>

#include "abi/exit_code.h"
#include "abi/kvm_para.h"
#include "abi/tdx.h"
#include "host/certificates.h"
#include "host/convert.h"
#include "host/crash.h"
#include "host/end.h"
#include "host/kvm_uapi.h"
#include "host/vm_type.h"

#define REGISTER_R12 12 /* registers by their numbers in instructions */

#define TRACE(m, v, event, ...)                                                                    \
	do {                                                                                       \
		if ((m)->trace.write)                                                              \
			transcript_line(&(m)->trace, (v)->index, EVENT_##event, __VA_ARGS__);      \
	} while (0)

/* The data of a port access, or NULL when it does not lie in the shared page. */
static u8 *io_data(const struct vcpu *v, u64 offset, u64 size)
{
	if (offset < sizeof(struct kvm_run) || offset > v->run_size || size > v->run_size - offset)
		return NULL;
	return (u8 *)v->run + offset;
}

static u32 first_value(const u8 *data, unsigned int size)
{
	u32 value = 0;

	memcpy(&value, data, size);
	return value;
}

static void io_out(struct machine *m, struct vcpu *v, u16 port, unsigned int size, const u8 *data,
		   u64 count)
{
	if (count == 1)
		TRACE(m, v, IOIO, "dir=out port=%#x size=%#x value=%#x", port, size,
		      first_value(data, size));
	else
		TRACE(m, v, IOIO, "dir=outs port=%#x size=%#x count=%#lx", port, size, count);
	if (port == EXIT_PORT)
		end_by_port(*data);
	else
		device_out(&m->devices, port, size, data, count);
}

static void io_in(struct machine *m, struct vcpu *v, u16 port, unsigned int size, u8 *data,
		  u64 count)
{
	device_in(&m->devices, port, size, data, count);
	if (count == 1)
		TRACE(m, v, IOIO, "dir=in port=%#x size=%#x value=%#x", port, size,
		      first_value(data, size));
	else
		TRACE(m, v, IOIO, "dir=ins port=%#x size=%#x count=%#lx", port, size, count);
}

static void handle_io(struct machine *m, struct vcpu *v)
{
	unsigned int size = v->run->io.size;
	u64 count = v->run->io.count;
	u8 *data = io_data(v, v->run->io.data_offset, size * count);

	if (!data || !count || (size != 1 && size != 2 && size != 4)) {
		end_run(END_CRASH, "KVM passed a port access of %llu items of %u bytes",
			(unsigned long long)count, size);
		return;
	}
	if (v->run->io.direction == KVM_EXIT_IO_OUT)
		io_out(m, v, v->run->io.port, size, data, count);
	else
		io_in(m, v, v->run->io.port, size, data, count);
}

/* There is no device in memory: as on a bus, nobody answers. */
static void handle_mmio(struct machine *m, struct vcpu *v)
{
	struct kvm_run *run = v->run;
	bool write = run->mmio.is_write;

	TRACE(m, v, MMIO, "dir=%s gpa=%#llx size=%#x", write ? "write" : "read",
	      (unsigned long long)run->mmio.phys_addr, run->mmio.len);
	if (!write)
		memset(run->mmio.data, 0xff, sizeof(run->mmio.data));
}

/*
 * KVM-MSR: 0 when the guest's memory is private, so that the host depends on being told of each
 * conversion. Any other MSR that KVM does not know is #GP.
 */
static void handle_msr(struct machine *m, struct vcpu *v, bool write)
{
	struct kvm_run *run = v->run;
	bool known = run->msr.index == MSR_KVM_MIGRATION_CONTROL &&
		     !(write && run->msr.data & ~(u64)KVM_MIGRATION_READY);

	run->msr.error = !known;
	if (known && write)
		m->migration_ready = run->msr.data;
	else if (known)
		run->msr.data = m->migration_ready;
	TRACE(m, v, MSR, "dir=%s msr=%#x value=%#llx result=%d", write ? "write" : "read",
	      run->msr.index, (unsigned long long)run->msr.data, known ? 0 : -E_FAULT);
}

static s64 map_gpa_range(struct machine *m, u64 gpa, u64 page_count, u64 attributes,
			 enum convert_reason reason)
{
	struct gpa_range range;
	s64 answer =
		hypercall_map_gpa_range(&m->memory, gpa, page_count, attributes, reason, &range);

	if (answer)
		return answer;
	m->conversions++;
	return m->type->convert(m, &range);
}

/* Which instruction it was KVM does not say; a guest uses its processor's. */
static bool is_intel(void)
{
	unsigned int eax, ebx = 0, ecx, edx;

	__get_cpuid(0, &eax, &ebx, &ecx, &edx);
	return ebx == signature_INTEL_ebx;
}

static void handle_hypercall(struct machine *m, struct vcpu *v)
{
	struct kvm_run *run = v->run;
	u64 args[3] = { run->hypercall.args[0], run->hypercall.args[1], run->hypercall.args[2] };
	s64 answer = -KVM_ENOSYS;

	if (run->hypercall.nr == KVM_HC_MAP_GPA_RANGE)
		answer = map_gpa_range(m, args[0], args[1], args[2], CONVERT_HYPERCALL);
	run->hypercall.ret = (u64)answer;
	transcript_line(&m->trace, v->index, is_intel() ? EVENT_VMCALL : EVENT_VMMCALL,
			"nr=%#llx a0=%#lx a1=%#lx a2=%#lx result=%#lx",
			(unsigned long long)run->hypercall.nr, args[0], args[1], args[2],
			(u64)answer);
}

/* KVM api.rst 5: the GHCB MSR's value, or the sixteen registers of TDVMCALL<ReportFatalError>. */
static void handle_system_event(struct vcpu *v)
{
	const __u64 *data = v->run->system_event.data;
	u64 msr = data[0];

	switch (v->run->system_event.type) {
	case KVM_SYSTEM_EVENT_SEV_TERM:
		end_run(END_TERMINATED,
			"processor %u: the guest terminated itself: reason set %#llx code %#llx",
			v->index, (unsigned long long)bits_get(msr, 15, 12),
			(unsigned long long)bits_get(msr, 23, 16));
		break;
	case KVM_SYSTEM_EVENT_TDX_FATAL:
		end_run(END_TERMINATED,
			"processor %u: the guest reported a fatal error: code %#llx", v->index,
			(unsigned long long)data[REGISTER_R12]);
		break;
	default:
		end_run(END_CRASH, "processor %u: system event %u", v->index,
			v->run->system_event.type);
	}
}

/* A TDVMCALL that KVM leaves to user space, such as GetQuote, of which we have none. */
static void handle_tdvmcall(struct machine *m, struct vcpu *v)
{
	struct host_tdvmcall call;

	memcpy(&call, v->run->padding, sizeof(call));
	call.status = TDVMCALL_STATUS_SUBFUNC_UNSUPPORTED;
	memcpy(v->run->padding, &call, sizeof(call));
	TRACE(m, v, TDVMCALL, "function=%#lx r10=%#lx", call.number, call.status);
}

void exit_handle(struct machine *m, struct vcpu *v)
{
	struct kvm_run *run = v->run;

	v->late_fault = NO_FAULT;
	switch (run->exit_reason) {
	case KVM_EXIT_IO: handle_io(m, v); break;
	case KVM_EXIT_MMIO: handle_mmio(m, v); break;
	case KVM_EXIT_X86_RDMSR: handle_msr(m, v, false); break;
	case KVM_EXIT_X86_WRMSR: handle_msr(m, v, true); break;
	case KVM_EXIT_HYPERCALL: handle_hypercall(m, v); break;
	case KVM_EXIT_SYSTEM_EVENT: handle_system_event(v); break;
	case KVM_EXIT_TDX: handle_tdvmcall(m, v); break;
	case KVM_EXIT_SNP_REQ_CERTS: certificates_exit(m, v); break;
	case KVM_EXIT_INTR: break;
	default: crash_by_exit(m, v);
	}
}

static void end_by_violation(struct machine *m, struct vcpu *v,
			     const struct host_memory_fault *fault, const char *kind)
{
	TRACE(m, v, VIOLATION, "name=memory-fault gpa=%#lx size=%#lx kind=%s", fault->gpa,
	      fault->size, kind);
	end_run(END_VIOLATION,
		"violation memory-fault: the guest touched memory as what it is not cpu=%#x "
		"gpa=%#llx size=%#llx kind=%s%s",
		v->index, (unsigned long long)fault->gpa, (unsigned long long)fault->size, kind,
		crash_place(m, v).text);
}

/*
 * An access that wants a page as it is by now: another processor converted it meanwhile, so again.
 * Twice, and nothing was converted in between: it cannot be had.
 */
static bool is_late(struct machine *m, struct vcpu *v, const struct host_memory_fault *fault,
		    bool private)
{
	u64 id = fault->gpa | private;
	bool again = v->late_fault == id && v->late_at == m->conversions;

	if (!convert_is(&m->memory, fault->gpa, fault->size, private) || again)
		return false;
	v->late_fault = id;
	v->late_at = m->conversions;
	return true;
}

/*
 * KVM took the access for one of the side that the attribute named, and then found another
 * attribute: a conversion came in between. Nobody asks for one.
 */
static bool is_overtaken(struct machine *m, const struct host_memory_fault *fault, bool private)
{
	return m->type->by_attribute && convert_is(&m->memory, fault->gpa, fault->size, !private);
}

static s64 convert_fault(struct machine *m, struct vcpu *v, const struct host_memory_fault *fault,
			 bool private)
{
	if (is_overtaken(m, fault, private) || is_late(m, v, fault, private))
		return 0;
	if (!m->options->policy.convert_on_fault ||
	    !convert_can(&m->memory, fault->gpa, fault->size) ||
	    convert_is(&m->memory, fault->gpa, fault->size, private))
		return -KVM_EFAULT;
	return map_gpa_range(m, fault->gpa, fault->size >> PAGE_SHIFT,
			     private ? KVM_MAP_GPA_RANGE_ENCRYPTED : 0, CONVERT_FAULT);
}

/*
 * KVM api.rst, KVM_EXIT_MEMORY_FAULT: an access that means the other side of a page. It is another
 * way to ask for a conversion, where policy says so.
 */
static void handle_memory_fault(struct machine *m, struct vcpu *v)
{
	struct host_memory_fault fault;
	bool private;

	memcpy(&fault, v->run->padding, sizeof(fault));
	private = fault.flags & KVM_MEMORY_EXIT_FLAG_PRIVATE;
	if (fault.flags & ~KVM_MEMORY_EXIT_FLAG_PRIVATE) {
		end_run(END_CRASH, "processor %u: a memory fault with flags %#llx", v->index,
			(unsigned long long)fault.flags);
		return;
	}
	if (convert_fault(m, v, &fault, private))
		end_by_violation(m, v, &fault, private ? "private" : "shared");
	else
		TRACE(m, v, NPF, "gpa=%#lx size=%#lx kind=%s result=0x0", fault.gpa, fault.size,
		      private ? "private" : "shared");
}

static void end_by_poison(const struct vcpu *v)
{
	struct host_memory_fault fault;

	memcpy(&fault, v->run->padding, sizeof(fault));
	end_run(END_CRASH, "processor %u: the host's memory behind gpa=%#llx is broken", v->index,
		(unsigned long long)fault.gpa);
}

void exit_failed(struct machine *m, struct vcpu *v, int error)
{
	bool has_fault = v->run->exit_reason == KVM_EXIT_MEMORY_FAULT;

	if (error == -EFAULT && has_fault)
		handle_memory_fault(m, v);
	else if (error == -EHWPOISON && has_fault)
		end_by_poison(v);
	else
		end_run(END_CRASH, "processor %u: KVM_RUN: %s", v->index, why_error(-error));
}
