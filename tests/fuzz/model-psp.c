/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever a host does to the security processor's firmware and to the RMP, in whatever order, with
 * whatever in memory: each command has a status of the specification's, and what must always be
 * true stays true. The table's counts are right, it is the firmware's own, no ASID has two guests,
 * and no page that is a guest's can be had by a second one.
 * The suite's run is short and always the same. A long one: the lines below with
 * `-max_total_time=3600 CORPUS` in place of -runs and -seed.
 *
 * RUN: clang @%build/lists/flags-native -fsanitize=fuzzer %s %root/monitor/hardware/psp/[a-z]*.c \
 * RUN:   %root/monitor/hardware/rmp_rules.c %root/monitor/hardware/rmp_table.c \
 * RUN:   %root/monitor/hardware/launch.c %root/monitor/hardware/launch_digest.c \
 * RUN:   %root/monitor/hardware/guest_message.c %root/monitor/hardware/snp_evidence.c %root/monitor/hardware/snp_id_block.c \
 * RUN:   %root/monitor/hardware/snp_key.c %root/monitor/hardware/snp_report.c %root/monitor/hardware/snp_vlek.c %root/model/guid_table.c \
 * RUN:   -isystem %build/bearssl/inc %root/monitor/crypto/crypto.c @%build/lists/bearssl_native \
 * RUN:   %root/lib/sha256.c %root/lib/sha384.c -o %t
 * RUN: %t -seed=1 -runs=700 -max_len=512 -len_control=0 -artifact_prefix=%t- 2>&1
 */
#define RAM      (4 * M1)
#define RMP      (3 * M1)
#define RMP_SIZE M1

#include "../unit/Inputs/psp_machine.h"

#include "Inputs/input.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* Mostly one of a few pages, so that commands meet. */
static u64 place(void)
{
	u8 which = byte();

	if (which < 0x80)
		return (which % 16) * P + 16 * P;
	if (which < 0xa0)
		return 2 * M1;
	if (which < 0xc0)
		return 2 * M1 + (which & 7) * P;
	if (which < 0xd0)
		return RMP + (which & 7) * P;
	return which < 0xe0 ? number(6) : number(2) * P % RAM;
}

static void do_rmpupdate(void)
{
	u8 flags = byte();
	struct rmp_state state = {
		.assigned = flags & 1,
		.page_size = flags >> 1 & 1,
		.immutable = flags >> 2 & 1,
		.asid = flags & 8 ? byte() % 24 : 0,
		.gpa = flags & 16   ? (u64)byte() << 12
		       : flags & 32 ? (u64)byte() << 21
				    : 0,
	};

	rmp_table_update(&table, place() & ~(P - 1), &state);
}

static void do_guest(void)
{
	u32 asid = byte() % 24;
	u64 gpa = (u64)byte() << 12, pa = place() & ~(P - 1), what = byte();

	if (what & 1)
		rmp_table_pvalidate(&table, asid, gpa, pa, what >> 1 & 1, what >> 2 & 1);
	else
		rmp_table_adjust(&table, asid, 0, gpa, pa, what >> 1 & 1, number(3));
}

/* The host writes what it owns only: that is what the RMP is for. */
static void do_store(void)
{
	u64 pa = place(), count = byte() % 64;

	for (u64 i = 0; i < count; i++) {
		struct rmp_access access = { .kind = ACCESS_WRITE };

		if (pa + i < RMP && !rmp_table_check(&table, pa + i, &access))
			ram[pa + i] = byte();
	}
}

/* A command whose buffer begins with an address that is likely to be good. */
static void do_command(void)
{
	static const u8 ids[] = {
#define PSP_COMMAND(id, name, handler, size, buffer) id,
#include "monitor/hardware/psp/commands.def"
#undef PSP_COMMAND
	};
	u8 which = byte();
	u32 id = which < 0xf8 ? ids[which % sizeof(ids)] : which, status;
	u64 at = place(), first = place(), second = place();

	if (at < RMP - 64 && byte() & 1) {
		memcpy(ram + at, &first, sizeof(first));
		memcpy(ram + at + 16, &second, sizeof(second));
		ram[at + 8] = byte();
	}
	status = psp_command(&psp, id, at);
	assert(status <= PSP_RMP_INIT_FAILED);
}

/* A step of a launch as a host makes it, on pages that may be anything by now. */
static void do_launch(void)
{
	u64 gctx = (byte() % 4 + 16) * P, page = (byte() % 12 + 20) * P, at = 12 * P;
	struct snp_cmd_launch_start start = { .gctx_paddr = gctx, .policy = 0x30137 };
	struct snp_cmd_launch_update update = { .gctx_paddr = gctx, .page_paddr = page };
	u32 asid = byte() % 4 + 1;

	switch (byte() % 6) {
	case 0:
		rmp_table_update(&table, gctx,
				 &(struct rmp_state){ .assigned = 1, .immutable = 1 });
		memcpy(ram + at, &gctx, sizeof(gctx));
		psp_command(&psp, 0x93, at);
		break;
	case 1:
		start.policy |= (u64)byte() << 16;
		memcpy(ram + at, &start, sizeof(start));
		psp_command(&psp, 0xa0, at);
		break;
	case 2:
		memcpy(ram + at, &(struct snp_cmd_activate){ gctx, asid, 0 }, 12);
		psp_command(&psp, 0x91, at);
		break;
	case 3:
		rmp_table_update(&table, page,
				 &(struct rmp_state){ .gpa = (u64)byte() << 12,
						      .assigned = 1,
						      .immutable = 1,
						      .asid = asid });
		break;
	case 4:
		update.flags = byte();
		memcpy(ram + at, &update, sizeof(update));
		psp_command(&psp, 0xa1, at);
		break;
	case 5:
		memset(ram + at, 0, 64);
		memcpy(ram + at, &gctx, sizeof(gctx));
		psp_command(&psp, byte() & 1 ? 0xa2 : 0x90, at);
		break;
	}
}

static bool is_large(u64 lo) { return (lo & 3) == 3; }

static void check_counts(void)
{
	static u64 pages[1024];

	memset(pages, 0, sizeof(pages));
	for (u64 head = 0; head < RAM >> 12; head += 512) {
		u64 assigned = 0;

		for (u64 i = head; i < head + 512; i++) {
			u64 lo = table.entries[i].lo;

			if (i != head && lo & RMP_RAW_ASSIGNED)
				assigned++;
			if (lo & RMP_RAW_ASSIGNED && lo & RMP_RAW_ASID)
				pages[bits_get(lo, 60, 51)] += is_large(lo) ? 512 : 1;
			assert(i == head || !is_large(lo));
		}
		assert((table.entries[head].lo & RMP_RAW_SUBPAGES) >> RMP_RAW_SUBPAGES_SHIFT ==
		       assigned);
		assert(!assigned || !is_large(table.entries[head].lo));
	}
	for (unsigned int asid = 1; asid < 1024; asid++)
		assert(table.asid_pages[asid] == pages[asid]);
}

static void check_guests(void)
{
	for (u32 asid = 1; asid <= ASIDS; asid++) {
		unsigned int owners = 0;

		for (unsigned int i = 0; i < PSP_GUEST_COUNT; i++)
			owners += psp.guests[i].kind && psp.guests[i].asid == asid;
		assert(owners == (psp.asids[asid] == PSP_ASID_ALLOCATED ||
				  psp.asids[asid] == PSP_ASID_IN_USE));
	}
}

static void check_table_is_own(void)
{
	for (u64 pa = RMP; psp.rmp_initialized && pa < RMP + RMP_SIZE; pa += P) {
		struct rmp_access access = { .kind = ACCESS_WRITE };

		assert(rmp_table_check(&table, pa, &access) == RMP_FAULT_UNASSIGNED);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	input = data;
	left = size;
	machine_reset();
	if (byte() & 3)
		snp_ready();
	else
		processors.snp = false;
	while (left) {
		switch (byte() % 8) {
		case 0: do_rmpupdate(); break;
		case 1: do_guest(); break;
		case 2: do_store(); break;
		case 3: rmp_table_psmash(&table, place() & ~(M2 - 1)); break;
		case 4: do_launch(); break;
		case 5: psp_wbinvd(&psp, byte() % CPUS); break;
		default: do_command(); break;
		}
	}
	check_counts();
	check_guests();
	check_table_is_own();
	return 0;
}
