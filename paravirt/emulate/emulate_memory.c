/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Translation of operands, and the accesses.
 */
#include "paravirt/emulate/emulate_memory.h"

#include "early/memory_map.h"
#include "early/platform.h"
#include "lib/cpu.h"
#include "lib/string.h"
#include "paravirt/emulate/pagewalk.h"

#define PIECE 8 /* the most that one request moves */

static int translate(u64 address, struct pagewalk *walk)
{
	unsigned int levels = read_cr4() & CR4_LA57 ? 5 : 4;

	return pagewalk(pa(read_cr3()), levels, platform.private_mask, platform.shared_mask,
			va(address), walk);
}

static int translate_device(u64 address, unsigned int size, pa_t *device)
{
	struct pagewalk walk;

	if (address % PAGE_SIZE + size > PAGE_SIZE || translate(address, &walk) || walk.private)
		return -E_INVAL;
	*device = walk.address;
	return 0;
}

int emulate_device_touch(u64 address)
{
	pa_t device;

	return translate_device(address, 1, &device);
}

int emulate_device_read(struct emulation *em, u64 address, unsigned int size, void *data)
{
	pa_t device;
	int rc = translate_device(address, size, &device);

	for (unsigned int at = 0; !rc && at < size; at += PIECE) {
		unsigned int piece = size < PIECE ? size : PIECE;
		u64 value = 0;

		rc = em->host->mmio_read(pa(device.value + at), piece, &value, &em->exception);
		memcpy((u8 *)data + at, &value, piece);
	}
	return rc;
}

int emulate_device_write(struct emulation *em, u64 address, unsigned int size, const void *data)
{
	pa_t device;
	int rc = translate_device(address, size, &device);

	for (unsigned int at = 0; !rc && at < size; at += PIECE) {
		unsigned int piece = size < PIECE ? size : PIECE;
		u64 value = 0;

		memcpy(&value, (const u8 *)data + at, piece);
		rc = em->host->mmio_write(pa(device.value + at), piece, value, &em->exception);
	}
	return rc;
}

static bool is_memory_at(u64 address)
{
	struct pagewalk walk;

	return !translate(address, &walk) &&
	       (walk.private || memory_map_is_ours(walk.address.value));
}

/* It may lie over the end of a page. */
bool emulate_is_memory(u64 address, unsigned int size)
{
	u64 last = address + size - 1;

	return is_memory_at(address) &&
	       (address / PAGE_SIZE == last / PAGE_SIZE || is_memory_at(last));
}

int emulate_read(struct emulation *em, u64 address, u64 *value)
{
	unsigned int size = em->insn.memory_size;

	*value = 0;
	if (!emulate_is_memory(address, size))
		return emulate_device_read(em, address, size, value);
	memcpy(value, va_ptr(va(address)), size);
	return 0;
}

int emulate_write(struct emulation *em, u64 address, u64 value)
{
	unsigned int size = em->insn.memory_size;

	if (!emulate_is_memory(address, size))
		return emulate_device_write(em, address, size, &value);
	memcpy(va_ptr(va(address)), &value, size);
	return 0;
}

u64 emulate_operand_address(const struct emulation *em)
{
	u64 registers[16];

	for (unsigned int i = 0; i < 16; i++)
		registers[i] = *emulate_register(em->frame, i);
	return insn_address(&em->insn, registers, em->frame->rip, emulate_segment_base(&em->insn));
}
