/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See host_ports.h.
 */
#include "kernel/host_ports.h"
#include "paravirt/pv_ops.h"

static u32 port_in(u16 port, unsigned int size) { return pv_io_in(port, size); }

static void port_out(u16 port, unsigned int size, u32 value) { pv_io_out(port, size, value); }

const struct boot_ports host_ports = { port_in, port_out };
