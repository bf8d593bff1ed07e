/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reverse map of a whole machine, in the processor's own format and in the host's memory: what
 * a host does to it (RMPUPDATE, PSMASH), what its guests do (PVALIDATE, RMPADJUST), and whether an
 * access is allowed. The rules of one entry are rmp_rules.h's, shared with our own host's guest.
 * Spec: APM2 15.36.3-15.36.10, APM3 RMPUPDATE, PSMASH, PVALIDATE, RMPADJUST; the format is that of
 * the PPR of family 19h (Zen 3 and 4), which Linux reads where there is no RMPREAD.
 *
 *   RMP_BASE  +--------------------------------+
 *             | 16K: a count for each ASID     |
 *             +--------------------------------+
 *             | entry of page 0, 16 bytes      |
 *             | entry of page 1 ...            |
 *   RMP_END   +--------------------------------+
 *
 * In a 2M entry the first page's entry speaks for all 512. SUBPAGES of a 2M's first entry counts
 * how many of its other 511 have an assigned 4K entry: who asks about 2M looks once.
 * Nothing in it is believed: the host may have written anything before SNP was enabled, so every
 * content gives some answer. Addresses are the machine's, without C-bit. Not locked.
 */
#pragma once

#include "abi/bits.h"
#include "lib/errno.h"
#include "monitor/hardware/rmp_rules.h"

#define RMP_BOOKKEEPING_SIZE 0x4000

/*
 * Quadword 0:  63   62        61   60:51  50:12   11:3      2          1          0
 *             |lock|validated|VMSA|ASID  |GPA>>12|SUBPAGES|immutable|page size|assigned|
 * Quadword 1: the permissions of VMPL n in [8n + 7:8n]
 */
#define RMP_RAW_ASSIGNED       BIT(0)
#define RMP_RAW_LARGE          BIT(1)
#define RMP_RAW_IMMUTABLE      BIT(2)
#define RMP_RAW_SUBPAGES_SHIFT 3
#define RMP_RAW_SUBPAGES       (U64_C(0x1ff) << RMP_RAW_SUBPAGES_SHIFT)
#define RMP_RAW_GPA            (U64_C(0x7fffffffff) << PAGE_SHIFT)
#define RMP_RAW_ASID_SHIFT     51
#define RMP_RAW_ASID           (U64_C(0x3ff) << RMP_RAW_ASID_SHIFT)
#define RMP_RAW_VMSA           BIT(61)
#define RMP_RAW_VALIDATED      BIT(62)
#define RMP_RAW_LOCK           BIT(63) /* firmware's, or in use by VMRUN */

/* What the firmware writes where a page that the I/O MMU stores to has no guest's address. */
#define RMP_IOMMU_GPA ((U64_C(2) << 36 | 1) << PAGE_SHIFT)

struct rmp_raw {
	u64 lo;
	u64 hi;
};
ABI_SIZE(struct rmp_raw, 16);

/* RMPUPDATE's operand: APM3 */
struct rmp_state {
	u64 gpa;
	u8 assigned;
	u8 page_size; /* RMP_PG_SIZE_* */
	u8 immutable;
	u8 reserved_0xb;
	u32 asid;
};
ABI_SIZE(struct rmp_state, 16);

/* EAX of RMPUPDATE and PSMASH: APM3 */
#define RMPUPDATE_SUCCESS         0
#define RMPUPDATE_FAIL_INPUT      1
#define RMPUPDATE_FAIL_PERMISSION 2
#define RMPUPDATE_FAIL_INUSE      3
#define RMPUPDATE_FAIL_OVERLAP    4
#define PSMASH_FAIL_INPUT         1
#define PSMASH_FAIL_PERMISSION    2
#define PSMASH_FAIL_INUSE         3
#define PSMASH_FAIL_BADADDR       4

struct rmp_table {
	u64 *asid_pages; /* the bookkeeping: 4K pages that each ASID has assigned */
	struct rmp_raw *entries;
	u64 page_count; /* pages that have an entry; the others are the host's for good */
	u64 base, size; /* of the table itself, in the machine's memory */
};

/* @memory: the @size bytes of the table, which the machine has at @base. -E_INVAL: too small. */
must_check int rmp_table_init(struct rmp_table *table, void *memory, u64 base, u64 size);

/* The entry that speaks for the page at @pa: in a 2M entry the first of its 2M; NULL: none. */
struct rmp_raw *rmp_table_entry(const struct rmp_table *table, u64 pa);

/* The same, as rmp_rules.h has it; 0 where there is none. */
u32 rmp_table_word(const struct rmp_table *table, u64 pa);

/* Gives an entry of the table, firmware's too, new contents but for SUBPAGES, and counts anew. */
void rmp_table_write(struct rmp_table *table, struct rmp_raw *entry, u64 lo, u64 hi);

/* Whether no page of the 2M around @pa is assigned. */
bool rmp_table_free_2m(const struct rmp_table *table, u64 pa);

/* Whether [@pa, @pa + @size) meets the table itself. */
bool rmp_table_covers_itself(const struct rmp_table *table, u64 pa, u64 size);

static inline u64 rmp_raw_gpa(const struct rmp_raw *e) { return e->lo & RMP_RAW_GPA; }
static inline u32 rmp_raw_asid(const struct rmp_raw *e)
{
	return (e->lo & RMP_RAW_ASID) >> RMP_RAW_ASID_SHIFT;
}

/* The host's instructions; @pa is RAX. Status for EAX. */
u32 rmp_table_update(struct rmp_table *table, u64 pa, const struct rmp_state *state);
u32 rmp_table_psmash(struct rmp_table *table, u64 pa);

/* Who makes an access, and through what. */
struct rmp_access {
	u32 asid; /* 0: the host, and guests without SNP */
	unsigned int vmpl;
	u64 gpa;
	bool shared; /* C-bit clear; ACCESS_EXECUTE and ACCESS_WALK ignore it: APM2 15.34.5 */
	bool large;  /* the nested mapping is of 2M or more */
	enum access_kind kind;
};

/*
 * Whether @access may touch the page at @pa: APM2 table 15-39. A host may read everything, and
 * write where all of the mapping is the host's. A private access of an SNP guest needs a page that
 * is assigned to its ASID for that GPA, of the mapping's size (else RMP_FAULT_SIZE), validated,
 * and permitted to its VMPL.
 */
enum rmp_fault rmp_table_check(const struct rmp_table *table, u64 pa,
			       const struct rmp_access *access);

/*
 * A guest's instructions, by a processor of @asid at @vmpl whose address has been translated to
 * @gpa and @pa; operands as in rmp_rules.h. A fault: nothing changed. RMP_FAULT_SIZE is a nested
 * page fault with SIZEM and RMP; RMP_FAULT_UNASSIGNED one with RMP. RDX and CF by rmp_change.
 */
struct rmp_change rmp_table_pvalidate(struct rmp_table *table, u32 asid, u64 gpa, u64 pa, u64 size,
				      bool validate);
struct rmp_change rmp_table_adjust(struct rmp_table *table, u32 asid, unsigned int vmpl, u64 gpa,
				   u64 pa, u64 size, u64 attributes);

/*
 * VMRUN of the VMSA at @pa for @asid takes it into use, an exit gives it back. Into use: whether it
 * is an assigned, validated 4K VMSA page of that ASID which no processor runs on.
 */
bool rmp_table_vmsa_begin(struct rmp_table *table, u64 pa, u32 asid);
void rmp_table_vmsa_end(struct rmp_table *table, u64 pa);

/*
 * The same of a page of the host's that an exit stores to: a VMCB, or the VMSA of a guest without
 * SNP. Into use: whether it is the host's, and no processor runs on it. APM2 table 15-41
 */
bool rmp_table_host_begin(struct rmp_table *table, u64 pa);
void rmp_table_host_end(struct rmp_table *table, u64 pa);
