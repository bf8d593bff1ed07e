/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Module and host of tdx-self.h.
 */
#include "tdx-self.h"

#include "abi/exit_code.h"
#include "abi/x86.h"
#include "early/entry.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/string.h"
#include "tdx-fake.h"

#define SHARED     BIT(51)
#define PAGES      (1 << 20) /* 4G */
#define SMALL_UNIT 0x4000000

extern const char __image_start[], __image_end[];

struct tdx_self tdx_self;
static u8 accepted[PAGES / 8], shared[PAGES / 8];
static u64 pml4[PTE_COUNT] __aligned_page, pdpt[PTE_COUNT] __aligned_page;

static noreturn_t stop(const char *why, u64 value)
{
	static const char digits[] = "0123456789abcdef";
	char text[16];

	for (int i = 0; i < 16; i++)
		text[i] = digits[value >> (60 - 4 * i) & 15];
	outsb(PORT_COM1, why, strlen(why));
	outsb(PORT_COM1, text, sizeof(text));
	outsb(PORT_COM1, "\n", 1);
	outb(EXIT_PORT, EXIT_CODE_VIOLATION);
	for (;;)
		cli();
}

static bool get(const u8 *bits, u64 page) { return bits[page / 8] & 1 << page % 8; }

static void set(u8 *bits, u64 page, bool value)
{
	bits[page / 8] = (u8)((bits[page / 8] & ~(1 << page % 8)) | value << page % 8);
}

bool tdx_self_accepted(u64 gpa) { return get(accepted, gpa / PAGE_SIZE); }

/* The image and what the loader put below it and behind it are accepted at launch. */
static bool is_launched(u64 page)
{
	u64 gpa = page * PAGE_SIZE;

	return gpa < 0x100000 ||
	       (gpa >= (u64)(uintptr_t)__image_start && gpa < (u64)(uintptr_t)__image_end);
}

static u64 accept(u64 rcx)
{
	u64 page = (rcx & TDX_PAGE_GPA_MASK) / PAGE_SIZE;
	u64 count = rcx & TDX_LEVEL_MASK ? PAGE_2M_SIZE / PAGE_SIZE : 1;

	if (tdx_self.busy) {
		tdx_self.busy--;
		return TDX_OPERAND_BUSY | TDX_OPERAND_RCX;
	}
	if (count > 1 && page * PAGE_SIZE == tdx_self.small_unit)
		return TDX_PAGE_SIZE_MISMATCH;
	for (u64 i = page; i < page + count; i++) {
		if (i >= PAGES || get(shared, i))
			stop("self: accept of what is shared: ", i * PAGE_SIZE);
		if (get(accepted, i) || is_launched(i))
			return TDX_PAGE_ALREADY_ACCEPTED;
		set(accepted, i, true);
	}
	memset((void *)(uintptr_t)(page * PAGE_SIZE), 0, count * PAGE_SIZE);
	*(count > 1 ? &tdx_self.accepted_2m : &tdx_self.accepted_4k) += 1;
	return 0;
}

/* One page an answer while there are retries. */
static void map_gpa(struct trap_frame *f)
{
	u64 page = (f->r12 & ~SHARED) / PAGE_SIZE, end = page + f->r13 / PAGE_SIZE;
	bool to_shared = f->r12 & SHARED, retry = tdx_self.retries;

	if (retry && end > page + 1)
		end = page + 1;
	else
		retry = false;
	tdx_self.retries -= retry;
	for (; page < end; page++) {
		if (page >= PAGES || get(shared, page) == to_shared)
			stop("self: mapped twice: ", page * PAGE_SIZE);
		set(shared, page, to_shared);
		set(accepted, page, false);
		*(to_shared ? &tdx_self.mapped_shared : &tdx_self.mapped_private) += 1;
	}
	f->r10 = retry ? TDVMCALL_STATUS_RETRY : TDVMCALL_STATUS_SUCCESS;
	f->r11 = page * PAGE_SIZE | (to_shared ? SHARED : 0);
}

static void port(struct trap_frame *f)
{
	u16 number = (u16)f->r14;

	f->r11 = 0;
	switch (f->r12 << 1 | f->r13) {
	case 2: f->r11 = inb(number); break;
	case 3: outb(number, (u8)f->r15); break;
	case 4: f->r11 = inw(number); break;
	case 5: outw(number, (u16)f->r15); break;
	case 8: f->r11 = inl(number); break;
	case 9: outl(number, (u32)f->r15); break;
	default: stop("self: port access of size ", f->r12);
	}
}

/* By tables without the shared bit, which this machine does not know. */
static void device(struct trap_frame *f)
{
	volatile u32 *at = (volatile u32 *)(uintptr_t)(f->r14 & ~SHARED);
	u64 cr3 = read_cr3();

	if (f->r12 != 4 || !(f->r14 & SHARED))
		stop("self: device access: ", f->r14);
	pml4[0] = (u64)(uintptr_t)pdpt | PTE_P | PTE_W;
	for (u64 i = 0; i < 4; i++)
		pdpt[i] = i << 30 | PTE_P | PTE_W | PTE_PS;
	write_cr3((u64)(uintptr_t)pml4);
	if (f->r13)
		*at = (u32)f->r15;
	else
		f->r11 = *at;
	write_cr3(cr3);
}

static void halt(const struct trap_frame *f)
{
	tdx_self.halts++;
	if (f->r12)
		stop("self: sleeps for ever: ", f->rip);
	/* Wakes for what is pending; it is taken when the guest lets it. */
	while (!(inb(0x3fd) & 0x20))
		cpu_relax();
}

static void cpuid(struct trap_frame *f)
{
	struct cpuid_regs regs = cpuid_raw((u32)f->r12, (u32)f->r13);

	f->r12 = regs.eax, f->r13 = regs.ebx, f->r14 = regs.ecx, f->r15 = regs.edx;
}

static noreturn_t end_fatal(const struct trap_frame *f)
{
	const u64 message[] = { f->r14, f->r15, f->rbx, f->rdi, f->rsi, f->r8, f->r9, f->rdx };

	outsb(PORT_COM1, "self: fatal: ", 13);
	outsb(PORT_COM1, message, strlen((const char *)message));
	outsb(PORT_COM1, "\n", 1);
	outb(EXIT_PORT, EXIT_CODE_TERMINATED);
	for (;;)
		cli();
}

static void standard(struct trap_frame *f)
{
	tdx_self.vmcalls += f->r11 != TDVMCALL_IO;
	switch (f->r11) {
	case TDVMCALL_IO: port(f); break;
	case TDVMCALL_MMIO: device(f); break;
	case TDVMCALL_HLT: halt(f); break;
	case TDVMCALL_CPUID: cpuid(f); break;
	case TDVMCALL_MAP_GPA: map_gpa(f); break;
	case TDVMCALL_GET_TD_VM_CALL_INFO: break;
	case TDVMCALL_RDMSR:
		tdx_self.msr_index = f->r12;
		f->r11 = tdx_self.msr;
		break;
	case TDVMCALL_WRMSR:
		tdx_self.msr_index = f->r12;
		tdx_self.msr = f->r13;
		break;
	case TDVMCALL_REPORT_FATAL_ERROR: end_fatal(f);
	default: f->r10 = TDVMCALL_STATUS_SUBFUNC_UNSUPPORTED;
	}
}

static void vmcall(struct trap_frame *f)
{
	if (!f->r10) {
		standard(f);
		return;
	}
	tdx_self.hypercall_args[0] = f->r10;
	tdx_self.hypercall_args[1] = f->r11;
	tdx_self.hypercall_args[2] = f->r12;
	tdx_self.hypercall_args[3] = f->r13;
	tdx_self.hypercall_args[4] = f->r14;
	f->r10 = (u64)tdx_self.hypercall;
}

static void give(struct trap_frame *f, const struct tdx_module_args *a)
{
	f->rcx = a->rcx, f->rdx = a->rdx, f->r8 = a->r8, f->r9 = a->r9, f->r10 = a->r10;
}

static void module(struct trap_frame *f)
{
	const struct tdx_module_args info = { .rcx = TDX_GPAW_52,
					      .rdx = TDX_ATTR_SEPT_VE_DISABLE,
					      .r8 = 1 };
	u64 leaf = f->rax;

	f->rax = 0;
	switch (leaf) {
	case TDG_VP_VMCALL: vmcall(f); break;
	case TDG_VP_INFO: give(f, &info); break;
	case TDG_MR_RTMR_EXTEND: break;
	case TDG_VP_VEINFO_GET:
		if (!tdx_self.ve.r10)
			f->rax = TDX_NO_VALID_VE_INFO;
		give(f, &tdx_self.ve);
		tdx_self.ve.r10 = 0;
		break;
	case TDG_MEM_PAGE_ACCEPT: f->rax = accept(f->rcx); break;
	default: f->rax = TDX_METADATA_FIELD_ID_INCORRECT; break;
	}
}

void tdx_fake_start(void)
{
	tdx_self.small_unit = SMALL_UNIT;
	tdx_fake = module;
	entry_record.tdx = 1;
}
