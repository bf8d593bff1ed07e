/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's own ports, by the size of the access: 1, 2 or 4 bytes.
 */
#pragma once

#include "lib/cpu.h"

static inline u32 machine_port_in(u16 port, unsigned int size)
{
	return size == 1 ? inb(port) : size == 2 ? inw(port) : inl(port);
}

static inline void machine_port_out(u16 port, unsigned int size, u32 value)
{
	if (size == 1)
		outb(port, (u8)value);
	else if (size == 2)
		outw(port, (u16)value);
	else
		outl(port, value);
}
