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

#define CR4_PSE         0x10
#define PTE32_ADDR_MASK U64_C(0xfffff000)

/* Below a page's address in a tag; the kind of access too. */
#define TAG_KIND 0x0ff
#define TAG_USED 0x100
#define TAG_USER 0x200

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

/* The address of the entry of @linear in the table at @table. */
static u64 entry_of(const struct format *f, u64 table, u64 linear, unsigned int level)
{
	unsigned int shift = PAGE_SHIFT + f->index_bits * (level - 1);
	unsigned int bits = f->levels == 3 && level == 3 ? 2 : f->index_bits;

	return table + ((linear >> shift) & bits_mask(bits)) * f->entry_size;
}

/* Reads it once, and notes what it said: nothing where its table is nowhere. */
static u64 read_entry(struct vcpu *v, struct walk_translation *t, const struct format *f,
		      u64 address)
{
	const void *entry = page_of_guest(v, address, ACCESS_WALK);
	u64 value = 0;

	if (entry)
		value = f->entry_size == 8 ? READ_ONCE(*(const u64 *)entry)
					   : READ_ONCE(*(const u32 *)entry);
	t->levels[t->level_count].entry = entry;
	t->levels[t->level_count].address = address;
	t->levels[t->level_count++].value = value;
	return value;
}

static int walk_tables(struct vcpu *v, u64 linear, enum access_kind kind, bool user,
		       struct walk_translation *t, u32 *error_code)
{
	const struct vmsa *s = &v->vmcb->save;
	struct format f = walk_format(s);
	u32 code = (kind == ACCESS_WRITE ? PF_W : 0) | (user ? PF_U : 0) |
		   (kind == ACCESS_EXECUTE && f.nx ? PF_I : 0);
	u64 table = s->cr3 & PTE_ADDR_MASK;

	t->level_count = 0;
	t->address = linear;
	if (!(s->cr0 & CR0_PG))
		return 0;
	if (f.levels == 3)
		table = s->cr3 & U64_C(0xffffffe0);
	for (unsigned int level = f.levels;; level--) {
		u64 entry = read_entry(v, t, &f, entry_of(&f, table, linear, level));
		bool no_rights = f.levels == 3 && level == 3; /* PAE's top level has none */
		bool large = level > 1 && (entry & PTE_PS) && !no_rights &&
			     (f.entry_size == 8 || s->cr4 & CR4_PSE);
		unsigned int shift = PAGE_SHIFT + f.index_bits * (level - 1);

		if (!(entry & PTE_P))
			return fault(error_code, code);
		if (!no_rights &&
		    ((user && !(entry & PTE_U)) ||
		     (kind == ACCESS_WRITE && !(entry & PTE_W) && (user || s->cr0 & CR0_WP)) ||
		     (kind == ACCESS_EXECUTE && f.nx && entry & PTE_NX)))
			return fault(error_code, code | PF_P);
		table = entry & (f.entry_size == 8 ? PTE_ADDR_MASK : PTE32_ADDR_MASK);
		if (large || level == 1) {
			t->address = (table & ~bits_mask(shift)) | (linear & bits_mask(shift));
			return 0;
		}
	}
}

/* Whether the pages that @t depends on are in the states in which they were judged. */
static bool states_are_current(struct walk_translation *t)
{
	if (t->page && npt_changed_since(t->npt, t->address, t->npt_changes))
		return false;
	for (unsigned int i = 0; i < t->level_count; i++)
		if (npt_changed_since(t->npt, t->levels[i].address, t->npt_changes))
			return false;
	t->npt_changes = t->npt->changes;
	return true;
}

__attribute__((noinline)) bool walk_is_current(const struct vcpu *v, struct walk_translation *t)
{
	return t->npt == v->npt && states_are_current(t) && walk_is_unchanged(v, t);
}

static void set_current(const struct vcpu *v, struct walk_translation *t, u64 tag)
{
	static const u64 no_entry;
	const struct vmsa *s = &v->vmcb->save;

	for (unsigned int i = t->level_count; i < WALK_LEVELS_MAX; i++) {
		t->levels[i].entry = &no_entry;
		t->levels[i].value = 0;
	}
	t->tag = walk_format(s).entry_size == sizeof(u64) ? tag : WALK_CACHE_NOTHING;
	t->cr0 = s->cr0;
	t->cr3 = s->cr3;
	t->cr4 = s->cr4;
	t->efer = s->efer;
	t->npt = v->npt;
	t->npt_changes = v->npt->changes;
}

/* Into the first place of @set. */
static __attribute__((noinline)) struct walk_translation *translate_anew(
	struct vcpu *v, struct walk_translation *set, u64 tag, u32 *error_code)
{
	enum access_kind kind = tag & TAG_KIND;

	if (set->tag != tag)
		set[1] = set[0];
	set->tag = WALK_CACHE_NOTHING;
	set->page = NULL;
	if (walk_tables(v, align_down(tag, (u64)PAGE_SIZE), kind, tag & TAG_USER, set, error_code))
		return NULL;
	set_current(v, set, tag);
	return set;
}

/* The translation of the page of @linear; NULL: a page fault. */
static struct walk_translation *translate(struct vcpu *v, u64 linear, enum access_kind kind,
					  bool supervisor, u32 *error_code)
{
	bool user = !supervisor && v->vmcb->save.cpl == 3;
	u64 page = align_down(linear, (u64)PAGE_SIZE);
	u64 tag = page | TAG_USED | (user ? TAG_USER : 0) | kind;
	struct walk_translation *set = v->walks.sets[(page / PAGE_SIZE + kind) % WALK_CACHE_SETS];

	for (unsigned int i = 0; i < WALK_CACHE_WAYS; i++)
		if (set[i].tag == tag &&
		    (walk_is_unchanged(v, &set[i]) || walk_is_current(v, &set[i])))
			return &set[i];
	return translate_anew(v, set, tag, error_code);
}

int walk(struct vcpu *v, u64 linear, enum access_kind kind, bool supervisor, u64 *address,
	 u32 *error_code)
{
	const struct walk_translation *t = translate(v, linear, kind, supervisor, error_code);

	if (!t)
		return -E_FAULT;
	*address = t->address | linear % PAGE_SIZE;
	return 0;
}

/* What is at @linear, to the end of its page; NULL: a page fault. */
static u8 *reach(struct vcpu *v, u64 linear, enum access_kind kind, bool supervisor,
		 u32 *error_code)
{
	struct walk_translation *t = translate(v, linear, kind, supervisor, error_code);

	if (!t)
		return NULL;
	if (!t->page)
		t->page = page_of_guest(v, t->address, kind);
	if (!t->page) {
		*error_code = PF_P;
		return NULL;
	}
	return t->page + linear % PAGE_SIZE;
}

static int copy(struct vcpu *v, u64 linear, void *buffer, size_t size, enum access_kind kind,
		u32 *error_code)
{
	while (size) {
		size_t chunk = PAGE_SIZE - linear % PAGE_SIZE;
		u8 *p = reach(v, linear, kind, true, error_code);

		if (!p)
			return -E_FAULT;
		if (chunk > size)
			chunk = size;
		if (kind == ACCESS_WRITE)
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
	return copy(v, linear, to, size, ACCESS_READ, error_code);
}

int walk_write(struct vcpu *v, u64 linear, const void *from, size_t size, u32 *error_code)
{
	return copy(v, linear, (void *)(uintptr_t)from, size, ACCESS_WRITE, error_code);
}

/* Nothing of it is kept: what is in the cache has been judged. */
const void *walk_peek(struct vcpu *v, u64 linear)
{
	void *(*const page)(struct vcpu *, u64, enum access_kind) = v->page;
	struct walk_translation t;
	const u8 *found = NULL;
	u32 error_code;

	v->page = page_peek;
	if (!walk_tables(v, align_down(linear, (u64)PAGE_SIZE), ACCESS_READ, false, &t,
			 &error_code))
		found = page_peek(v, t.address, ACCESS_READ);
	v->page = page;
	return found ? found + linear % PAGE_SIZE : NULL;
}

/* Of the byte at CS:RIP + @count. */
static u64 text_address(const struct vcpu *v, size_t count)
{
	u64 mask = vcpu_is_64bit(v) ? ~U64_C(0) : 0xffffffff;

	return (v->vmcb->save.cs.base + v->vmcb->save.rip + count) & mask;
}

const struct walk_translation *walk_of_text(struct vcpu *v)
{
	u32 error_code;
	const struct walk_translation *t =
		translate(v, text_address(v, 0), ACCESS_EXECUTE, false, &error_code);

	return t && t->tag != WALK_CACHE_NOTHING && t->page ? t : NULL;
}

size_t walk_fetch(struct vcpu *v, u8 bytes[WALK_FETCH_ROOM], size_t count, u64 *address,
		  u32 *error_code)
{
	u64 linear = text_address(v, count);
	size_t left = PAGE_SIZE - linear % PAGE_SIZE;
	const u8 *p = reach(v, linear, ACCESS_EXECUTE, false, error_code);

	*address = linear;
	if (!p)
		return count;
	if (!count && left >= WALK_FETCH_ROOM) {
		__builtin_memcpy(bytes, p, WALK_FETCH_ROOM);
		return INSN_LENGTH_MAX;
	}
	if (left > INSN_LENGTH_MAX - count)
		left = INSN_LENGTH_MAX - count;
	memcpy(bytes + count, p, left);
	return count + left;
}

/* Another processor may write at the same time: what it writes stays. */
void walk_touch_text(struct vcpu *v)
{
	u32 error_code;
	u8 *p = reach(v, text_address(v, 0), ACCESS_EXECUTE, false, &error_code), byte;

	if (!p)
		return;
	byte = READ_ONCE(*p);
	(void)__atomic_compare_exchange_n(p, &byte, byte, false, __ATOMIC_SEQ_CST,
					  __ATOMIC_SEQ_CST);
}
