/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device memory by #VC: moves between a register and memory, MOVS and STOS.
 * A hypervisor can raise this exit for any address: an access through a private mapping is never
 * answered by it, it would get our data.
 */
#include "paravirt/vc.h"

#include "early/platform.h"
#include "lib/cpu.h"
#include "lib/string.h"
#include "paravirt/pagewalk.h"
#include "paravirt/shared_pages.h"

/* Where @address points. -E_INVAL: nowhere, or over the end of its page. */
static int translate(u64 address, unsigned int size, struct pagewalk *walk)
{
	unsigned int levels = read_cr4() & CR4_LA57 ? 5 : 4;

	if (address % PAGE_SIZE + size > PAGE_SIZE)
		return -E_INVAL;
	return pagewalk(pa(read_cr3()), levels, platform.private_mask, va(address), walk) ? -E_INVAL
											  : 0;
}

static int device_read(struct vc *vc, u64 address, u64 *value)
{
	struct pagewalk walk;

	if (translate(address, vc->insn.memory_size, &walk) || walk.private)
		return -E_INVAL;
	return ghcb_mmio_read(walk.address, vc->insn.memory_size, value, &vc->exception);
}

static int device_write(struct vc *vc, u64 address, u64 value)
{
	struct pagewalk walk;

	if (translate(address, vc->insn.memory_size, &walk) || walk.private)
		return -E_INVAL;
	return ghcb_mmio_write(walk.address, vc->insn.memory_size, value, &vc->exception);
}

/* One side of MOVS may be our memory. */
static bool is_memory(const struct vc *vc, u64 address)
{
	struct pagewalk walk;

	if (translate(address, vc->insn.memory_size, &walk))
		return false;
	return walk.private || shared_pages_has(walk.address);
}

static u64 operand_address(const struct vc *vc)
{
	u64 registers[16];

	for (unsigned int i = 0; i < 16; i++)
		registers[i] = *vc_register(vc->frame, i);
	return insn_address(&vc->insn, registers, vc->frame->rip, vc_segment_base(&vc->insn));
}

static void write_loaded(struct vc *vc, u64 value)
{
	const struct insn *insn = &vc->insn;
	u64 *reg = vc_register(vc->frame, insn->reg);
	unsigned int unused = 64 - 8 * insn->memory_size;

	if (insn->kind == INSN_LOAD_SIGN)
		value = (u64)((s64)(value << unused) >> unused);
	if (insn->reg_high)
		*reg = (*reg & ~U64_C(0xff00)) | (value & 0xff) << 8;
	else
		vc_write_register(reg, insn->reg_size, value);
}

static u64 stored_value(const struct vc *vc)
{
	const struct insn *insn = &vc->insn;

	if (insn->kind == INSN_STORE_IMM)
		return insn->immediate;
	return *vc_register(vc->frame, insn->reg) >> (insn->reg_high ? 8 : 0);
}

static int load(struct vc *vc)
{
	u64 value;
	int rc = device_read(vc, operand_address(vc), &value);

	if (!rc)
		write_loaded(vc, value);
	return rc;
}

static u64 string_address(const struct vc *vc, u64 index)
{
	return index & bits_mask(8 * vc->insn.address_size);
}

static int stos_one(struct vc *vc)
{
	u64 to = string_address(vc, vc->frame->rdi);
	int rc = device_write(vc, to, vc->frame->rax);

	if (!rc)
		vc_step(vc, &vc->frame->rdi, 1);
	return rc;
}

static int movs_one(struct vc *vc)
{
	u64 from = string_address(vc, vc->frame->rsi) + vc_segment_base(&vc->insn);
	u64 to = string_address(vc, vc->frame->rdi), value = 0;
	int rc = 0;

	if (is_memory(vc, from))
		memcpy(&value, va_ptr(va(from)), vc->insn.memory_size);
	else
		rc = device_read(vc, from, &value);
	if (rc)
		return rc;
	if (is_memory(vc, to))
		memcpy(va_ptr(va(to)), &value, vc->insn.memory_size);
	else
		rc = device_write(vc, to, value);
	if (rc)
		return rc;
	vc_step(vc, &vc->frame->rsi, 1);
	vc_step(vc, &vc->frame->rdi, 1);
	return 0;
}

/* One element an exit; registers follow each, so that an exception leaves it restartable. */
static int string(struct vc *vc, int (*one)(struct vc *vc))
{
	for (u64 left = vc_string_count(vc); left; left--) {
		int rc = one(vc);

		if (rc)
			return rc;
		vc_string_done(vc, 1);
	}
	return 0;
}

int vc_mmio(struct vc *vc)
{
	switch (vc->insn.kind) {
	case INSN_LOAD:
	case INSN_LOAD_ZERO:
	case INSN_LOAD_SIGN: return load(vc);
	case INSN_STORE:
	case INSN_STORE_IMM: return device_write(vc, operand_address(vc), stored_value(vc));
	case INSN_MOVS: return string(vc, movs_one);
	case INSN_STOS: return string(vc, stos_one);
	default: return -E_INVAL;
	}
}
