/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See check.h: the guest's segments. Spec: SDM3 27.3.1.2 and 27.3.1.3.
 */
#include "monitor/hardware/vmx/check.h"

#include "abi/x86.h"
#include "monitor/hardware/vmx/capability.h"

#define SELECTOR_TI  0x4
#define SELECTOR_RPL 0x3
/* Types of segments, system and other */
#define TYPE_LDT      2
#define TYPE_TSS_16   3
#define TYPE_TSS      11
#define TYPE_DATA     3 /* read and write, accessed */
#define TYPE_DATA_DN  7 /* ... and expanding down */
#define TYPE_ACCESSED BIT(0)
#define TYPE_READABLE BIT(1)
#define TYPE_CONFORMS BIT(2)
#define TYPE_CODE     BIT(3)

#define V86_RIGHTS 0xf3

struct segment {
	u64 selector, base, limit, rights;
};

#define SEGMENT(f, name)                                                                           \
	{                                                                                          \
		(f)->guest_##name##_selector, (f)->guest_##name##_base, (f)->guest_##name##_limit, \
			(f)->guest_##name##_rights                                                 \
	}

static u64 type_of(const struct segment *s) { return s->rights & VMX_AR_TYPE_MASK; }

static u64 dpl_of(const struct segment *s) { return s->rights >> VMX_AR_DPL_SHIFT & 3; }

static u64 rpl_of(const struct segment *s) { return s->selector & SELECTOR_RPL; }

static bool is_usable(const struct segment *s) { return !(s->rights & VMX_AR_UNUSABLE); }

/* Limits that G = 0 and G = 1 cannot have. */
static bool limit_is_legal(const struct segment *s)
{
	if ((s->limit & 0xfff) != 0xfff && s->rights & VMX_AR_G)
		return false;
	return !(s->limit >> 20) || s->rights & VMX_AR_G;
}

static bool v86_is_legal(const struct segment *s)
{
	return s->base == s->selector << 4 && s->limit == 0xffff && s->rights == V86_RIGHTS;
}

static const char *check_code(const struct vmcs_fields *f, const struct segment *cs,
			      const struct segment *ss)
{
	bool unrestricted = vmx_secondary(f) & VMX_SECONDARY_UNRESTRICTED;
	u64 type = type_of(cs), dpl = dpl_of(cs);

	VMX_RULE((type & (TYPE_CODE | TYPE_ACCESSED)) == (TYPE_CODE | TYPE_ACCESSED) ||
			 (unrestricted && type == TYPE_DATA),
		 "CS type");
	VMX_RULE(cs->rights & VMX_AR_S && cs->rights & VMX_AR_P, "CS rights");
	if (type == TYPE_DATA)
		VMX_RULE(!dpl, "CS DPL of a data segment");
	else if (type & TYPE_CONFORMS)
		VMX_RULE(dpl <= dpl_of(ss), "CS DPL above SS's");
	else
		VMX_RULE(dpl == dpl_of(ss), "CS DPL is not SS's");
	VMX_RULE(!(f->entry_controls & VMX_CTL_ENTRY_64 && cs->rights & VMX_AR_L &&
		   cs->rights & VMX_AR_D),
		 "CS with L and D");
	VMX_RULE(!(cs->rights & VMX_AR_RESERVED), "CS reserved rights");
	VMX_RULE(limit_is_legal(cs), "CS limit");
	return NULL;
}

static const char *check_stack(const struct vmcs_fields *f, const struct segment *cs,
			       const struct segment *ss)
{
	bool unrestricted = vmx_secondary(f) & VMX_SECONDARY_UNRESTRICTED;

	VMX_RULE(unrestricted || rpl_of(ss) == rpl_of(cs), "SS RPL is not CS's");
	VMX_RULE(unrestricted || dpl_of(ss) == rpl_of(ss), "SS DPL is not its RPL");
	VMX_RULE(!(type_of(cs) == TYPE_DATA || !(f->guest_cr0 & CR0_PE)) || !dpl_of(ss), "SS DPL");
	if (!is_usable(ss))
		return NULL;
	VMX_RULE(type_of(ss) == TYPE_DATA || type_of(ss) == TYPE_DATA_DN, "SS type");
	VMX_RULE(ss->rights & VMX_AR_S && ss->rights & VMX_AR_P, "SS rights");
	VMX_RULE(!(ss->rights & VMX_AR_RESERVED), "SS reserved rights");
	VMX_RULE(limit_is_legal(ss), "SS limit");
	return NULL;
}

static const char *check_data(const struct vmcs_fields *f, const struct segment *s)
{
	u64 type = type_of(s);

	if (!is_usable(s))
		return NULL;
	VMX_RULE(type & TYPE_ACCESSED && (!(type & TYPE_CODE) || type & TYPE_READABLE),
		 "data segment's type");
	VMX_RULE(s->rights & VMX_AR_S && s->rights & VMX_AR_P, "data segment's rights");
	VMX_RULE(vmx_secondary(f) & VMX_SECONDARY_UNRESTRICTED || type > 11 ||
			 dpl_of(s) >= rpl_of(s),
		 "data segment's DPL");
	VMX_RULE(!(s->rights & VMX_AR_RESERVED), "data segment's reserved rights");
	VMX_RULE(limit_is_legal(s), "data segment's limit");
	return NULL;
}

static const char *check_tr(const struct vmcs_fields *f, const struct segment *tr)
{
	bool is_64 = f->entry_controls & VMX_CTL_ENTRY_64;
	u64 type = type_of(tr);

	VMX_RULE(!(tr->selector & SELECTOR_TI), "TR selector");
	VMX_RULE(vmx_is_canonical(tr->base), "TR base");
	VMX_RULE(type == TYPE_TSS || (type == TYPE_TSS_16 && !is_64), "TR type");
	VMX_RULE(!(tr->rights & VMX_AR_S) && tr->rights & VMX_AR_P && is_usable(tr), "TR rights");
	VMX_RULE(!(tr->rights & VMX_AR_RESERVED), "TR reserved rights");
	VMX_RULE(limit_is_legal(tr), "TR limit");
	return NULL;
}

static const char *check_ldtr(const struct segment *ldtr)
{
	if (!is_usable(ldtr))
		return NULL;
	VMX_RULE(!(ldtr->selector & SELECTOR_TI), "LDTR selector");
	VMX_RULE(vmx_is_canonical(ldtr->base), "LDTR base");
	VMX_RULE(type_of(ldtr) == TYPE_LDT, "LDTR type");
	VMX_RULE(!(ldtr->rights & VMX_AR_S) && ldtr->rights & VMX_AR_P, "LDTR rights");
	VMX_RULE(!(ldtr->rights & VMX_AR_RESERVED), "LDTR reserved rights");
	VMX_RULE(limit_is_legal(ldtr), "LDTR limit");
	return NULL;
}

/* CS and SS, then ES, DS, FS, GS */
#define CODE_DATA 6

static const char *check_bases(const struct segment s[CODE_DATA])
{
	VMX_RULE(!(s[0].base >> 32), "CS base");
	for (unsigned int i = 1; i < 4; i++)
		VMX_RULE(!is_usable(&s[i]) || !(s[i].base >> 32), "base of SS, ES or DS");
	VMX_RULE(vmx_is_canonical(s[4].base) && vmx_is_canonical(s[5].base), "base of FS or GS");
	return NULL;
}

static const char *check_code_and_data(const struct vmcs_fields *f)
{
	const struct segment s[CODE_DATA] = { SEGMENT(f, cs), SEGMENT(f, ss), SEGMENT(f, es),
					      SEGMENT(f, ds), SEGMENT(f, fs), SEGMENT(f, gs) };
	const char *rule = check_bases(s);

	if (rule)
		return rule;
	if (f->guest_rflags & RFLAGS_VM) {
		for (unsigned int i = 0; i < CODE_DATA; i++)
			VMX_RULE(v86_is_legal(&s[i]), "segment of virtual-8086 mode");
		return NULL;
	}
	rule = check_code(f, &s[0], &s[1]);
	if (!rule)
		rule = check_stack(f, &s[0], &s[1]);
	for (unsigned int i = 2; i < CODE_DATA && !rule; i++)
		rule = check_data(f, &s[i]);
	return rule;
}

const char *vmx_check_segments(const struct vmcs_fields *f)
{
	const struct segment tr = SEGMENT(f, tr), ldtr = SEGMENT(f, ldtr);
	const char *rule = check_code_and_data(f);

	if (!rule)
		rule = check_tr(f, &tr);
	if (!rule)
		rule = check_ldtr(&ldtr);
	if (rule)
		return rule;
	VMX_RULE(vmx_is_canonical(f->guest_gdtr_base) && vmx_is_canonical(f->guest_idtr_base),
		 "base of GDTR or IDTR");
	VMX_RULE(!(f->guest_gdtr_limit >> 16) && !(f->guest_idtr_limit >> 16),
		 "limit of GDTR or IDTR");
	return NULL;
}
