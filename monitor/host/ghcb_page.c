/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's side of the GHCB page: see ghcb_page.h.
 */
#include "monitor/host/ghcb_page.h"
#include "abi/kvm_para.h"
#include "abi/x86.h"
#include "lib/compiler.h"

/* Fields that table 7 can require, as a set and by name. */
#define FIELDS(FIELD)                                                                              \
	FIELD(CPL, cpl)                                                                            \
	FIELD(RAX, rax)                                                                            \
	FIELD(RBX, rbx)                                                                            \
	FIELD(RCX, rcx)                                                                            \
	FIELD(RDX, rdx)                                                                            \
	FIELD(RSI, rsi)                                                                            \
	FIELD(XCR0, xcr0)                                                                          \
	FIELD(EXIT_CODE, sw_exit_code)                                                             \
	FIELD(EXIT_INFO_1, sw_exit_info_1)                                                         \
	FIELD(EXIT_INFO_2, sw_exit_info_2)                                                         \
	FIELD(SCRATCH, sw_scratch)

enum field_index {
#define FIELD(constant, name) FIELD_##constant,
	FIELDS(FIELD)
#undef FIELD
		FIELD_COUNT,
};

static const struct {
	u16 offset;
	const char *name;
} fields[] = {
#define FIELD(constant, name) [FIELD_##constant] = { offsetof(struct ghcb_save_area, name), #name },
	FIELDS(FIELD)
#undef FIELD
};

#define NEED(constant) (1U << FIELD_##constant)
#define NEED_ALWAYS    (NEED(EXIT_CODE) | NEED(EXIT_INFO_1) | NEED(EXIT_INFO_2))
#define NEED_MSR_WRITE (NEED(RCX) | NEED(RAX) | NEED(RDX))

bool ghcb_is_valid(const struct ghcb *ghcb, size_t offset)
{
	size_t bit = offset / sizeof(u64);

	return ghcb->save.valid_bitmap[bit / 8] & BIT(bit % 8);
}

void ghcb_mark_valid(struct ghcb *ghcb, size_t offset)
{
	size_t bit = offset / sizeof(u64);

	ghcb->save.valid_bitmap[bit / 8] |= (u8)BIT(bit % 8);
}

/* RBX, RCX, RDX, RSI as far as the hypercall in RAX reads them: KVM-HC. */
static u32 hypercall_needs(u64 nr)
{
	switch (nr) {
	case KVM_HC_SCHED_YIELD: return NEED(RBX);
	case KVM_HC_KICK_CPU:
	case KVM_HC_CLOCK_PAIRING: return NEED(RBX) | NEED(RCX);
	case KVM_HC_MAP_GPA_RANGE: return NEED(RBX) | NEED(RCX) | NEED(RDX);
	case KVM_HC_SEND_IPI: return NEED(RBX) | NEED(RCX) | NEED(RDX) | NEED(RSI);
	default: return 0;
	}
}

static u32 ioio_needs(u64 info)
{
	if (info & IOIO_TYPE_STR)
		return NEED(SCRATCH);
	return info & IOIO_TYPE_IN ? 0 : NEED(RAX);
}

#define NEEDS_UNKNOWN (~0U)

/* GHCB table 7: the state that the guest must supply for each exit. */
static u32 exit_needs(const struct ghcb_save_area *save)
{
	switch (save->sw_exit_code) {
	case SVM_EXIT_WRITE_DR7: return NEED(RAX);
	case SVM_EXIT_RDPMC: return NEED(RCX);
	case SVM_EXIT_CPUID:
		return NEED(RAX) | NEED(RCX) | ((u32)save->rax == CPUID_XSTATE ? NEED(XCR0) : 0);
	case SVM_EXIT_IOIO: return ioio_needs(save->sw_exit_info_1);
	case SVM_EXIT_MSR:
		return save->sw_exit_info_1 == GHCB_MSR_EXIT_READ ? NEED(RCX) : NEED_MSR_WRITE;
	case SVM_EXIT_VMMCALL: return NEED(RAX) | NEED(CPL) | hypercall_needs(save->rax);
	case SVM_EXIT_MONITOR: return NEED(RAX) | NEED(RCX) | NEED(RDX);
	case SVM_EXIT_MWAIT: return NEED(RAX) | NEED(RCX);
	case SVM_VMGEXIT_MMIO_READ:
	case SVM_VMGEXIT_MMIO_WRITE:
	case SVM_VMGEXIT_PSC: return NEED(SCRATCH);
	case SVM_VMGEXIT_EXT_GUEST_REQUEST: return NEED(RAX) | NEED(RBX);
	case SVM_VMGEXIT_APIC_ID_LIST: return NEED(RAX);
	case SVM_VMGEXIT_AP_CREATION:
		return (u32)save->sw_exit_info_1 == SVM_VMGEXIT_AP_DESTROY ? 0 : NEED(RAX);
	case SVM_EXIT_READ_DR7:
	case SVM_EXIT_RDTSC:
	case SVM_EXIT_RDTSCP:
	case SVM_EXIT_INVD:
	case SVM_EXIT_WBINVD:
	case SVM_VMGEXIT_NMI_COMPLETE:
	case SVM_VMGEXIT_AP_HLT_LOOP:
	case SVM_VMGEXIT_AP_JUMP_TABLE:
	case SVM_VMGEXIT_GUEST_REQUEST:
	case SVM_VMGEXIT_HV_DOORBELL_PAGE:
	case SVM_VMGEXIT_HV_IPI:
	case SVM_VMGEXIT_HV_FEATURES:
	case SVM_VMGEXIT_TERM_REQUEST:
	case SVM_VMGEXIT_UNSUPPORTED_EVENT: return 0;
	default: return NEEDS_UNKNOWN;
	}
}

/* The first field of @needs that is not marked valid, or NULL. */
static const char *first_missing(const struct ghcb *ghcb, u32 needs)
{
	for (; needs; needs &= needs - 1) {
		unsigned int i = (unsigned int)__builtin_ctz(needs);

		if (!ghcb_is_valid(ghcb, fields[i].offset))
			return fields[i].name;
	}
	return NULL;
}

static struct ghcb_verdict missing(const char *field)
{
	return (struct ghcb_verdict){ .violation = VIOLATION_GHCB_FIELD_NOT_VALID, .field = field };
}

struct ghcb_verdict ghcb_check(const struct ghcb *ghcb, u16 version_min)
{
	const char *field;
	u32 needs;

	if (ghcb->ghcb_usage != GHCB_USAGE_STANDARD)
		return (struct ghcb_verdict){ .error = GHCB_ERR_INVALID_USAGE };
	if (ghcb->protocol_version < version_min || ghcb->protocol_version > GHCB_PROTOCOL_MAX)
		return (struct ghcb_verdict){ .error = GHCB_ERR_INVALID_INPUT };
	field = first_missing(ghcb, NEED_ALWAYS);
	if (field)
		return missing(field);
	needs = exit_needs(&ghcb->save);
	if (needs == NEEDS_UNKNOWN)
		return (struct ghcb_verdict){ .error = GHCB_ERR_INVALID_EVENT };
	field = first_missing(ghcb, needs);
	return field ? missing(field) : (struct ghcb_verdict){ 0 };
}

u32 ghcb_scratch(const struct ghcb *ghcb, u64 ghcb_gpa, u64 size, u32 *offset)
{
	u64 begin = ghcb_gpa + offsetof(struct ghcb, shared_buffer);
	u64 at = ghcb->save.sw_scratch - begin; /* wraps to something too high when below */

	if (at >= GHCB_SHARED_BUFFER_SIZE || size > GHCB_SHARED_BUFFER_SIZE - at)
		return GHCB_ERR_INVALID_SCRATCH;
	*offset = (u32)at;
	return 0;
}

bool ghcb_scratch_is_outside(const struct ghcb *ghcb, u64 ghcb_gpa)
{
	return ghcb->save.sw_scratch &&
	       align_down(ghcb->save.sw_scratch, (u64)PAGE_SIZE) != ghcb_gpa;
}

static void answer(struct ghcb *ghcb, u64 info_1, u64 info_2)
{
	for (size_t i = 0; i < array_count(ghcb->save.valid_bitmap); i++)
		ghcb->save.valid_bitmap[i] = 0;
	GHCB_SET(ghcb, sw_exit_info_1, info_1);
	GHCB_SET(ghcb, sw_exit_info_2, info_2);
}

void ghcb_reply(struct ghcb *ghcb) { answer(ghcb, GHCB_RESULT_OK, 0); }

void ghcb_reply_error(struct ghcb *ghcb, u32 error) { answer(ghcb, GHCB_RESULT_ERROR, error); }

void ghcb_reply_exception(struct ghcb *ghcb, unsigned int vector, bool has_error_code,
			  u32 error_code)
{
	u64 event = EVENT_VALID | (EVENT_TYPE_EXCEPTION << EVENT_TYPE_SHIFT) |
		    (vector & EVENT_VECTOR_MASK);

	if (has_error_code)
		event |= EVENT_ERROR_CODE_VALID | bits_put(error_code, 63, 32);
	answer(ghcb, GHCB_RESULT_EXCEPTION, event);
}
