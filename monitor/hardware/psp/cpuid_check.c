/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The CPUID page of a launch: what a host may tell its guest of the processor. SNP-FW 8.17 (CPUID
 * page), by the policy that the PPR gives for each leaf (family 19h, 2.1.5.3).
 */
#include "lib/compiler.h"
#include "monitor/hardware/psp/firmware.h"

#define LEAF_XSTATE   0xd
#define ANY           0xff /* sub-leaf */
#define XSTATE_LEGACY 0x240
#define XSTATE_FIRST  2
#define XSTATE_END    63

/* What a register must be, against the processor's: */
enum rule {
	U, /* anything */
	E, /* equal */
	M, /* no bit that is not there */
	L, /* at most that number */
	B, /* each byte at most */
	H, /* each half at most */
	F, /* family, model, stepping: none that is newer */
	X, /* as M, with x87 and SSE */
	S, /* the size of an XSAVE area of XCR0_IN */
	C, /* the same, compacted */
	V, /* EBX of the SEV leaf: as E, but for the count of VMPLs: at most */
};

struct policy {
	u32 leaf;
	u32 subleaf;
	u8 rule[4];             /* EAX, EBX, ECX, EDX */
	u32 free_ebx, free_ecx; /* bits that are not looked at: the processor's state shows there */
};

/* A leaf that is in no row must be all zeros. */
static const struct policy policies[] = {
	{ 0x00000000, ANY, { L, U, U, U }, 0, 0 },
	{ 0x00000001, 0, { F, E, M, M }, ~0xff00u, BIT(27) | BIT(31) }, /* OSXSAVE, hypervisor */
	{ 0x00000002, ANY, { U, U, U, U }, 0, 0 },
	{ 0x00000004, ANY, { U, U, U, U }, 0, 0 },
	{ 0x00000005, ANY, { U, U, U, U }, 0, 0 },
	{ 0x00000006, 0, { M, E, M, E }, 0, 0 },
	{ 0x00000007, 0, { L, M, M, M }, 0, BIT(4) }, /* OSPKE */
	{ 0x00000007, ANY, { M, M, M, M }, 0, 0 },
	{ 0x0000000b, ANY, { U, U, U, U }, 0, 0 },
	{ 0x0000000d, 0, { X, S, U, E }, 0, 0 },
	{ 0x0000000d, 1, { M, C, M, M }, 0, 0 },
	{ 0x0000000d, ANY, { E, E, E, E }, 0, 0 },
	{ 0x80000000, ANY, { L, U, U, U }, 0, 0 },
	{ 0x80000001, ANY, { F, U, M, M }, 0, 0 },
	{ 0x80000002, ANY, { U, U, U, U }, 0, 0 },
	{ 0x80000003, ANY, { U, U, U, U }, 0, 0 },
	{ 0x80000004, ANY, { U, U, U, U }, 0, 0 },
	{ 0x80000005, ANY, { U, U, U, U }, 0, 0 },
	{ 0x80000006, ANY, { U, U, U, U }, 0, 0 },
	{ 0x80000007, ANY, { E, M, U, M }, 0, 0 },
	{ 0x80000008, ANY, { B, M, U, H }, 0, 0 },
	{ 0x8000000a, ANY, { U, U, E, M }, 0, 0 },
	{ 0x80000019, ANY, { U, U, E, E }, 0, 0 },
	{ 0x8000001a, ANY, { U, E, E, E }, 0, 0 },
	{ 0x8000001b, ANY, { M, E, E, E }, 0, 0 },
	{ 0x8000001d, ANY, { U, U, U, U }, 0, 0 },
	{ 0x8000001e, ANY, { U, U, U, U }, 0, 0 },
	{ 0x8000001f, ANY, { M, V, U, U }, 0xfc0, 0 }, /* the address bits that the key takes */
	{ 0x80000021, ANY, { M, U, E, E }, 0, 0 },
	{ 0x80000026, ANY, { U, U, U, U }, 0, 0 },
};

static struct cpuid_values real(const struct psp_machine *m, u32 leaf, u32 subleaf)
{
	return m->cpuid(m->context, leaf, subleaf);
}

static u32 xstate_size(const struct psp_machine *m, u64 features, bool compacted)
{
	u32 size = XSTATE_LEGACY;

	for (u32 i = XSTATE_FIRST; i < XSTATE_END; i++) {
		struct cpuid_values v;

		if (!(features & BIT(i)))
			continue;
		v = real(m, LEAF_XSTATE, i);
		if (compacted)
			size = (v.ecx & 2 ? align_up(size, 64U) : size) + v.eax;
		else if (v.eax + v.ebx > size)
			size = v.eax + v.ebx;
	}
	return size;
}

/* Family, model and stepping, as a number that grows with each in this order: APM3 E.3.2 */
static u32 fms_order(u32 eax)
{
	u32 family = (u32)(bits_get(eax, 27, 20) + bits_get(eax, 11, 8));
	u32 model = (u32)(bits_get(eax, 19, 16) << 4 | bits_get(eax, 7, 4));

	return family << 16 | model << 4 | (u32)bits_get(eax, 3, 0);
}

/* Each field of @width bits at most that of @limit. */
static u32 at_most(u32 value, u32 limit, unsigned int width)
{
	u32 result = 0;

	for (unsigned int low = 0; low < 32; low += width) {
		u64 a = bits_get(value, low + width - 1, low);
		u64 b = bits_get(limit, low + width - 1, low);

		result |= (u32)((a < b ? a : b) << low);
	}
	return result;
}

/* What @value may be at most like, where the processor has @limit. */
static u32 corrected(const struct psp_machine *m, enum rule rule, const struct snp_cpuid_fn *fn,
		     u32 value, u32 limit)
{
	switch (rule) {
	case U: return value;
	case E: return limit;
	case M: return value & limit;
	case L: return value < limit ? value : limit;
	case B: return at_most(value, limit, 8);
	case H: return at_most(value, limit, 16);
	case F: return fms_order(value) > fms_order(limit) || value & 0xf000f000 ? limit : value;
	case X: return (value & limit) | 3;
	case S: return xstate_size(m, fn->xcr0_in, false);
	case C: return xstate_size(m, fn->xcr0_in | fn->xss_in, true);
	case V: return (limit & 0xffff0fff) | at_most(value & 0xf000, limit & 0xf000, 32);
	}
	return 0;
}

static bool apply(u32 *reg, u32 wanted, u32 unchecked)
{
	u32 value = (*reg & unchecked) | (wanted & ~unchecked);
	bool same = *reg == value;

	*reg = value;
	return same;
}

static const struct policy *policy_of(const struct snp_cpuid_fn *fn)
{
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++)
		if (policies[i].leaf == fn->eax_in &&
		    (policies[i].subleaf == fn->ecx_in || policies[i].subleaf == ANY))
			return &policies[i];
	return NULL;
}

static bool check(const struct psp_machine *m, struct snp_cpuid_fn *fn)
{
	const struct policy *p = policy_of(fn);
	struct cpuid_values v = real(m, fn->eax_in, fn->ecx_in);
	bool ok = !fn->reserved;

	if (!p) {
		ok = ok && !(fn->eax | fn->ebx | fn->ecx | fn->edx);
		fn->eax = fn->ebx = fn->ecx = fn->edx = 0;
		return ok;
	}
	ok &= apply(&fn->eax, corrected(m, p->rule[0], fn, fn->eax, v.eax), 0);
	ok &= apply(&fn->ebx, corrected(m, p->rule[1], fn, fn->ebx, v.ebx), p->free_ebx);
	ok &= apply(&fn->ecx, corrected(m, p->rule[2], fn, fn->ecx, v.ecx), p->free_ecx);
	ok &= apply(&fn->edx, corrected(m, p->rule[3], fn, fn->edx, v.edx), 0);
	return ok;
}

u32 psp_cpuid_check(const struct psp_machine *machine, struct snp_cpuid_page *page)
{
	bool ok = true;

	if (page->reserved_0x4 || page->reserved_0x8 || page->count > SNP_CPUID_COUNT_MAX)
		return PSP_INVALID_PARAM;
	for (u32 i = 0; i < page->count; i++)
		if (!(page->fn[i].eax_in & 0x7fff0000))
			ok &= check(machine, &page->fn[i]);
	return ok ? PSP_SUCCESS : PSP_INVALID_PARAM;
}
