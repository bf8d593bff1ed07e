/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See host_ports.h.
 */
#include "kernel/host_ports.h"
#include "paravirt/pv_ops.h"

static void port_in(u16 port, void *data, size_t count) { pv_io_in_string(port, data, count); }

static void port_out(u16 port, unsigned int size, u32 value) { pv_io_out(port, size, value); }

const struct boot_ports host_ports = { port_in, port_out };
