/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Port and memory-mapped I/O done for the guest on the real devices.
 */
#pragma once

#include "lib/errno.h"
#include "monitor/svm/vcpu.h"

/* @size is 1, 2 or 4. */
u32 port_in(struct vcpu *v, u16 port, unsigned int size);
void port_out(struct vcpu *v, u16 port, unsigned int size, u32 value);
/* @count items of @size at @data, by the string instruction. */
void port_in_string(struct vcpu *v, u16 port, unsigned int size, void *data, u64 count);
void port_out_string(struct vcpu *v, u16 port, unsigned int size, const void *data, u64 count);

/* An intercepted port access of a plain guest. */
void port_exit(struct vcpu *v);

/* 1, 2, 4 or 8 bytes at a device; -E_INVAL where memory is, or at another size. */
must_check int mmio_read(const struct vcpu *v, u64 gpa, unsigned int size, u64 *value);
must_check int mmio_write(struct vcpu *v, u64 gpa, unsigned int size, u64 value);
/* The same, where nobody is told. */
void mmio_write_or_drop(struct vcpu *v, u64 gpa, unsigned int size, u64 value);
