/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's page tables are walked as the processor would: every format and page size, rights,
 * and the C-bit, which belongs to the result. Who looks on judges nothing.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../../monitor/svm/walk.c"

#define CBIT        BIT(51)
#define MEMORY_SIZE 0x500000
#define CR4_PSE_BIT 0x10

static _Alignas(4096) u8 memory[MEMORY_SIZE];
static struct vmcb vmcb;
static struct npt npt;
static struct vcpu cpu = { .vmcb = &vmcb, .npt = &npt };
static unsigned int judged; /* pages of which the state was asked */

void *page_of_guest(struct vcpu *v, u64 address, enum access_kind kind)
{
	if (v->page)
		return v->page(v, address, kind);
	address &= ~CBIT;
	judged++;
	return address < MEMORY_SIZE ? memory + address : NULL;
}

/* All but what is above 4 MiB is mapped. */
void *page_peek(struct vcpu *v, u64 address, enum access_kind kind)
{
	(void)v;
	(void)kind;
	address &= ~CBIT;
	return address < 0x400000 ? memory + address : NULL;
}

static void put64(u64 at, u64 value) { memcpy(memory + at, &value, sizeof(value)); }
static void put32(u64 at, u32 value) { memcpy(memory + at, &value, sizeof(value)); }

static struct vmsa *mode(u64 efer, u64 cr4, u64 cr3)
{
	memset(memory, 0, sizeof(memory));
	memset(&vmcb, 0, sizeof(vmcb));
	vmcb.save.efer = efer;
	vmcb.save.cr0 = CR0_PE | CR0_PG | CR0_WP;
	vmcb.save.cr4 = cr4;
	vmcb.save.cr3 = cr3;
	vmcb.save.cs.attrib = SEG_ATTRIB_CODE64;
	return &vmcb.save;
}

static u64 must(u64 linear, enum access_kind kind, bool supervisor)
{
	u64 address;
	u32 code;

	assert(!walk(&cpu, linear, kind, supervisor, &address, &code));
	return address;
}

static u32 must_fault(u64 linear, enum access_kind kind, bool supervisor)
{
	u64 address;
	u32 code;

	assert(walk(&cpu, linear, kind, supervisor, &address, &code) == -E_FAULT);
	return code;
}

#define TABLE (PTE_P | PTE_W | PTE_U | CBIT)

static void long_mode(unsigned int levels)
{
	struct vmsa *s = mode(EFER_LME | EFER_LMA | EFER_NXE,
			      CR4_PAE | (levels == 5 ? CR4_LA57 : 0), 0x1000 | CBIT);
	u64 at = 0x1000;

	for (unsigned int level = levels; level > 2; level--, at += 0x1000)
		put64(at, (at + 0x1000) | TABLE);
	put64(at, (at + 0x1000) | TABLE);
	put64(at + 8, 0x600000 | PTE_P | PTE_PS | CBIT); /* 2M, supervisor, read-only */
	put64(at + 0x1000 + 5 * 8, 0x7000 | PTE_P | PTE_W | PTE_U | PTE_NX);
	put64(at + 0x1000 + 6 * 8, 0x8000 | TABLE);
	assert(must(0x5123, ACCESS_READ, true) == 0x7123); /* shared: no C-bit in the leaf */
	assert(must(0x6123, ACCESS_WRITE, true) == (0x8123 | CBIT));
	assert(must(0x212345, ACCESS_READ, true) == (0x612345 | CBIT));
	assert(must_fault(0x9000, ACCESS_READ, true) == 0);
	assert(must_fault(0x5000, ACCESS_EXECUTE, true) == (PF_P | PF_I));
	assert(must_fault(0x212345, ACCESS_WRITE, true) == (PF_P | PF_W));
	s->cr0 &= ~(u64)CR0_WP;
	assert(must(0x212345, ACCESS_WRITE, true) == (0x612345 | CBIT));
	s->cpl = 3;
	assert(must_fault(0x212345, ACCESS_READ, false) == (PF_P | PF_U));
	assert(must_fault(0x9000, ACCESS_WRITE, false) == (PF_W | PF_U));
	assert(must(0x5000, ACCESS_WRITE, false) == 0x7000);
	put64(0x1000, 0x40000000 | TABLE); /* a table where no memory is */
	assert(must_fault(0x5000, ACCESS_READ, true) == 0);
}

static void pae(void)
{
	struct vmsa *s = mode(0, CR4_PAE, 0x1020);

	put64(0x1020 + 3 * 8, 0x2000 | PTE_P); /* the top level grants all rights */
	put64(0x2000 + 511 * 8, 0x3000 | PTE_P | PTE_W | PTE_U);
	put64(0x3000 + 511 * 8, 0x5000 | PTE_P | PTE_W | PTE_U);
	assert(must(0xffffffff, ACCESS_WRITE, true) == 0x5fff);
	s->cpl = 3;
	assert(must(0xfffff000, ACCESS_WRITE, false) == 0x5000);
}

static void two_levels(void)
{
	struct vmsa *s = mode(0, CR4_PSE_BIT, 0x1000);

	put32(0x1000 + 1 * 4, 0x2000 | PTE_P | PTE_W);
	put32(0x2000 + 2 * 4, 0x6000 | PTE_P);
	put32(0x1000 + 2 * 4, 0x00c00000 | PTE_P | PTE_PS);
	assert(must(0x402345, ACCESS_READ, true) == 0x6345);
	assert(must_fault(0x402345, ACCESS_WRITE, true) == (PF_P | PF_W));
	assert(must(0x812345, ACCESS_READ, true) == 0xc12345);
	s->cr4 = 0; /* without PSE the bit means nothing: a table without memory */
	assert(must_fault(0x812345, ACCESS_READ, true) == 0);
}

static void no_paging(void)
{
	mode(0, 0, 0)->cr0 = CR0_PE;
	assert(must(0x1234, ACCESS_WRITE, true) == 0x1234);
}

static void copies(void)
{
	u64 from[2] = { 0x1111, 0x2222 }, to[2] = { 0 };
	u32 code;

	mode(EFER_LME | EFER_LMA, CR4_PAE, 0x1000);
	put64(0x1000, 0x2000 | TABLE);
	put64(0x2000, 0x3000 | TABLE);
	put64(0x3000, 0x4000 | TABLE);
	put64(0x4000 + 1 * 8, 0x9000 | TABLE);
	put64(0x4000 + 2 * 8, 0x7000 | TABLE);
	assert(!walk_write(&cpu, 0x1ff8, from, sizeof(from), &code)); /* over the page's end */
	assert(!memcmp(memory + 0x9ff8, &from[0], 8) && !memcmp(memory + 0x7000, &from[1], 8));
	assert(!walk_read(&cpu, 0x1ff8, to, sizeof(to), &code) && !memcmp(from, to, sizeof(to)));
	assert(walk_read(&cpu, 0x2ff8, to, sizeof(to), &code) == -E_FAULT && code == 0);
}

/* Up to the page's end and no further, then the next page, if it is there. */
static void fetches(void)
{
	u8 bytes[WALK_FETCH_ROOM];
	u64 address;
	u32 code;

	copies();
	memory[0x9ffd] = 0x0f;
	memory[0x7000] = 0xa2;
	vmcb.save.rip = 0x1ffd;
	judged = 0;
	assert(walk_fetch(&cpu, bytes, 0, &address, &code) == 3 && bytes[0] == 0x0f);
	assert(judged == 5); /* four tables and the page */
	assert(walk_fetch(&cpu, bytes, 3, &address, &code) == 15 && bytes[3] == 0xa2);
	vmcb.save.rip = 0x2fff;
	assert(walk_fetch(&cpu, bytes, 0, &address, &code) == 1);
	assert(walk_fetch(&cpu, bytes, 1, &address, &code) == 1);
	assert(address == 0x3000 && code == 0);
	vmcb.save.rip = 0x1ff1;
	assert(walk_fetch(&cpu, bytes, 0, &address, &code) == 15);
	vmcb.save.rip = 0x1100;
	assert(walk_fetch(&cpu, bytes, 0, &address, &code) == 15);
}

/* Nobody sees it, and where nothing is mapped nothing happens. */
static void touches(void)
{
	static u8 before[MEMORY_SIZE];

	copies();
	memory[0x9ffd] = 0x0f;
	memcpy(before, memory, sizeof(before));
	vmcb.save.rip = 0x1ffd;
	walk_touch_text(&cpu);
	vmcb.save.rip = 0x3000;
	walk_touch_text(&cpu);
	assert(!memcmp(before, memory, sizeof(before)));
}

static bool walks_anew(u64 linear, u64 expected)
{
	judged = 0;
	assert(must(linear, ACCESS_READ, true) == expected);
	return judged != 0;
}

/* What was found before counts as long as a walk would find the same. */
static void keeps(void)
{
	struct vmsa *s = &vmcb.save;

	copies();
	npt_note_change(&npt, 0, PAGE_SIZE);
	assert(walks_anew(0x2123, CBIT | 0x7123));
	assert(!walks_anew(0x2456, CBIT | 0x7456));
	npt_note_change(&npt, 0x3000, PAGE_SIZE); /* a table's state */
	assert(walks_anew(0x2123, CBIT | 0x7123) && !walks_anew(0x2123, CBIT | 0x7123));
	put64(0x4000 + 2 * 8, 0x9000 | TABLE); /* no INVLPG, no exit */
	assert(walks_anew(0x2123, CBIT | 0x9123) && !walks_anew(0x2123, CBIT | 0x9123));
	put64(0x1000, 0x2000 | TABLE | PTE_A); /* in any level, any bit */
	assert(walks_anew(0x2123, CBIT | 0x9123) && !walks_anew(0x2123, CBIT | 0x9123));
	put64(0x4000 + 2 * 8, 0x9000 | (TABLE & ~PTE_P));
	assert(must_fault(0x2123, ACCESS_READ, true) == 0);
	put64(0x4000 + 2 * 8, 0x9000 | (TABLE & ~PTE_W));
	assert(walks_anew(0x2123, CBIT | 0x9123));
	assert(must_fault(0x2123, ACCESS_WRITE, true) == (PF_P | PF_W)); /* other rights */
	s->cpl = 3;
	judged = 0;
	assert(must(0x2123, ACCESS_READ, false) == (CBIT | 0x9123) && judged == 4);
	s->cpl = 0;
	s->cr0 &= ~(u64)CR0_WP;
	assert(walks_anew(0x2123, CBIT | 0x9123));
	s->cr4 |= CR4_SMEP;
	assert(walks_anew(0x2123, CBIT | 0x9123));
	s->efer |= EFER_NXE;
	assert(walks_anew(0x2123, CBIT | 0x9123));
	memcpy(memory + 0xa000, memory + 0x1000, 0x1000);
	s->cr3 = 0xa000;
	assert(walks_anew(0x2123, CBIT | 0x9123) && !walks_anew(0x2123, CBIT | 0x9123));
	s->cr0 &= ~(u64)CR0_PG;
	assert(must(0x2123, ACCESS_READ, true) == 0x2123);
}

static bool reads_anew(u64 linear)
{
	u64 word;
	u32 code;

	judged = 0;
	assert(!walk_read(&cpu, linear, &word, sizeof(word), &code) && word == linear);
	return judged != 0;
}

/* Whether a change of @size bytes from @gpa on has the page at @linear judged anew, once. */
static bool is_hit(u64 gpa, u64 size, u64 linear)
{
	bool hit;

	npt_note_change(&npt, gpa, size);
	hit = reads_anew(linear);
	assert(!reads_anew(linear));
	return hit;
}

/* A page's state counts where a table or the page itself may have changed, not elsewhere. */
static void keeps_by_state(void)
{
	const u64 linear = 0x3000, page = 0x400000;
	struct npt other = { 0 };

	copies();
	put64(0x4000 + 3 * 8, page | TABLE);
	put64(page, linear);
	assert(reads_anew(linear) && !reads_anew(linear));
	assert(!is_hit(0x200000, PAGE_SIZE, linear) && !is_hit(0x3ff000, PAGE_SIZE, linear));
	assert(!is_hit(0x600000, PAGE_2M_SIZE, linear) && !is_hit(0x200000, PAGE_2M_SIZE, linear));
	assert(is_hit(0, PAGE_SIZE, linear) && is_hit(0x1ff000, PAGE_SIZE, linear));
	assert(is_hit(page, PAGE_SIZE, linear) && is_hit(page, PAGE_2M_SIZE, linear));
	assert(is_hit(0x3ff000, 2 * PAGE_SIZE, linear) && is_hit(0x200000, BIT(40), linear));
	assert(is_hit(page + BIT(30), PAGE_SIZE, linear)); /* not told apart */
	npt_note_change(&npt, 0x200000, PAGE_SIZE);
	npt_note_change(&npt, 0, PAGE_SIZE);
	npt_note_change(&npt, 0x200000, PAGE_SIZE); /* what came last hides nothing */
	assert(reads_anew(linear) && !reads_anew(linear));
	assert(must(0x3000, ACCESS_WRITE, true) == (CBIT | page));
	npt_note_change(&npt, page, PAGE_SIZE); /* where it is depends on the tables alone */
	judged = 0;
	assert(must(0x3000, ACCESS_WRITE, true) == (CBIT | page) && !judged);
	cpu.npt = &other; /* as many changes, of another space */
	other.changes = npt.changes;
	assert(reads_anew(linear));
	cpu.npt = &npt;
}

/* What is looked at is not judged, and is judged all the same when it is used later. */
static void looks_on(void)
{
	const u64 linear = 0x3008;

	copies();
	put64(0x4000 + 3 * 8, 0x300000 | TABLE);
	put64(0x300008, linear);
	judged = 0;
	assert(*(const u64 *)walk_peek(&cpu, linear) == linear && !walk_peek(&cpu, BIT(40)));
	assert(!judged && !cpu.page);
	put64(0x4000 + 3 * 8, 0x400000 | TABLE);
	assert(!walk_peek(&cpu, linear) && !judged);
	put64(0x400008, linear);
	assert(reads_anew(linear));
}

int main(void)
{
	long_mode(4);
	long_mode(5);
	pae();
	two_levels();
	no_paging();
	copies();
	fetches();
	touches();
	keeps();
	keeps_by_state();
	looks_on();
	return 0;
}
