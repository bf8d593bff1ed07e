/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of monitor-fuzz.c: one stream of draws a processor, all from the seed; a place where an
 * instruction may do what it likes; pages whose state is known; and a list of cases.
 */
#pragma once

#include "abi/bits.h"
#include "monitor/machine/memory.h"

#define FUZZ_PAGES 1024 /* of the arena, 2M-aligned */
/* Pages of the window, in one page table, with nothing between those that have a name. */
#define FUZZ_SLOTS     4 /* whose entries say anything; the last one shows that table */
#define FUZZ_CODE      5
#define FUZZ_USER_CODE 7
#define FUZZ_USER_DATA 9

/* A page of the arena, as the guest made it. */
enum fuzz_page {
	FUZZ_PRIVATE,  /* and accepted */
	FUZZ_UNUSABLE, /* private; not accepted, or what it says of itself is not sure */
	FUZZ_SHARED,
};

struct fuzz {
	unsigned int cpu;
	u64 random;
	u64 exits;   /* asked for, at least */
	u64 rare;    /* a draw that may well end the guest comes once in so many; 0: never */
	u64 verbose; /* the first case that is told on the console */
	u64 cases;
	bool is_wrmsr; /* what is in the sandbox */
	u8 *arena;
	u8 *code;    /* a page of it that is mapped twice in the window */
	u64 window;  /* pages of its own: see above */
	u64 ram_end; /* behind this guest's memory: the monitor's */
	u8 pages[FUZZ_PAGES];
};

/* Draws */
u64 fuzz_random(struct fuzz *f);
u64 fuzz_below(struct fuzz *f, u64 limit);
static inline bool fuzz_one_in(struct fuzz *f, u64 n) { return !fuzz_below(f, n); }
/* Whether to do what probably ends the guest, by name. */
bool fuzz_rare(struct fuzz *f);
/* A number at which something may change: near a power of two, an address, a size, or any. */
u64 fuzz_number(struct fuzz *f);
/* @value, mostly as it is. */
u64 fuzz_bend(struct fuzz *f, u64 value);
/* An access of 1, 2, 4 or 8 bytes. */
unsigned int fuzz_size(struct fuzz *f);
#define fuzz_pick(f, array) ((array)[fuzz_below((f), sizeof(array) / sizeof((array)[0]))])

/* Places */
u64 fuzz_page(struct fuzz *f);                          /* of the arena: its index */
u64 fuzz_page_in(struct fuzz *f, enum fuzz_page state); /* FUZZ_PAGES: there is none */
static inline u64 fuzz_gpa(const struct fuzz *f, u64 page)
{
	return (u64)(uintptr_t)f->arena + page * PAGE_SIZE;
}
u64 fuzz_device(struct fuzz *f); /* a guest-physical address that is no RAM of ours */
u16 fuzz_port(struct fuzz *f, bool write);
/* What can be written to @gpa without that this guest stops: no INIT of itself. */
u64 fuzz_device_value(struct fuzz *f, u64 gpa, u64 value);
/* New entries for the window's slots, as page states are now; whether there is a device. */
bool fuzz_slots(struct fuzz *f);
u32 fuzz_msr(struct fuzz *f);
u64 fuzz_msr_value(struct fuzz *f, u32 msr, u64 old);

static inline u64 fuzz_slot(const struct fuzz *f, u64 slot) { return f->window + slot * PAGE_SIZE; }

/* Nothing of the monitor's is in what it answered. */
void fuzz_look(u64 value);
void fuzz_look_at(const volatile void *data, u64 size);
bool fuzz_has_seen(void);

/* Cases: each makes its exits and counts them. */
void fuzz_ghcb(struct fuzz *f);
void fuzz_ghcb_msr(struct fuzz *f);
void fuzz_page_state(struct fuzz *f);
void fuzz_tdcall(struct fuzz *f);
void fuzz_tdvmcall(struct fuzz *f);
void fuzz_td_pages(struct fuzz *f);
void fuzz_hypercall(struct fuzz *f);
void fuzz_pci(struct fuzz *f);
void fuzz_tables(struct fuzz *f);
void fuzz_system_insn(struct fuzz *f);
void fuzz_user_insn(struct fuzz *f);
