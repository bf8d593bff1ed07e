/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory operand of an instruction that exited: a device's, or, of strings and the stack, ours.
 * A hypervisor can raise this exit for any address: an access through a private mapping is never
 * answered by it, it would get our data.
 */
#pragma once

#include "paravirt/emulate/emulate.h"

/*
 * @size bytes of a device at linear @address, in pieces of 8 where there are more. 0; -E_FAULT: the
 * host answered with em->exception; -E_INVAL: not a device's, or over the end of a page.
 */
int must_check emulate_device_read(struct emulation *em, u64 address, unsigned int size,
				   void *data);
int must_check emulate_device_write(struct emulation *em, u64 address, unsigned int size,
				    const void *data);
/* 0 when @address is a device's: of an instruction that neither reads nor writes it. */
int must_check emulate_device_touch(u64 address);

/* Whether all of it is our memory. */
bool emulate_is_memory(u64 address, unsigned int size);
/* An element of a string: our memory, or a device's. At most 8 bytes. */
int must_check emulate_read(struct emulation *em, u64 address, u64 *value);
int must_check emulate_write(struct emulation *em, u64 address, u64 value);

/* The linear address of the operand that ModRM names. */
u64 emulate_operand_address(const struct emulation *em);

/* The instructions of device memory that have files of their own. */
int must_check emulate_string(struct emulation *em);
int must_check emulate_vector(struct emulation *em);
