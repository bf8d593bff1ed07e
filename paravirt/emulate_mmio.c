/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device memory: moves between a register and memory, MOVS and STOS.
 * A hypervisor can raise this exit for any address: an access through a private mapping is never
 * answered by it, it would get our data.
 */
#include "paravirt/emulate.h"

#include "early/platform.h"
#include "lib/cpu.h"
#include "lib/string.h"
#include "paravirt/pagewalk.h"
#include "paravirt/shared_pages.h"

/* Where @address points. -E_INVAL: nowhere, or over the end of its page. */
static int translate(u64 address, unsigned int size, struct pagewalk *walk)
{
	unsigned int levels = read_cr4() & CR4_LA57 ? 5 : 4;
	int error;

	if (address % PAGE_SIZE + size > PAGE_SIZE)
		return -E_INVAL;
	error = pagewalk(pa(read_cr3()), levels, platform.private_mask, platform.shared_mask,
			 va(address), walk);
	return error ? -E_INVAL : 0;
}

static int device_read(struct emulation *em, u64 address, u64 *value)
{
	struct pagewalk walk;

	if (translate(address, em->insn.memory_size, &walk) || walk.private)
		return -E_INVAL;
	return em->host->mmio_read(walk.address, em->insn.memory_size, value, &em->exception);
}

static int device_write(struct emulation *em, u64 address, u64 value)
{
	struct pagewalk walk;

	if (translate(address, em->insn.memory_size, &walk) || walk.private)
		return -E_INVAL;
	return em->host->mmio_write(walk.address, em->insn.memory_size, value, &em->exception);
}

/* One side of MOVS may be our memory. */
static bool is_memory(const struct emulation *em, u64 address)
{
	struct pagewalk walk;

	if (translate(address, em->insn.memory_size, &walk))
		return false;
	return walk.private || shared_pages_has(walk.address);
}

static u64 operand_address(const struct emulation *em)
{
	u64 registers[16];

	for (unsigned int i = 0; i < 16; i++)
		registers[i] = *emulate_register(em->frame, i);
	return insn_address(&em->insn, registers, em->frame->rip, emulate_segment_base(&em->insn));
}

static void write_loaded(struct emulation *em, u64 value)
{
	const struct insn *insn = &em->insn;
	u64 *reg = emulate_register(em->frame, insn->reg);
	unsigned int unused = 64 - 8 * insn->memory_size;

	if (insn->kind == INSN_LOAD_SIGN)
		value = (u64)((s64)(value << unused) >> unused);
	if (insn->reg_high)
		*reg = (*reg & ~U64_C(0xff00)) | (value & 0xff) << 8;
	else
		emulate_write_register(reg, insn->reg_size, value);
}

static u64 stored_value(const struct emulation *em)
{
	const struct insn *insn = &em->insn;

	if (insn->kind == INSN_STORE_IMM)
		return insn->immediate;
	return *emulate_register(em->frame, insn->reg) >> (insn->reg_high ? 8 : 0);
}

static int load(struct emulation *em)
{
	u64 value;
	int rc = device_read(em, operand_address(em), &value);

	if (!rc)
		write_loaded(em, value);
	return rc;
}

static u64 string_address(const struct emulation *em, u64 index)
{
	return index & bits_mask(8 * em->insn.address_size);
}

static int stos_one(struct emulation *em)
{
	u64 to = string_address(em, em->frame->rdi);
	int rc = device_write(em, to, em->frame->rax);

	if (!rc)
		emulate_step(em, &em->frame->rdi, 1);
	return rc;
}

static int movs_one(struct emulation *em)
{
	u64 from = string_address(em, em->frame->rsi) + emulate_segment_base(&em->insn);
	u64 to = string_address(em, em->frame->rdi), value = 0;
	int rc = 0;

	if (is_memory(em, from))
		memcpy(&value, va_ptr(va(from)), em->insn.memory_size);
	else
		rc = device_read(em, from, &value);
	if (rc)
		return rc;
	if (is_memory(em, to))
		memcpy(va_ptr(va(to)), &value, em->insn.memory_size);
	else
		rc = device_write(em, to, value);
	if (rc)
		return rc;
	emulate_step(em, &em->frame->rsi, 1);
	emulate_step(em, &em->frame->rdi, 1);
	return 0;
}

/* One element an exit; registers follow each, so that an exception leaves it restartable. */
static int string(struct emulation *em, int (*one)(struct emulation *em))
{
	for (u64 left = emulate_string_count(em); left; left--) {
		int rc = one(em);

		if (rc)
			return rc;
		emulate_string_done(em, 1);
	}
	return 0;
}

int emulate_mmio(struct emulation *em)
{
	switch (em->insn.kind) {
	case INSN_LOAD:
	case INSN_LOAD_ZERO:
	case INSN_LOAD_SIGN: return load(em);
	case INSN_STORE:
	case INSN_STORE_IMM: return device_write(em, operand_address(em), stored_value(em));
	case INSN_MOVS: return string(em, movs_one);
	case INSN_STOS: return string(em, stos_one);
	default: return -E_INVAL;
	}
}
