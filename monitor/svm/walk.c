/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See walk.h. Tables are read through the private view whatever C-bit points to them, as the
 * processor's walker does. Accessed bits are left as they are; the guest cannot rely on them here.
 */
#include "monitor/svm/walk.h"

#include "abi/x86.h"
#include "lib/compiler.h"
#include "lib/string.h"
#include "monitor/svm/pages.h"

/* Segment attributes as the VMCB packs them */
#define SEG_L           0x200
#define SEG_DB          0x400
#define CR4_PSE         0x10
#define PTE32_ADDR_MASK U64_C(0xfffff000)

struct format {
	unsigned int levels;
	unsigned int index_bits; /* of all levels but the top one of PAE */
	unsigned int entry_size;
	bool nx;
};

static struct format walk_format(const struct vmsa *s)
{
	bool nx = s->efer & EFER_NXE;

	if (s->efer & EFER_LMA)
		return (struct format){ s->cr4 & CR4_LA57 ? 5 : 4, 9, 8, nx };
	if (s->cr4 & CR4_PAE)
		return (struct format){ 3, 9, 8, nx };
	return (struct format){ 2, 10, 4, false };
}

static int fault(u32 *error_code, u32 code)
{
	*error_code = code;
	return -E_FAULT;
}

/* Reads the entry of @linear in the table at @table; 0 where the table is nowhere. */
static u64 read_entry(struct vcpu *v, const struct format *f, u64 table, u64 linear,
		      unsigned int level)
{
	unsigned int shift = PAGE_SHIFT + f->index_bits * (level - 1);
	unsigned int bits = f->levels == 3 && level == 3 ? 2 : f->index_bits;
	u64 at = table + ((linear >> shift) & bits_mask(bits)) * f->entry_size;
	const void *p = page_of_guest(v, at, RMP_WALK);

	if (!p)
		return 0;
	return f->entry_size == 8 ? *(const u64 *)p : *(const u32 *)p;
}

int walk(struct vcpu *v, u64 linear, enum rmp_access_kind kind, bool supervisor, u64 *address,
	 u32 *error_code)
{
	const struct vmsa *s = &v->vmcb->save;
	struct format f = walk_format(s);
	bool user = !supervisor && s->cpl == 3;
	u32 code = (kind == RMP_WRITE ? PF_W : 0) | (user ? PF_U : 0) |
		   (kind == RMP_EXECUTE && f.nx ? PF_I : 0);
	u64 table = s->cr3 & PTE_ADDR_MASK;

	*address = linear;
	if (!(s->cr0 & CR0_PG))
		return 0;
	if (f.levels == 3)
		table = s->cr3 & U64_C(0xffffffe0);
	for (unsigned int level = f.levels;; level--) {
		u64 entry = read_entry(v, &f, table, linear, level);
		bool no_rights = f.levels == 3 && level == 3; /* PAE's top level has none */
		bool large = level > 1 && (entry & PTE_PS) && !no_rights &&
			     (f.entry_size == 8 || s->cr4 & CR4_PSE);
		unsigned int shift = PAGE_SHIFT + f.index_bits * (level - 1);

		if (!(entry & PTE_P))
			return fault(error_code, code);
		if (!no_rights &&
		    ((user && !(entry & PTE_U)) ||
		     (kind == RMP_WRITE && !(entry & PTE_W) && (user || s->cr0 & CR0_WP)) ||
		     (kind == RMP_EXECUTE && f.nx && entry & PTE_NX)))
			return fault(error_code, code | PF_P);
		table = entry & (f.entry_size == 8 ? PTE_ADDR_MASK : PTE32_ADDR_MASK);
		if (large || level == 1) {
			*address = (table & ~bits_mask(shift)) | (linear & bits_mask(shift));
			return 0;
		}
	}
}

static u64 linear_mask(const struct vcpu *v)
{
	return vcpu_long_mode(v) && v->vmcb->save.cs.attrib & SEG_L ? ~U64_C(0) : 0xffffffff;
}

static int copy(struct vcpu *v, u64 linear, void *buffer, size_t size, enum rmp_access_kind kind,
		bool supervisor, u32 *error_code)
{
	while (size) {
		size_t chunk = PAGE_SIZE - linear % PAGE_SIZE;
		u64 address;
		void *p;

		if (chunk > size)
			chunk = size;
		if (walk(v, linear, kind, supervisor, &address, error_code))
			return -E_FAULT;
		p = page_of_guest(v, address, kind);
		if (!p)
			return fault(error_code, PF_P);
		if (kind == RMP_WRITE)
			memcpy(p, buffer, chunk);
		else
			memcpy(buffer, p, chunk);
		linear += chunk;
		buffer = (u8 *)buffer + chunk;
		size -= chunk;
	}
	return 0;
}

int walk_read(struct vcpu *v, u64 linear, void *to, size_t size, u32 *error_code)
{
	return copy(v, linear, to, size, RMP_READ, true, error_code);
}

int walk_write(struct vcpu *v, u64 linear, const void *from, size_t size, u32 *error_code)
{
	return copy(v, linear, (void *)(uintptr_t)from, size, RMP_WRITE, true, error_code);
}

static enum insn_mode code_mode(const struct vcpu *v)
{
	const struct vmcb_seg *cs = &v->vmcb->save.cs;

	if (vcpu_long_mode(v) && cs->attrib & SEG_L)
		return INSN_MODE_64;
	return cs->attrib & SEG_DB ? INSN_MODE_32 : INSN_MODE_16;
}

size_t walk_fetch(struct vcpu *v, u8 bytes[INSN_LENGTH_MAX], bool next_page)
{
	u64 linear = (v->vmcb->save.cs.base + v->vmcb->save.rip) & linear_mask(v);
	size_t first = PAGE_SIZE - linear % PAGE_SIZE;
	u32 error_code;

	if (first > INSN_LENGTH_MAX)
		first = INSN_LENGTH_MAX;
	if (copy(v, linear, bytes, first, RMP_EXECUTE, false, &error_code))
		return 0;
	if (!next_page || first == INSN_LENGTH_MAX ||
	    copy(v, linear + first, bytes + first, INSN_LENGTH_MAX - first, RMP_EXECUTE, false,
		 &error_code))
		return first;
	return INSN_LENGTH_MAX;
}

struct insn walk_insn(struct vcpu *v)
{
	u8 bytes[INSN_LENGTH_MAX];
	size_t count = walk_fetch(v, bytes, false);
	struct insn insn = { .kind = INSN_UNKNOWN };

	if (count)
		insn = insn_identify(bytes, count, code_mode(v));
	if (insn.kind != INSN_UNKNOWN || !count || count == INSN_LENGTH_MAX)
		return insn;
	return insn_identify(bytes, walk_fetch(v, bytes, true), code_mode(v));
}

u64 walk_opcode(struct vcpu *v, unsigned int skipped)
{
	u8 bytes[INSN_LENGTH_MAX];
	unsigned int length;
	u64 opcode = 0;
	size_t count;

	v->vmcb->save.rip -= skipped;
	count = walk_fetch(v, bytes, false);
	v->vmcb->save.rip += skipped;
	length = insn_identify(bytes, count, code_mode(v)).length;
	for (unsigned int i = 0; i < length && i < sizeof(opcode); i++)
		opcode = opcode << 8 | bytes[i];
	return opcode;
}
