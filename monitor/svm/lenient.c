/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See lenient.h. The walker is in the table that a CR3 without the C-bit names, and in each that an
 * entry without it leads to from there: firmware has all of its tables so.
 * Does not: follow an entry with the C-bit to one without, nor tables of 32-bit modes.
 */
#include "monitor/svm/lenient.h"

#include "abi/x86.h"
#include "lib/compiler.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/vcpu.h"

/* What a CR3 without the C-bit names: the walker is there with each instruction. */
static bool is_root(const struct vcpu *v, u64 page)
{
	return page == (v->vmcb->save.cr3 & PTE_ADDR_MASK);
}

static unsigned int root_level(const struct vcpu *v)
{
	if (!vcpu_long_mode(v))
		return 0;
	return v->vmcb->save.cr4 & CR4_LA57 ? 5 : 4;
}

/* Whether the entry at @link leads to the table at @page, by an address without the C-bit. */
static bool leads_to(u64 link, u64 page)
{
	u64 entry = READ_ONCE(*(const u64 *)page_pointer(link));

	return entry & PTE_P && !(entry & PTE_PS) && (entry & PTE_ADDR_MASK) == page;
}

/* Where @page is among the first @count; @count: nowhere. */
static u64 find(const struct lenient_pages *l, u64 count, u64 page)
{
	u64 i = 0;

	while (i < count && l->list[i].page != page)
		i++;
	return i;
}

/* Whether the walker is still there, of those before it in the list that is now @count long. */
static bool is_walked(const struct vcpu *v, const struct lenient_page *p, u64 count)
{
	if (is_root(v, p->page))
		return true;
	return p->link && find(&v->lenient, count, align_down(p->link, (u64)PAGE_SIZE)) < count &&
	       leads_to(p->link, p->page);
}

void lenient_forget(struct vcpu *v)
{
	struct lenient_pages *l = &v->lenient;
	u64 kept = 0;

	for (u64 i = 0; i < l->count; i++) {
		if (is_walked(v, &l->list[i], kept))
			l->list[kept++] = l->list[i];
		else
			npt_unmap_shared(v->npt, l->list[i].page);
	}
	l->count = kept;
}

void lenient_forget_all(struct vcpu *v)
{
	while (v->lenient.count)
		npt_unmap_shared(v->npt, v->lenient.list[--v->lenient.count].page);
}

/* Looks for what leads to @p, which is walked, in the tables before it. */
static void find_link(const struct vcpu *v, struct lenient_page *p)
{
	for (const struct lenient_page *from = v->lenient.list; from < p; from++)
		for (u64 link = from->page; from->level > 1 && link < from->page + PAGE_SIZE;
		     link += sizeof(u64))
			if (leads_to(link, p->page)) {
				p->level = from->level - 1;
				p->link = link;
				return;
			}
}

static void make_room(struct vcpu *v)
{
	lenient_forget(v);
	if (v->lenient.count == LENIENT_PAGES_MAX)
		lenient_forget_all(v);
}

/* It may be there already, and have lost its mapping, or become a table by now. */
void lenient_note(struct vcpu *v, u64 gpa, enum access_kind kind)
{
	struct lenient_pages *l = &v->lenient;
	u64 at = find(l, l->count, gpa);
	struct lenient_page *p;

	if (at == LENIENT_PAGES_MAX) {
		make_room(v);
		at = l->count;
	}
	if (at == l->count)
		l->count++;
	p = &l->list[at];
	*p = (struct lenient_page){ .page = gpa };
	if (is_root(v, gpa))
		p->level = root_level(v);
	else if (kind == ACCESS_WALK)
		find_link(v, p);
}
