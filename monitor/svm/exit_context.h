/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One exit: the instruction that the guest left at, fetched and decoded once, and what it takes to
 * have executed it. SVM tells neither its bytes nor its length (TCG has no decode assists and no
 * NRIP save), and a length is never assumed: any instruction may have prefixes.
 */
#pragma once

#include "abi/ghcb.h" /* exit codes */
#include "monitor/svm/insn.h"
#include "monitor/svm/walk_cache.h"

struct vcpu;

struct exit_context {
	bool is_fetched;
	bool is_fault; /* of the fetch: there is no such instruction any more */
	u8 count;      /* of bytes */
	u8 bytes[16];  /* room for two quadwords: INSN_LENGTH_MAX count */
	u64 fault_address;
	u32 fault_code;
	struct insn insn;
	/* Of the last exit that its bytes did not explain, and how many in a row were alike */
	u64 missed_rip;
	u8 missed_bytes[16];
	unsigned int misses;
};

/* Sets of two, the newest first: a loop over two exits finds both, wherever they lie. */
#define EXIT_KNOWN_SETS 32

/*
 * An instruction that the guest has left at before. It is known as long as a fetch now would come
 * to the same bytes by the same walk: who writes it, whoever that is, need not be seen.
 */
struct exit_known {
	u64 rip, cs_base;
	u16 cs_attrib;
	u8 cpl;
	struct walk_translation text; /* of its page; zeroes: nothing is known here */
	const u8 *at;                 /* 16 bytes there, from it on, or the last ones with it */
	u8 around[16];                /* ... as they were */
	u8 bytes[16]; /* of it, and what follows in the page: @count of them count */
	u8 count;
	struct insn insn;
};

/* RIP is at another instruction: what was found of the last is over. */
static inline void exit_begin(struct exit_context *e) { e->is_fetched = false; }

/* That of the code segment. */
enum insn_mode exit_mode(const struct vcpu *v);

/*
 * The instruction at CS:RIP; INSN_UNKNOWN where it is none of insn.h's or cannot be fetched. Never
 * looks at a page that the instruction does not reach.
 */
const struct insn *exit_insn(struct vcpu *v);

/*
 * After exit_finish(): whether the next instruction is VMGEXIT, by the bytes that came with the
 * last one, without a look at more. Then it is this exit's. @rdmsr: an RDMSR is likely behind it.
 */
bool exit_next_is_vmgexit(struct vcpu *v, bool *rdmsr);

/*
 * More of its bytes, of which exit_insn() fetched what it needed to know it: those up to the end of
 * the next page that it reaches. False: there are none.
 */
bool exit_fetch(struct vcpu *v);

/*
 * Whether the instruction is one that exits with @code, so that it can be executed for the guest.
 * False: it is not, since another processor changed it or its page tables after this one had
 * fetched it. Then the guest does what it would have done by fetching it again: it takes the #PF or
 * #UD that has been injected, or executes what is there now.
 */
bool exit_is(struct vcpu *v, u64 code);
/* The same for what exits with the code of one of @kinds: BIT(INSN_...), not LOCKED or UNKNOWN. */
bool exit_is_of(struct vcpu *v, u64 kinds);
/* ... by code, whatever the operands are; 0: that depends on them, or it is no instruction's. */
#define EXIT_KINDS 0x90
extern const u64 exit_kinds[EXIT_KINDS];
/* ... of RDMSR or WRMSR, by EXITINFO1 */
static inline u64 exit_kind_of_msr(u64 info) { return BIT(INSN_RDMSR) << (info & 1); }
/* exit_is() of port I/O, for those who know that it is. */
bool exit_is_port(struct vcpu *v);
/*
 * For who finds otherwise that the instruction is not the one that has left: true, and the guest is
 * to be let at it again, to execute what is there now. False: it has been, often enough, and they
 * are the same bytes, so that nobody changes them.
 */
bool exit_anew(struct vcpu *v);

/*
 * The instruction has been executed: RIP moves past it, RF and the interrupt shadow end, and with
 * TF the guest takes its #DB (APM2 8.2.2, 13.1.4; KVM's kvm_skip_emulated_instruction()).
 */
void exit_finish(struct vcpu *v);
/* The same of a repetition that has not been the last: RIP stays, and TF traps all the same. */
void exit_repeat(struct vcpu *v);

/* TCG reports some instructions under their neighbour's code: the bytes decide. */
u64 exit_code_of(struct vcpu *v, u64 code);
static inline u64 exit_true_code(struct vcpu *v, u64 code)
{
	return code == SVM_EXIT_WBINVD || code == SVM_EXIT_RDTSC ? exit_code_of(v, code) : code;
}

/*
 * The linear address that the instruction reads or (@write) writes, which SVM does not report;
 * false: its operand is not in memory, or the bytes are gone, or outside of 64-bit mode it is no
 * INSN_STORE.
 */
bool exit_operand(struct vcpu *v, bool write, u64 *linear);

/*
 * The linear address of the @size bytes that an instruction 0F xx reads, in any mode. False: the
 * guest has been told that there are none.
 */
bool exit_read_address(struct vcpu *v, unsigned int size, u64 *linear);

/* The instruction's bytes as one number, in the order of memory: 0x0f01d9. For the transcript. */
u64 exit_opcode(struct vcpu *v);

/* What an INSN_STORE writes, of its operand's size. */
u64 exit_store_value(struct vcpu *v);
