/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hooks of platforms without encrypted state: the instructions themselves. For the tables, which
 * name them by groups: what such platforms have in common.
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

#define PV_NATIVE_PORTS                                                                            \
	.io_in = native_io_in, .io_out = native_io_out, .io_in_string = native_io_in_string,       \
	.io_out_string = native_io_out_string

/* ... where the host cannot use the guest's memory in its place. */
#define PV_NATIVE_PORTS_EACH                                                                       \
	.io_in = native_io_in, .io_out = native_io_out, .io_in_string = native_io_in_each,         \
	.io_out_string = native_io_out_each

#define PV_NATIVE_INSTRUCTIONS                                                                     \
	.msr_read = native_msr_read, .msr_write = native_msr_write, .mmio_read = native_mmio_read, \
	.mmio_write = native_mmio_write, .cpuid = native_cpuid, .halt = native_halt,               \
	.wbinvd = native_wbinvd, .handle_exception = native_handle_exception

/* Started by INIT and SIPI; nothing to set up on each. */
#define PV_NATIVE_PROCESSORS                                                                       \
	.cpus_prepare = PV_DEFAULT(pv_return_zero), .cpus_release = PV_DEFAULT(pv_return_zero),    \
	.cpu_wake = cpu_wake_by_sipi, .cpu_setup = pv_return_zero, .nmi_complete = pv_nop

/* Memory is the guest's as it is. */
#define PV_NO_PAGE_STATE                                                                           \
	.page_enc_status_prepare = PV_DEFAULT(pv_return_zero),                                     \
	.notify_page_enc_status_changed = PV_DEFAULT(pv_return_zero),                              \
	.accept_memory = PV_DEFAULT(pv_return_zero)
