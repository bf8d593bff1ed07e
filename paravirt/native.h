/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hooks of platforms without encrypted state: the instructions themselves. For the tables.
 */
#pragma once

#include "lib/addr.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/trap_frame.h"

u32 native_io_in(u16 port, unsigned int size);
void native_io_out(u16 port, unsigned int size, u32 value);
void native_io_in_string(u16 port, void *data, size_t count);
void native_io_out_string(u16 port, const void *data, size_t count);
/* ... for guests whose memory the host cannot use in their place: an instruction for each byte */
void native_io_in_each(u16 port, void *data, size_t count);
void native_io_out_each(u16 port, const void *data, size_t count);
int native_msr_read(u32 msr, u64 *value);
int native_msr_write(u32 msr, u64 value);
u64 native_mmio_read(pa_t address, unsigned int size);
void native_mmio_write(pa_t address, unsigned int size, u64 value);
void native_cpuid(u32 leaf, u32 subleaf, struct cpuid_regs *result);
void native_halt(void);
void native_wbinvd(void);
void native_handle_exception(struct trap_frame *frame);
void native_terminate(unsigned int reason);
