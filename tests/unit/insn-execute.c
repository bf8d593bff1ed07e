/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each instruction has the effect on a device's memory, the registers and the flags that the
 * processor itself gives it on ordinary memory: random instructions out of all opcode maps, random
 * operands, the same every time; flags that the manual leaves undefined are not looked at. A device
 * sees one read, one write or one of both, in the operand's size, and nothing beside it.
 * RUN: %unit-cc -O1 -I%S/Inputs %s %root/paravirt/emulate/insn.c %root/paravirt/emulate/insn_map.c %root/lib/format.c \
 * RUN:   %root/paravirt/emulate/insn_compute.c %root/paravirt/emulate/insn_shift.c %root/paravirt/emulate/insn_bits.c -o %t
 * Others: run the program by hand with a seed and a number of instructions.
 */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "insn-machine.h"
#include "insn-sample.h"
#include "lib/cpu.h"

#define read_cr3 fake_read_cr3
#define read_cr4 fake_read_cr4
#define rdmsr    fake_rdmsr
static u64 fake_read_cr3(void) { return 0; }
static u64 fake_read_cr4(void) { return 0; }
static u64 fake_rdmsr(u32 msr);
#include "../../paravirt/emulate/emulate.c"
#include "../../paravirt/emulate/emulate_memory.c"
#include "../../paravirt/emulate/emulate_mmio.c"
#include "../../paravirt/emulate/emulate_string.c"
#include "../../paravirt/emulate/emulate_vector.c"

const char __text_start[1], __text_end[1];
struct platform platform;

/* ---- the device: its contents while they are emulated, and what was asked of it */

#define DEVICE_GPA 0xd0000000

static u8 device[PAGE_SIZE];
static unsigned int reads, writes;

static u64 fake_rdmsr(u32 msr) { return msr == MSR_GS_BASE ? GS_BASE : 0; }

int pagewalk(pa_t root, unsigned int levels, u64 private_mask, u64 shared_mask, va_t address,
	     struct pagewalk *result)
{
	u64 offset = address.value - (u64)(uintptr_t)arena;

	(void)root, (void)levels, (void)private_mask, (void)shared_mask;
	if (offset >= PAGES * PAGE_SIZE)
		return -E_FAULT;
	result->private = offset / PAGE_SIZE != DEVICE_PAGE;
	result->address = pa(DEVICE_GPA + offset % PAGE_SIZE);
	return 0;
}

bool memory_map_is_ours(u64 address) { return (void)address, false; }

static u8 *device_at(pa_t address, unsigned int size)
{
	u64 offset = address.value - DEVICE_GPA;

	if (offset + size > PAGE_SIZE || (size != 1 && size != 2 && size != 4 && size != 8))
		abort();
	return device + offset;
}

static int mmio_read(pa_t address, unsigned int size, u64 *value, struct host_exception *e)
{
	(void)e;
	*value = 0;
	memcpy(value, device_at(address, size), size);
	reads++;
	return 0;
}

static int mmio_write(pa_t address, unsigned int size, u64 value, struct host_exception *e)
{
	(void)e;
	memcpy(device_at(address, size), &value, size);
	writes++;
	return 0;
}

static const struct host_requests host = { .mmio_read = mmio_read, .mmio_write = mmio_write };

/* ---- the emulated processor's vectors */

static struct machine emulated;

void vector_get_xmm(unsigned int n, u8 *bytes) { memcpy(bytes, emulated.vectors[n], 16); }
void vector_get_ymm(unsigned int n, u8 *bytes) { memcpy(bytes, emulated.vectors[n], 32); }
void vector_set_xmm(unsigned int n, const u8 *bytes) { memcpy(emulated.vectors[n], bytes, 16); }
void vector_set_ymm(unsigned int n, const u8 *bytes) { memcpy(emulated.vectors[n], bytes, 32); }
void vector_set_xmm_vex(unsigned int n, const u8 *bytes)
{
	memset(emulated.vectors[n], 0, 32);
	memcpy(emulated.vectors[n], bytes, 16);
}

/* ---- what emulate.c wants besides */

noreturn_t fatal(unsigned int reason, const char *fmt, ...)
{
	(void)reason, (void)fmt;
	abort();
}
bool trap_fixup(struct trap_frame *frame) { return !frame; }
noreturn_t trap_panic(const struct trap_frame *frame)
{
	(void)frame;
	abort();
}

/* ---- run on both, and compared */

static u8 before[PAGES * PAGE_SIZE], after[PAGES * PAGE_SIZE];
static unsigned long seen[INSN_KIND_COUNT], missing[INSN_KIND_COUNT], failures;

#define STATUS (RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF)

static u64 undefined_of_shift(const struct insn *insn, const u64 *r)
{
	u8 operand = insn->third ? insn->third : insn->other;
	u64 count = operand == INSN_OPERAND_CL ? r[INSN_REG_RCX] : insn->immediate;
	bool turns = insn->kind >= INSN_ROL && insn->kind <= INSN_RCR;

	count &= insn->reg_size == 8 ? 63 : 31;
	if (!count)
		return 0;
	return (count == 1 ? 0 : RFLAGS_OF) | (turns ? 0 : RFLAGS_AF) |
	       (!turns && count >= 8 * insn->reg_size ? RFLAGS_CF : 0);
}

/* APM3 chapter 3: the letter U in each instruction's table */
static u64 undefined(const struct insn *insn, const u64 *r)
{
	switch (insn->kind) {
	case INSN_OR:
	case INSN_AND:
	case INSN_XOR:
	case INSN_TEST: return RFLAGS_AF;
	case INSN_ROL ... INSN_SHRD: return undefined_of_shift(insn, r);
	case INSN_BT ... INSN_BTC: return RFLAGS_OF | RFLAGS_SF | RFLAGS_AF | RFLAGS_PF;
	case INSN_BSF:
	case INSN_BSR: return STATUS & ~RFLAGS_ZF;
	case INSN_TZCNT:
	case INSN_LZCNT: return RFLAGS_OF | RFLAGS_SF | RFLAGS_AF | RFLAGS_PF;
	case INSN_IMUL:
	case INSN_IMUL_WIDE:
	case INSN_MUL: return RFLAGS_SF | RFLAGS_ZF | RFLAGS_AF | RFLAGS_PF;
	case INSN_DIV:
	case INSN_IDIV: return STATUS;
	case INSN_BEXTR: return RFLAGS_AF | RFLAGS_SF | RFLAGS_PF;
	case INSN_ANDN:
	case INSN_BZHI:
	case INSN_BLSR ... INSN_BLSI: return RFLAGS_AF | RFLAGS_PF;
	default: return 0;
	}
}

static void emulate_sample(const struct sample *s, struct machine *m)
{
	struct trap_frame frame = { .rip = (u64)(uintptr_t)machine_code, .rflags = m->rflags };
	struct emulation em = { .host = &host, .frame = &frame, .insn = s->insn };
	int rc;

	for (unsigned int i = 0; i < 16; i++)
		*emulate_register(&frame, i) = m->registers[i];
	reads = writes = 0;
	rc = emulate_mmio(&em);
	m->signal = rc == -E_FAULT && em.exception.vector == VEC_DE ? SIGFPE : rc;
	for (unsigned int i = 0; i < 16; i++)
		m->registers[i] = *emulate_register(&frame, i);
	m->rflags = frame.rflags;
}

static bool same_accesses(const struct insn *insn)
{
	unsigned int pieces = insn->memory_size > 8 ? insn->memory_size / 8 : 1;

	if (is_string(insn))
		return true;
	if (insn->kind == INSN_CLFLUSH)
		return !reads && !writes;
	return reads == (insn_reads_memory(insn) ? pieces : 0) &&
	       writes == (insn_writes_memory(insn) ? pieces : 0);
}

static const char *compare_both(const struct sample *s, const struct machine *start)
{
	u64 defined = ~undefined(&s->insn, start->registers);
	size_t at = DEVICE_PAGE * PAGE_SIZE;

	if (machine_real.signal != emulated.signal)
		return "another end";
	if (emulated.signal) /* with the registers that it had */
		return memcmp(emulated.registers, start->registers, sizeof(start->registers))
			       ? "registers after a fault"
			       : NULL;
	if (memcmp(machine_real.registers, emulated.registers, sizeof(emulated.registers)))
		return "registers";
	if ((machine_real.rflags ^ emulated.rflags) & defined)
		return "flags";
	if (memcmp(machine_real.vectors, emulated.vectors, sizeof(emulated.vectors)))
		return "vectors";
	if (memcmp(after + at, device, PAGE_SIZE))
		return "the device";
	memcpy(after + at, before + at, PAGE_SIZE);
	if (memcmp(after, arena, sizeof(after)))
		return "memory";
	return same_accesses(&s->insn) ? NULL : "accesses";
}

static void report(const struct sample *s, const struct machine *start, const char *wrong)
{
	const struct machine *m[] = { start, &machine_real, &emulated };

	printf("%s:", wrong);
	for (unsigned int i = 0; i < s->insn.length; i++)
		printf(" %02x", s->bytes[i]);
	printf(" (%u reads, %u writes)\n", reads, writes);
	for (unsigned int n = 0; n < 3; n++) {
		printf("%u: signal %d flags %#lx", n, m[n]->signal, m[n]->rflags);
		for (unsigned int i = 0; i < 16; i++)
			printf("%s%lx", i % 8 ? " " : "\n   ", m[n]->registers[i]);
		printf("\n");
	}
	if (++failures == 20)
		exit(1);
}

static void run(const struct sample *s, const struct machine *start)
{
	const char *wrong;

	for (size_t i = 0; i < sizeof(before); i += 8) {
		u64 number = value();

		memcpy(before + i, &number, 8);
	}
	memcpy(arena, before, sizeof(before));
	machine_real = *start;
	machine_run(s->bytes, s->insn.length);
	if (machine_real.signal == SIGILL) {
		missing[s->insn.kind]++;
		return;
	}
	memcpy(after, arena, sizeof(after));
	memcpy(arena, before, sizeof(before));
	memcpy(device, before + DEVICE_PAGE * PAGE_SIZE, PAGE_SIZE);
	emulated = *start;
	emulate_sample(s, &emulated);
	seen[s->insn.kind]++;
	wrong = compare_both(s, start);
	if (wrong)
		report(s, start, wrong);
}

static void set_up(void)
{
	machine_init();
	arena = mmap(NULL, PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (arena == MAP_FAILED || syscall(SYS_arch_prctl, ARCH_SET_GS, GS_BASE))
		abort();
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 0) : 50000;
	unsigned int never = 0;

	state = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;
	if (!__builtin_cpu_supports("avx"))
		return 0;
	set_up();
	for (unsigned long i = 0; i < count;) {
		struct machine start = { 0 };
		struct sample s;

		if (!make(&s) || !place(&s, &start))
			continue;
		run(&s, &start);
		i++;
	}
	for (unsigned int kind = INSN_MEMORY_FIRST; kind <= INSN_MEMORY_LAST; kind++) {
		if (!seen[kind] && !missing[kind])
			printf("kind %u never came up\n", kind), never++;
	}
	printf("%lu failures\n", failures);
	return failures || never;
}
