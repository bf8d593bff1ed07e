/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One wrapper for each privileged or unusual instruction, as the processor has it: what an
 * instruction does as a confidential guest (an exit, a #VC) is the business of pv_ops.
 * A *_safe wrapper returns 0, or the vector | EXTABLE_FAULT when the instruction faulted.
 */
#pragma once

#include "abi/x86.h"
#include "lib/errno.h"
#include "lib/extable.h"

struct cpuid_regs {
	u32 eax;
	u32 ebx;
	u32 ecx;
	u32 edx;
};

struct __attribute__((packed, aligned(2))) table_register {
	u16 limit;
	u64 base;
};

static inline struct cpuid_regs cpuid_raw(u32 leaf, u32 subleaf)
{
	struct cpuid_regs r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(subleaf));
	return r;
}

static inline u64 rdmsr(u32 msr)
{
	u32 low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr) : "memory");
	return ((u64)high << 32) | low;
}

static inline void wrmsr(u32 msr, u64 value)
{
	__asm__ volatile("wrmsr" ::"c"(msr), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}

static inline must_check int rdmsr_safe(u32 msr, u64 *value)
{
	u64 fault = 0, low = 0, high = 0;

	__asm__ volatile("1: rdmsr\n\t"
			 "jmp 3f\n\t"
			 "2: mov %%rax, %[fault]\n\t"
			 "3:\n\t" EXTABLE("1b", "2b")
			 : [fault] "+r"(fault), "=a"(low), "+d"(high)
			 : "c"(msr)
			 : "memory");
	if (!fault)
		*value = (high << 32) | (u32)low;
	return (int)(u32)fault;
}

static inline must_check int wrmsr_safe(u32 msr, u64 value)
{
	u64 fault = 0, low = (u32)value;

	__asm__ volatile("1: wrmsr\n\t"
			 "jmp 3f\n\t"
			 "2: mov %%rax, %[fault]\n\t"
			 "3:\n\t" EXTABLE("1b", "2b")
			 : [fault] "+r"(fault), "+a"(low)
			 : "c"(msr), "d"((u32)(value >> 32))
			 : "memory");
	return (int)(u32)fault;
}

/* Of what the GS base points to. */
static inline u32 read_gs32(unsigned int offset)
{
	u32 value;

	__asm__ volatile("movl %%gs:%c1, %0" : "=r"(value) : "i"(offset));
	return value;
}

static inline u8 inb(u16 port)
{
	u8 value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline u16 inw(u16 port)
{
	u16 value;

	__asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline u32 inl(u16 port)
{
	u32 value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline void outb(u16 port, u8 value)
{
	__asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port) : "memory");
}

static inline void outw(u16 port, u16 value)
{
	__asm__ volatile("outw %0, %1" ::"a"(value), "Nd"(port) : "memory");
}

static inline void outl(u16 port, u32 value)
{
	__asm__ volatile("outl %0, %1" ::"a"(value), "Nd"(port) : "memory");
}

static inline void outsb(u16 port, const void *data, size_t count)
{
	__asm__ volatile("rep outsb" : "+S"(data), "+c"(count) : "d"(port) : "memory");
}

static inline void insb(u16 port, void *data, size_t count)
{
	__asm__ volatile("rep insb" : "+D"(data), "+c"(count) : "d"(port) : "memory");
}

static inline u64 rdtsc(void)
{
	u32 low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
	return ((u64)high << 32) | low;
}

static inline u64 rdtscp(u32 *aux)
{
	u32 low, high;

	__asm__ volatile("rdtscp" : "=a"(low), "=d"(high), "=c"(*aux)::"memory");
	return ((u64)high << 32) | low;
}

/* Every processor with SEV has it; it has a number for us sooner or later. */
static inline u64 rdrand(void)
{
	u64 value;

	__asm__ volatile("1: rdrand %0\n\t"
			 "jnc 1b"
			 : "=r"(value)::"cc");
	return value;
}

/* ... where it may have none at all: false after as many tries as Intel wants (SDM1 7.3.17.1). */
static inline bool rdrand_bounded(u64 *value)
{
	for (int i = 0; i < 10; i++) {
		bool has_value;

		__asm__ volatile("rdrand %0" : "=r"(*value), "=@ccc"(has_value));
		if (has_value)
			return true;
	}
	return false;
}

/* What only a host raises otherwise: for what it left in the doorbell page. */
static inline void raise_hv(void) { __asm__ volatile("int %0" ::"i"(VEC_HV) : "memory"); }
static inline void lfence(void) { __asm__ volatile("lfence" ::: "memory"); }
static inline void mfence(void) { __asm__ volatile("mfence" ::: "memory"); }
static inline void cpu_relax(void) { __asm__ volatile("pause" ::: "memory"); }
static inline void hlt(void) { __asm__ volatile("hlt" ::: "memory"); }
static inline void sti(void) { __asm__ volatile("sti" ::: "memory"); }
static inline void cli(void) { __asm__ volatile("cli" ::: "memory"); }
static inline void sti_hlt(void) { __asm__ volatile("sti; hlt" ::: "memory"); }
static inline void wbinvd(void) { __asm__ volatile("wbinvd" ::: "memory"); }
static inline void stac(void) { __asm__ volatile("stac" ::: "memory"); }

/* The state of x87 and SSE that the C ABI expects of a new processor. */
static inline void fpu_init(void)
{
	const u32 mxcsr = 0x1f80;

	__asm__ volatile("fninit; ldmxcsr %0" ::"m"(mxcsr) : "memory");
}

static inline void invlpg(u64 address)
{
	__asm__ volatile("invlpg (%0)" ::"r"(address) : "memory");
}

static inline void clflush(const volatile void *p)
{
	__asm__ volatile("clflush %0" : "+m"(*(volatile char *)(uintptr_t)p));
}

static inline u64 read_flags(void)
{
	u64 flags;

	__asm__ volatile("pushfq; popq %0" : "=r"(flags)::"memory");
	return flags;
}

#define CPU_CONTROL_REGISTER(name)                                                                 \
	static inline u64 read_##name(void)                                                        \
	{                                                                                          \
		u64 value;                                                                         \
                                                                                                   \
		__asm__ volatile("mov %%" #name ", %0" : "=r"(value)::"memory");                   \
		return value;                                                                      \
	}                                                                                          \
                                                                                                   \
	static inline void write_##name(u64 value)                                                 \
	{                                                                                          \
		__asm__ volatile("mov %0, %%" #name ::"r"(value) : "memory");                      \
	}

CPU_CONTROL_REGISTER(cr0)
CPU_CONTROL_REGISTER(cr2)
CPU_CONTROL_REGISTER(cr3)
CPU_CONTROL_REGISTER(cr4)

static inline must_check int write_cr4_safe(u64 value)
{
	u64 fault = 0;

	__asm__ volatile("1: mov %[value], %%cr4\n\t"
			 "jmp 3f\n\t"
			 "2: mov %%rax, %[fault]\n\t"
			 "3:\n\t" EXTABLE("1b", "2b")
			 : [fault] "+r"(fault)
			 : [value] "r"(value)
			 : "rax", "memory");
	return (int)(u32)fault;
}
CPU_CONTROL_REGISTER(cr8)
CPU_CONTROL_REGISTER(dr0)
CPU_CONTROL_REGISTER(dr1)
CPU_CONTROL_REGISTER(dr2)
CPU_CONTROL_REGISTER(dr3)
CPU_CONTROL_REGISTER(dr7)

static inline void lgdt(const struct table_register *r) { __asm__ volatile("lgdt %0" ::"m"(*r)); }
static inline void lidt(const struct table_register *r) { __asm__ volatile("lidt %0" ::"m"(*r)); }
static inline void sidt(struct table_register *r) { __asm__ volatile("sidt %0" : "=m"(*r)); }
static inline u16 read_cs(void)
{
	u16 selector;

	__asm__ volatile("movw %%cs, %0" : "=r"(selector));
	return selector;
}
static inline u16 read_ss(void)
{
	u16 selector;

	__asm__ volatile("movw %%ss, %0" : "=r"(selector));
	return selector;
}
static inline void ltr(u16 selector) { __asm__ volatile("ltr %0" ::"r"(selector)); }

static inline u64 xgetbv(u32 index)
{
	u32 low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(index));
	return ((u64)high << 32) | low;
}

/* Whether REX counts in front of another prefix: INC AX would be INC RAX. APM3 1.2.7: no. */
static inline bool cpu_keeps_rex(void)
{
	u64 value = 0xffff;

	__asm__(".byte 0x48, 0x66, 0xff, 0xc0" : "+a"(value) : : "cc");
	return value;
}

/* With CR4.PKE. */
static inline u32 rdpkru(void)
{
	u32 value;

	__asm__ volatile("rdpkru" : "=a"(value) : "c"(0) : "rdx");
	return value;
}

static inline void wrpkru(u32 value)
{
	__asm__ volatile("wrpkru" ::"a"(value), "c"(0), "d"(0) : "memory");
}

/* VMGEXIT; what it asks is in the GHCB or its MSR, so it may change any memory. */
static inline void xsetbv(u32 index, u64 value)
{
	__asm__ volatile("xsetbv" ::"c"(index), "a"((u32)value), "d"((u32)(value >> 32)));
}

/* Of the components in @mask, to and from an area of 64-byte alignment. */
static inline void xsave(void *area, u64 mask)
{
	__asm__ volatile("xsave64 (%0)" ::"r"(area), "a"((u32)mask), "d"((u32)(mask >> 32))
			 : "memory");
}

static inline void xrstor(const void *area, u64 mask)
{
	__asm__ volatile("xrstor64 (%0)" ::"r"(area), "a"((u32)mask), "d"((u32)(mask >> 32))
			 : "memory");
}

static inline void vmgexit(void) { __asm__ volatile("rep; vmmcall" ::: "memory"); }

/* PVALIDATE (APM3): the status; *unchanged when the RMP entry had this state already (CF). */
static inline must_check u32 pvalidate(u64 address, u32 size, u32 validate, bool *unchanged)
{
	u64 status = address;

	__asm__ volatile(".byte 0xf2, 0x0f, 0x01, 0xff"
			 : "+a"(status), "=@ccc"(*unchanged)
			 : "c"(size), "d"(validate)
			 : "memory");
	return (u32)status;
}

/* RMPADJUST (APM3): the status. */
static inline must_check u32 rmpadjust(u64 address, u64 size, u64 attributes)
{
	u64 status = address;

	__asm__ volatile(".byte 0xf3, 0x0f, 0x01, 0xfe"
			 : "+a"(status)
			 : "c"(size), "d"(attributes)
			 : "memory", "cc");
	return (u32)status;
}

/* SVM, for the monitor: APM2 15 */
static inline void vmload(u64 vmcb_pa) { __asm__ volatile("vmload" ::"a"(vmcb_pa) : "memory"); }
static inline void vmsave(u64 vmcb_pa) { __asm__ volatile("vmsave" ::"a"(vmcb_pa) : "memory"); }
static inline void clgi(void) { __asm__ volatile("clgi" ::: "memory"); }
static inline void stgi(void) { __asm__ volatile("stgi" ::: "memory"); }
