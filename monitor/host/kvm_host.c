/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's side of KVM's paravirtual interface: see kvm_host.h.
 */
#include "monitor/host/kvm_host.h"

#define NS_PER_SEC U64_C(1000000000)

/* The ICR value that SEND_IPI passes: APM2 16.5 */
#define ICR_VECTOR_MASK    0x000ff
#define ICR_MODE_MASK      0x00700
#define ICR_MODE_FIXED     0x00000
#define ICR_MODE_NMI       0x00400
#define ICR_DEST_LOGICAL   0x00800
#define ICR_SHORTHAND_MASK 0xc0000

#define CLOCK_PAIRING_WALL 0

/* KVM-MSR: bits that must be zero */
#define STEAL_RESERVED    0x3e
#define ASYNC_PF_RESERVED 0x30
#define ASYNC_PF_INT_MASK 0xff
#define WORD_UNALIGNED    0x3

static struct kvm_hypercall_result returns(s64 ret)
{
	return (struct kvm_hypercall_result){ .ret = ret };
}

static bool offers(u32 features, unsigned int feature) { return features & BIT(feature); }

/* Of the processors from @min on: ids do not begin again. */
static u64 ipi_word(u64 bits, u32 min)
{
	u32 last = ~min;

	return last < 63 ? bits & bits_mask(last + 1) : bits;
}

/* Bitmap of targets in args 0 and 1, counted from the APIC id in 2; ICR in 3. */
static struct kvm_hypercall_result decode_send_ipi(const u64 *args, bool is_64bit)
{
	struct kvm_hypercall_result r = { .action = KVM_ACTION_SEND_IPI };
	u64 mode = args[3] & ICR_MODE_MASK;

	if (args[3] & (ICR_DEST_LOGICAL | ICR_SHORTHAND_MASK))
		return returns(-KVM_EINVAL);
	if (mode != ICR_MODE_FIXED && mode != ICR_MODE_NMI)
		return returns(0); /* reaches nobody */
	r.ipi_min = (u32)args[2];
	r.ipi_low = ipi_word(is_64bit ? args[0] : args[0] | args[1] << 32, r.ipi_min);
	if (is_64bit) /* else two words of 32 */
		r.ipi_high = ipi_word(args[1], r.ipi_min + 64);
	r.ipi_vector = args[3] & ICR_VECTOR_MASK;
	r.ipi_nmi = mode == ICR_MODE_NMI;
	return r;
}

bool kvm_ipi_next(struct kvm_hypercall_result *ipi, u32 *apic_id)
{
	u64 *word = ipi->ipi_low ? &ipi->ipi_low : &ipi->ipi_high;
	u32 bit;

	if (!*word)
		return false;
	bit = (u32)__builtin_ctzll(*word);
	*word &= *word - 1;
	*apic_id = ipi->ipi_min + bit + (word == &ipi->ipi_high ? 64 : 0);
	return true;
}

static struct kvm_hypercall_result decode_map_gpa(const u64 *args)
{
	u64 frame = args[0] >> PAGE_SHIFT;
	const u64 known = KVM_MAP_GPA_RANGE_ENCRYPTED | KVM_MAP_GPA_RANGE_PAGE_SZ_MASK;

	if (args[0] % PAGE_SIZE || !args[1] || frame + args[1] <= frame)
		return returns(-KVM_EINVAL);
	if (args[2] & ~known)
		return returns(-KVM_EINVAL);
	return (struct kvm_hypercall_result){
		.action = KVM_ACTION_MAP_GPA,
		.gpa = args[0],
		.page_count = args[1],
		.encrypted = args[2] & KVM_MAP_GPA_RANGE_ENCRYPTED,
	};
}

static struct kvm_hypercall_result decode_clock(const u64 *args)
{
	if (args[1] != CLOCK_PAIRING_WALL)
		return returns(-KVM_EOPNOTSUPP);
	return (struct kvm_hypercall_result){ .action = KVM_ACTION_CLOCK, .gpa = args[0] };
}

struct kvm_hypercall_result kvm_hypercall_decode(const struct kvm_hypercall *call, u32 features)
{
	u64 mask = call->is_64bit ? ~U64_C(0) : bits_mask(32);
	u64 args[4];

	for (unsigned int i = 0; i < 4; i++)
		args[i] = call->args[i] & mask;
	if (call->cpl)
		return returns(-KVM_EPERM);
	switch (call->nr & mask) {
	case KVM_HC_VAPIC_POLL_IRQ:
		return (struct kvm_hypercall_result){ .action = KVM_ACTION_POLL_IRQ };
	case KVM_HC_CLOCK_PAIRING: return decode_clock(args);
	case KVM_HC_SEND_IPI:
		if (offers(features, KVM_FEATURE_PV_SEND_IPI))
			return decode_send_ipi(args, call->is_64bit);
		break;
	case KVM_HC_SCHED_YIELD:
		if (offers(features, KVM_FEATURE_PV_SCHED_YIELD))
			return (struct kvm_hypercall_result){ .action = KVM_ACTION_YIELD,
							      .apic_id = (u32)args[0] };
		break;
	case KVM_HC_MAP_GPA_RANGE:
		if (offers(features, KVM_FEATURE_HC_MAP_GPA_RANGE))
			return decode_map_gpa(args);
		break;
	}
	return returns(-KVM_ENOSYS);
}

/* The feature bit that offers @msr, or -1. */
static int msr_feature(u32 msr)
{
	switch (msr) {
	case MSR_KVM_WALL_CLOCK_NEW:
	case MSR_KVM_SYSTEM_TIME_NEW: return KVM_FEATURE_CLOCKSOURCE2;
	case MSR_KVM_STEAL_TIME: return KVM_FEATURE_STEAL_TIME;
	case MSR_KVM_PV_EOI_EN: return KVM_FEATURE_PV_EOI;
	case MSR_KVM_ASYNC_PF_EN: return KVM_FEATURE_ASYNC_PF;
	case MSR_KVM_ASYNC_PF_INT:
	case MSR_KVM_ASYNC_PF_ACK: return KVM_FEATURE_ASYNC_PF_INT;
	case MSR_KVM_MIGRATION_CONTROL: return KVM_FEATURE_MIGRATION_CONTROL;
	default: return -1;
	}
}

bool kvm_msr_known(u32 msr, u32 features)
{
	int feature = msr_feature(msr);

	return feature >= 0 && offers(features, (unsigned int)feature);
}

static bool async_pf_valid(u64 value, u32 features)
{
	u64 reserved = ASYNC_PF_RESERVED;

	if (!offers(features, KVM_FEATURE_ASYNC_PF_INT))
		reserved |= KVM_ASYNC_PF_DELIVERY_AS_INT;
	return !(value & reserved);
}

bool kvm_msr_valid(u32 msr, u64 value, u32 features)
{
	if (!kvm_msr_known(msr, features))
		return false;
	switch (msr) {
	case MSR_KVM_PV_EOI_EN: return !(value & WORD_UNALIGNED & ~(u64)KVM_MSR_ENABLED);
	case MSR_KVM_STEAL_TIME: return !(value & STEAL_RESERVED);
	case MSR_KVM_ASYNC_PF_EN: return async_pf_valid(value, features);
	case MSR_KVM_ASYNC_PF_INT: return !(value & ~(u64)ASYNC_PF_INT_MASK);
	case MSR_KVM_MIGRATION_CONTROL: return !(value & ~(u64)KVM_MSR_ENABLED);
	default: return true;
	}
}

/* Brings the frequency into (1, 2] GHz, where the factor fills all 32 bits. */
void kvm_clock_scale(u64 tsc_khz, u32 *mul, s8 *shift)
{
	u64 hz = tsc_khz * 1000;

	*shift = 0;
	*mul = 0;
	if (!hz)
		return;
	for (; hz > 2 * NS_PER_SEC; hz >>= 1)
		(*shift)--;
	for (; hz <= NS_PER_SEC; hz <<= 1)
		(*shift)++;
	*mul = (u32)((NS_PER_SEC << 32) / hz);
}

u64 kvm_clock_ns(u64 tsc_delta, u32 mul, s8 shift)
{
	u64 scaled = shift < 0 ? tsc_delta >> -shift : tsc_delta << shift;

	return (u64)(((unsigned __int128)scaled * mul) >> 32);
}

/* A structure with its u32 version at @version_offset, by the version protocol. */
static int write_versioned(kvm_write_t write, void *context, u64 gpa, u32 *version, void *data,
			   size_t size, size_t version_offset)
{
	u32 *inside = (u32 *)(void *)((u8 *)data + version_offset);
	int error;

	*inside = *version + 1;
	error = write(context, gpa + version_offset, inside, sizeof(*inside));
	if (error)
		return error;
	error = write(context, gpa, data, size);
	if (error)
		return error;
	*version += 2;
	*inside = *version;
	return write(context, gpa + version_offset, inside, sizeof(*inside));
}

int kvm_clock_write(kvm_write_t write, void *context, u64 gpa, u32 *version,
		    const struct kvm_clock *clock)
{
	struct pvclock_vcpu_time_info info = {
		.tsc_timestamp = clock->tsc,
		.system_time = clock->ns,
		.tsc_to_system_mul = clock->mul,
		.tsc_shift = clock->shift,
		.flags = clock->flags,
	};

	return write_versioned(write, context, gpa, version, &info, sizeof(info),
			       offsetof(struct pvclock_vcpu_time_info, version));
}

int kvm_wall_clock_write(kvm_write_t write, void *context, u64 gpa, u32 *version, u32 sec, u32 nsec)
{
	struct pvclock_wall_clock wall = { .sec = sec, .nsec = nsec };

	return write_versioned(write, context, gpa, version, &wall, sizeof(wall),
			       offsetof(struct pvclock_wall_clock, version));
}

int kvm_steal_write(kvm_write_t write, void *context, u64 gpa, u32 *version, u64 steal_ns,
		    bool preempted)
{
	struct kvm_steal_time steal = { .steal = steal_ns, .preempted = preempted };

	return write_versioned(write, context, gpa, version, &steal, sizeof(steal),
			       offsetof(struct kvm_steal_time, version));
}

s64 kvm_clock_pairing_write(kvm_write_t write, void *context, u64 gpa, s64 sec, s64 nsec, u64 tsc)
{
	const struct kvm_clock_pairing pairing = { .sec = sec, .nsec = nsec, .tsc = tsc };

	return write(context, gpa, &pairing, sizeof(pairing)) ? -KVM_EFAULT : 0;
}
