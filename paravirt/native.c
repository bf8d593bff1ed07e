/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Port, MSR and memory access by the instructions themselves.
 */
#include "paravirt/native.h"

#include "abi/exit_code.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "paravirt/cpus.h"

u32 native_io_in(u16 port, unsigned int size)
{
	switch (size) {
	case 1: return inb(port);
	case 2: return inw(port);
	case 4: return inl(port);
	default: panic("port input of %u bytes", size);
	}
}

void native_io_out(u16 port, unsigned int size, u32 value)
{
	switch (size) {
	case 1: outb(port, (u8)value); break;
	case 2: outw(port, (u16)value); break;
	case 4: outl(port, value); break;
	default: panic("port output of %u bytes", size);
	}
}

void native_io_in_string(u16 port, void *data, size_t count) { insb(port, data, count); }

void native_io_out_string(u16 port, const void *data, size_t count) { outsb(port, data, count); }

void native_io_in_each(u16 port, void *data, size_t count)
{
	for (u8 *to = data; count; count--)
		*to++ = inb(port);
}

void native_io_out_each(u16 port, const void *data, size_t count)
{
	for (const u8 *from = data; count; count--)
		outb(port, *from++);
}

int native_msr_read(u32 msr, u64 *value) { return rdmsr_safe(msr, value) ? -E_FAULT : 0; }

int native_msr_write(u32 msr, u64 value) { return wrmsr_safe(msr, value) ? -E_FAULT : 0; }

u64 native_mmio_read(pa_t address, unsigned int size)
{
	const void *p = pa_ptr(address);

	switch (size) {
	case 1: return *(const volatile u8 *)p;
	case 2: return *(const volatile u16 *)p;
	case 4: return *(const volatile u32 *)p;
	case 8: return *(const volatile u64 *)p;
	default: panic("device read of %u bytes at %#lx", size, address.value);
	}
}

void native_mmio_write(pa_t address, unsigned int size, u64 value)
{
	void *p = pa_ptr(address);

	switch (size) {
	case 1: *(volatile u8 *)p = (u8)value; break;
	case 2: *(volatile u16 *)p = (u16)value; break;
	case 4: *(volatile u32 *)p = (u32)value; break;
	case 8: *(volatile u64 *)p = value; break;
	default: panic("device write of %u bytes at %#lx", size, address.value);
	}
}

void native_cpuid(u32 leaf, u32 subleaf, struct cpuid_regs *result)
{
	*result = cpuid_raw(leaf, subleaf);
}

void native_halt(void) { sti_hlt(); }

void native_wbinvd(void) { wbinvd(); }

void native_handle_exception(struct trap_frame *frame)
{
	panic("%s %#lx on a platform that has none", frame->vector == VEC_VE ? "#VE" : "#VC",
	      frame->error_code);
}

int cpu_wake_by_sipi(unsigned int cpu)
{
	(void)cpu;
	return -E_NOSYS;
}
