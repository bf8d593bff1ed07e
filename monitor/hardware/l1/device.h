/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices that L1 has and QEMU has not: registers in memory, and ports. A read of a register is one
 * of the memory behind it, and no exit; each write is told.
 */
#pragma once

#include "lib/errno.h"
#include "monitor/svm/vcpu.h"

struct l1_device {
	u64 gpa, size; /* of its registers, whole pages; size 0: none */
	void *memory;  /* as they read */
	void (*write)(u64 offset, unsigned int size, u64 value);
	/* Ports that L1 has not to itself; false: QEMU's port is what it is about. */
	u16 first_port, port_count;
	bool (*port)(u16 port, unsigned int size, bool write, u32 *value);
	void (*init)(void); /* before L1's memory map is made: may take memory */
};

/* All there are; NULL ends the list. */
extern struct l1_device *const l1_devices[];

void l1_device_init(void);

bool l1_device_has(u64 gpa);
/* One is in the 2M around @gpa. */
bool l1_device_near(u64 gpa);
/* A nested page fault there. */
void l1_device_fault(struct vcpu *v, u64 gpa, u64 info);

/* Sets the bits of devices' ports in an I/O map. */
void l1_device_close_ports(u8 *iopm);
/* An IOIO exit. */
void l1_device_port(struct vcpu *v);
