/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See space.h.
 */
#include "monitor/hardware/nested/space.h"

#include "abi/svm.h"
#include "lib/compiler.h"
#include "monitor/hardware/l1/device.h"
#include "monitor/hardware/l1/frame.h"
#include "monitor/hardware/l1/l1.h"
#include "monitor/hardware/nested/l1_npt.h"
#include "monitor/hardware/nested/rmp_check.h"
#include "monitor/machine/memory.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/smp.h"
#include "monitor/svm/stop.h"

#define SPACES_EACH 8 /* of a processor */
#define FIRST_ASID  2 /* of QEMU's; 1 is L1's */

/*
 * Of a frame, below the address where it is mapped: by which space; that several have it there; or
 * that it is not at one address.
 */
#define OWNER_SPACE(owner) ((owner) % PAGE_SIZE - 1)
#define OWNER_SEVERAL      0xffe
#define OWNER_MANY         0xfff

static struct nested_space *spaces; /* SPACES_EACH by processor */
static unsigned int space_count;
static u64 *owners; /* of each frame of the machine; 0: nobody maps it */
static u64 frame_count;
static u64 clock;

/* What a guest finds where L1 has nothing, or the monitor's memory. */
static __aligned_page const u8 nothing[PAGE_SIZE] = { [0 ... PAGE_SIZE - 1] = 0xff };

void nested_space_init(u64 page_count)
{
	space_count = guest.cpu_count * SPACES_EACH;
	spaces = memory_alloc(space_count * sizeof(*spaces));
	owners = memory_alloc(page_count * sizeof(*owners));
	frame_count = page_count;
}

static bool is_made(const struct nested_space *s) { return s->npt.asid; }

static void init(struct nested_space *s)
{
	s->npt.alias_bit = L1_ALIAS_BIT;
	s->npt.asid = FIRST_ASID + (u32)(s - spaces);
	npt_init(&s->npt);
}

static struct nested_space *of_cpu(const struct vcpu *v) { return &spaces[v->id * SPACES_EACH]; }

static struct nested_space *find(struct nested_space *own, u32 asid)
{
	for (unsigned int i = 0; i < SPACES_EACH; i++)
		if (own[i].asid == asid)
			return &own[i];
	return NULL;
}

static struct nested_space *oldest(struct nested_space *own)
{
	struct nested_space *old = &own[0];

	for (unsigned int i = 1; i < SPACES_EACH; i++)
		if (own[i].used < old->used)
			old = &own[i];
	return old;
}

struct nested_space *nested_space_get(struct nested *n)
{
	struct nested_space *own = of_cpu(n->host->v), *s = find(own, n->asid);

	if (!s) {
		s = oldest(own);
		if (is_made(s))
			npt_drop(&s->npt);
		else
			init(s);
		s->asid = n->asid;
	}
	s->used = ++clock;
	return s;
}

/*
 * What L1's tables at context->ncr3 say of what @entries map, from @gpa on. To read them may take
 * pages out of a 2M that @entries mapped, which then is a table that is shown next.
 */
static bool recheck(void *context, u64 gpa, u64 *entries, unsigned int count)
{
	u64 step = count == 1 ? PAGE_2M_SIZE : PAGE_SIZE;
	const struct l1_npt_run run = l1_npt_run(*(const u64 *)context, gpa);
	bool cleared = false;

	if (count == 1 && !(entries[0] & PTE_PS))
		return false;
	for (unsigned int i = 0; i < count; i++, gpa += step) {
		if (entries[i] && !l1_npt_still(&run, gpa, entries[i], step)) {
			entries[i] = 0;
			cleared = true;
		}
	}
	return cleared;
}

void nested_space_flush(struct nested_space *s, u64 ncr3) { npt_visit(&s->npt, recheck, &ncr3); }

static void drop(struct nested_space *s)
{
	if (s && is_made(s))
		npt_drop(&s->npt);
}

void nested_flush(u32 asid)
{
	if (asid)
		drop(find(of_cpu(smp_here()), asid));
}

void nested_flush_everywhere(u32 asid)
{
	for (unsigned int i = 0; i < space_count; i++)
		if (spaces[i].asid == asid)
			drop(&spaces[i]);
}

void nested_flush_others(const struct nested *n)
{
	struct nested_space *own = of_cpu(n->host->v);

	for (unsigned int i = 0; i < SPACES_EACH; i++)
		if (&own[i] != n->space)
			drop(&own[i]);
}

/* Who has it, where @was had it before. */
static u64 owner_of(u64 was, u64 gpa, u64 space)
{
	if (!was || was == gpa + space)
		return gpa + space;
	return align_down(was, (u64)PAGE_SIZE) == gpa && was != OWNER_MANY ? gpa + OWNER_SEVERAL
									   : OWNER_MANY;
}

static void own(const struct nested_space *s, u64 gpa, u64 pa, u64 size)
{
	u64 space = (u64)(s - spaces) + 1;

	for (; size; gpa += PAGE_SIZE, pa += PAGE_SIZE, size -= PAGE_SIZE) {
		u64 *o = &owners[pa >> PAGE_SHIFT];

		if (pa >> PAGE_SHIFT < frame_count)
			*o = owner_of(*o, gpa, space);
	}
}

static bool forget(void *context, u64 gpa, u64 *entries, unsigned int count)
{
	u64 pa = *(const u64 *)context, step = count == 1 ? PAGE_2M_SIZE : PAGE_SIZE;
	bool cleared = false;

	(void)gpa;
	for (unsigned int i = 0; i < count; i++) {
		if (entries[i] && pa - (entries[i] & PTE_ADDR_MASK) < step) {
			entries[i] = 0;
			cleared = true;
		}
	}
	return cleared;
}

static void forget_in(struct nested_space *s, u64 owner, u64 pa)
{
	if (!is_made(s))
		return;
	if (owner == OWNER_MANY)
		npt_visit(&s->npt, forget, &pa);
	else
		npt_unmap(&s->npt, align_down(owner, (u64)PAGE_SIZE), PAGE_SIZE);
}

static void forget_page(u64 pa)
{
	u64 owner = owners[pa >> PAGE_SHIFT];

	owners[pa >> PAGE_SHIFT] = 0;
	if (!owner)
		return;
	if (OWNER_SPACE(owner) < space_count) {
		forget_in(&spaces[OWNER_SPACE(owner)], owner, pa);
		return;
	}
	for (unsigned int i = 0; i < space_count; i++)
		forget_in(&spaces[i], owner, pa);
}

void nested_forget(u64 pa, u64 size)
{
	for (u64 end = pa + size; pa < end && pa >> PAGE_SHIFT < frame_count; pa += PAGE_SIZE)
		forget_page(pa);
}

static bool refuse(struct nested *n, const struct nested_fault *fault)
{
	if (!n->fault.kind)
		n->fault = *fault;
	return false;
}

/*
 * By whose key the frame of an access is reached, and what else the mapping may do. The processor
 * fetches and walks by the guest's key whatever the C-bit says (APM2 15.34.5), which a mapping
 * cannot tell from data: such a page of the shared view is not written, but by a walk.
 */
static u32 key_of(const struct nested *n, enum npt_view view, u64 info, bool *write, bool *execute)
{
	bool private = info & NPF_ENC;

	if (!n->mode)
		return 0;
	*execute &= private;
	*write &= view == NPT_PRIVATE || !private || info & NPF_W;
	return private ? n->asid : 0;
}

/* Tables that are left go to whoever runs; where nobody else has any, it begins again with none. */
static void make_room(const struct nested *n)
{
	while (npt_is_short()) {
		struct nested_space *old = NULL;

		for (unsigned int i = 0; i < space_count; i++)
			if (&spaces[i] != n->space && spaces[i].used &&
			    (!old || spaces[i].used < old->used))
				old = &spaces[i];
		npt_drop(old ? &old->npt : &n->space->npt);
		smp_flush(); /* its tables are free from then on */
		if (!old)
			return;
		old->used = 0;
	}
}

static void map(struct nested *n, enum npt_view view, const struct nested_fault *f,
		const struct l1_npt_leaf *leaf, const struct rmp_allowed *allowed)
{
	u64 size = PAGE_SIZE, pa = leaf->pa, gpa = f->gpa;
	bool is_nothing = page_is_own(pa) || l1_device_has(pa);
	bool write = leaf->write && allowed->write && !is_nothing;
	bool execute = leaf->execute && allowed->execute;
	u32 key = key_of(n, view, f->info, &write, &execute);

	if (!n->space->used) /* another processor has taken its tables */
		n->space->used = ++clock;
	make_room(n);
	if (!is_nothing && l1_has(pa, 1))
		(void)l1_frame(pa, key);
	if (leaf->size >= PAGE_2M_SIZE && allowed->large && l1_frame_is_plain_2m(pa) &&
	    page_class_is_uniform_2m(pa, PAGE_RAM))
		size = PAGE_2M_SIZE;
	gpa = align_down(gpa, size);
	pa = align_down(pa, size);
	npt_map(&n->space->npt, view, gpa, is_nothing ? (u64)nothing : pa, size, write, execute);
	if (!is_nothing)
		own(n->space, gpa, pa, size);
}

bool nested_fill(struct nested *n, u64 address, u64 info)
{
	u64 alias = n->mode ? n->space->npt.alias_bit : 0;
	struct rmp_allowed allowed;
	struct l1_npt_leaf leaf;
	struct nested_fault f = { NESTED_FAULT_NPF, address & ~alias, info };
	bool seen = address & alias || (alias && vcpu_always_private(&n->l2));

	f.info &= ~(NPF_P | NPF_RSV);
	if (alias && (seen || info & (NPF_I | NPF_TABLE_WALK)))
		f.info |= NPF_ENC;
	if (!l1_npt_walk(n->ncr3, f.gpa, &f.info, &leaf) || !rmp_check(n, &leaf, &f, &allowed)) {
		if (n->mode < NESTED_SNP)
			f.info &= ~(u64)NPF_ENC;
		return refuse(n, &f);
	}
	if (!npt_reaches(&n->space->npt, f.gpa))
		stop_crashed(&n->l2, "a page beyond what its nested tables reach here");
	map(n, seen ? NPT_PRIVATE : NPT_SHARED, &f, &leaf, &allowed);
	return true;
}

static u64 info_of(enum access_kind kind)
{
	switch (kind) {
	case ACCESS_READ: return NPF_FINAL | NPF_U;
	case ACCESS_WRITE: return NPF_FINAL | NPF_U | NPF_W;
	case ACCESS_EXECUTE: return NPF_FINAL | NPF_U | NPF_I;
	case ACCESS_WALK: return NPF_TABLE_WALK | NPF_U | NPF_W;
	}
	return 0;
}

/* The processor's fetches and walks are private whatever the C-bit says: APM2 15.34.5 */
void *nested_page(struct vcpu *l2, u64 address, enum access_kind kind)
{
	struct nested *n = nested_of(l2);
	u64 alias = n->mode ? n->space->npt.alias_bit : 0, gpa = address & ~alias, host;
	bool private = alias && (address & alias || kind == ACCESS_EXECUTE || kind == ACCESS_WALK ||
				 vcpu_always_private(l2));
	enum npt_view view = private ? NPT_PRIVATE : NPT_SHARED;
	bool write = kind == ACCESS_WRITE || kind == ACCESS_WALK;

	if (npt_reaches(&n->space->npt, gpa) && npt_find(&n->space->npt, view, gpa, write, &host))
		return host_pointer(host);
	if (nested_fill(n, private ? gpa | alias : gpa, info_of(kind)) &&
	    npt_find(&n->space->npt, view, gpa, write, &host))
		return host_pointer(host);
	return NULL;
}
