/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases of fuzz.h as a TD: calls of the module and of the host, with operands a little or very
 * wrong, and pages of the arena that change hands.
 */
#include "fuzz.h"

#include "abi/tdx.h"
#include "abi/x86.h"
#include "early/platform.h"
#include "early/tdcall.h"
#include "lib/compiler.h"

#define PAGES_2M (PAGE_2M_SIZE / PAGE_SIZE)

static void look(const struct tdx_module_args *args)
{
	const u64 *words = (const u64 *)args;

	for (unsigned int i = 0; i < sizeof(*args) / sizeof(u64); i++)
		fuzz_look(words[i]);
}

static u64 call(struct fuzz *f, u64 leaf, struct tdx_module_args *args)
{
	u64 status = tdcall(leaf, args);

	look(args);
	f->exits++;
	return status;
}

/* A place for the module to write to: in the arena, or where this guest has nothing. */
static u64 place(struct fuzz *f)
{
	u64 page = fuzz_page_in(f, fuzz_one_in(f, 4) ? FUZZ_SHARED : FUZZ_PRIVATE), gpa;

	if (page == FUZZ_PAGES || fuzz_rare(f))
		return align_down(fuzz_device(f) | BIT(40), U64_C(64)) | platform.shared_mask;
	gpa = fuzz_gpa(f, page) + (fuzz_one_in(f, 2) ? 0 : fuzz_below(f, PAGE_SIZE) & ~U64_C(63));
	if (fuzz_one_in(f, 8))
		gpa |= fuzz_below(f, 64);
	return f->pages[page] == FUZZ_SHARED || fuzz_rare(f) ? gpa | platform.shared_mask : gpa;
}

static u64 field(struct fuzz *f)
{
	static const u64 fields[] = {
		TDCS_ATTRIBUTES,     TDCS_XFAM,
		TDCS_CONFIG_FLAGS,   TDCS_TD_CTLS,
		TDCS_NOTIFY_ENABLES, TDCS_TOPOLOGY_CONFIGURED,
		TDVPS_VCPU_INDEX,    TDVPS_CPUID_SUPERVISOR_VE,
		TDVPS_CPUID_USER_VE, TDX_SYS_MINOR_VERSION,
		TDX_SYS_FEATURES0,   0,
		TDX_FIELD_NA,
	};

	return fuzz_bend(f, fuzz_pick(f, fields));
}

static void noise(struct fuzz *f, struct tdx_module_args *args)
{
	u64 *words = (u64 *)args;

	for (unsigned int i = 0; i < sizeof(*args) / sizeof(u64); i++)
		words[i] = fuzz_number(f);
}

void fuzz_tdcall(struct fuzz *f)
{
	static const u8 leaves[] = { TDG_VP_INFO,
				     TDG_MR_RTMR_EXTEND,
				     TDG_VP_VEINFO_GET,
				     TDG_MR_REPORT,
				     TDG_VP_CPUIDVE_SET,
				     TDG_VM_RD,
				     TDG_VM_RD,
				     TDG_VM_WR,
				     TDG_VP_RD,
				     TDG_VP_WR,
				     TDG_SYS_RD,
				     TDG_SYS_RDALL,
				     TDG_MEM_PAGE_ATTR_RD,
				     TDG_MEM_PAGE_ATTR_WR,
				     TDG_MR_VERIFYREPORT,
				     29 };
	u64 leaf = fuzz_pick(f, leaves);
	struct tdx_module_args args;

	noise(f, &args);
	switch (leaf) {
	case TDG_MR_RTMR_EXTEND:
		args.rcx = place(f);
		args.rdx = fuzz_below(f, 6);
		break;
	case TDG_MR_VERIFYREPORT: args.rcx = place(f); break;
	case TDG_MR_REPORT:
		args.rcx = place(f);
		args.rdx = place(f);
		args.r8 = fuzz_one_in(f, 4) ? fuzz_number(f) : 0;
		break;
	case TDG_VM_RD:
	case TDG_VM_WR:
	case TDG_VP_RD:
	case TDG_VP_WR:
		args.rcx = fuzz_one_in(f, 8) ? fuzz_number(f) : 0;
		args.rdx = field(f);
		args.r8 &= ~U64_C(1); /* a TD without #VE would have none for its CPUID either */
		break;
	case TDG_SYS_RD: args.rdx = field(f); break;
	case TDG_SYS_RDALL: args.rdx = place(f); break;
	case TDG_MEM_PAGE_ATTR_RD:
	case TDG_MEM_PAGE_ATTR_WR:
		args.rcx = place(f) & ~bits_mask(12);
		if (fuzz_one_in(f, 4))
			args.rcx |= fuzz_below(f, 8);
		break;
	default: break;
	}
	if (fuzz_one_in(f, 32))
		leaf = fuzz_bend(f, 12 + fuzz_below(f, 30));
	if (leaf == TDG_VP_VMCALL || leaf == TDG_MEM_PAGE_ACCEPT)
		leaf |= fuzz_below(f, 3) << 16; /* versions, which they have none of */
	if ((u16)leaf != TDG_VP_VMCALL && (u16)leaf != TDG_MEM_PAGE_ACCEPT)
		(void)!call(f, leaf, &args);
}

static void io(struct fuzz *f, struct tdx_module_args *args)
{
	args->r13 = fuzz_below(f, 2);
	args->r12 = fuzz_one_in(f, 8) ? fuzz_number(f) : fuzz_size(f);
	args->r14 = fuzz_port(f, args->r13);
	if (fuzz_one_in(f, 16))
		args->r14 |= BIT(16 + fuzz_below(f, 48));
}

static void mmio(struct fuzz *f, struct tdx_module_args *args)
{
	args->r12 = fuzz_one_in(f, 8) ? fuzz_number(f) : fuzz_size(f);
	args->r13 = fuzz_one_in(f, 32) ? fuzz_number(f) : fuzz_below(f, 2);
	args->r14 = fuzz_device(f) | platform.shared_mask;
	if (fuzz_one_in(f, 16))
		args->r14 = fuzz_bend(f, args->r14);
	args->r15 = fuzz_device_value(f, APIC_BASE_DEFAULT, fuzz_number(f));
}

/* Beyond this guest's memory. */
static void map_devices(struct fuzz *f, struct tdx_module_args *args)
{
	u64 gpa = align_down(fuzz_device(f), (u64)PAGE_SIZE);

	args->r12 = (gpa < f->ram_end ? f->ram_end : gpa) |
		    (fuzz_one_in(f, 2) ? platform.shared_mask : 0);
	args->r13 = fuzz_one_in(f, 8) ? fuzz_number(f) : (1 + fuzz_below(f, 2000)) * PAGE_SIZE;
}

static void hypercall(struct fuzz *f, struct tdx_module_args *args)
{
	static const u64 numbers[] = { 1, 5, 9, 10, 11, 11, 13 };

	args->r10 = fuzz_one_in(f, 8) ? fuzz_number(f) | BIT(40) : fuzz_pick(f, numbers);
	args->r11 = fuzz_one_in(f, 2) ? place(f) : fuzz_device(f) | BIT(40);
	args->r14 = fuzz_device_value(f, APIC_BASE_DEFAULT, fuzz_number(f));
}

static void operands(struct fuzz *f, struct tdx_module_args *args)
{
	switch (args->r11) {
	case TDVMCALL_CPUID:
		args->r12 = fuzz_below(f, 0x22) | (u64)fuzz_below(f, 3) << 30;
		args->r13 = fuzz_below(f, 8);
		break;
	case TDVMCALL_IO: io(f, args); break;
	case TDVMCALL_MMIO: mmio(f, args); break;
	case TDVMCALL_RDMSR:
	case TDVMCALL_WRMSR:
		args->r12 = fuzz_msr(f);
		args->r13 = fuzz_msr_value(f, (u32)args->r12, 0);
		break;
	case TDVMCALL_MAP_GPA: map_devices(f, args); break;
	case TDVMCALL_GET_QUOTE:
		args->r12 = place(f) & ~bits_mask(fuzz_one_in(f, 4) ? 6 : 12);
		args->r13 = fuzz_one_in(f, 4) ? fuzz_number(f) : fuzz_below(f, 40) * PAGE_SIZE;
		break;
	default: break;
	}
}

void fuzz_tdvmcall(struct fuzz *f)
{
	static const u64 functions[] = {
		TDVMCALL_CPUID,
		TDVMCALL_IO,
		TDVMCALL_IO,
		TDVMCALL_IO,
		TDVMCALL_RDMSR,
		TDVMCALL_RDMSR,
		TDVMCALL_WRMSR,
		TDVMCALL_WRMSR,
		TDVMCALL_MMIO,
		TDVMCALL_MMIO,
		TDVMCALL_MMIO,
		TDVMCALL_MMIO,
		TDVMCALL_GET_TD_VM_CALL_INFO,
		TDVMCALL_MAP_GPA,
		TDVMCALL_MAP_GPA,
		TDVMCALL_GET_QUOTE,
		TDVMCALL_SETUP_EVENT_NOTIFY,
		TDVMCALL_SERVICE,
		TDVMCALL_WBINVD,
		TDVMCALL_PCONFIG,
	};
	struct tdx_module_args args;

	noise(f, &args);
	args.r10 = TDVMCALL_STANDARD;
	args.r11 = fuzz_pick(f, functions);
	operands(f, &args);
	if (fuzz_one_in(f, 8))
		hypercall(f, &args);
	if (fuzz_one_in(f, 32))
		args.r11 = fuzz_bend(f, 0x10000 + fuzz_below(f, 16));
	if (args.r10 == TDVMCALL_STANDARD &&
	    (args.r11 == TDVMCALL_HLT || args.r11 == TDVMCALL_REPORT_FATAL_ERROR) && !fuzz_rare(f))
		return;
	args.rcx = fuzz_one_in(f, 16) ? fuzz_bend(f, TDVMCALL_EXPOSE_REGS_MASK)
				      : TDVMCALL_EXPOSE_REGS_MASK;
	(void)!call(f, TDG_VP_VMCALL, &args);
}

static void mark(struct fuzz *f, u64 first, u64 end, bool private)
{
	for (u64 page = first; page < end; page++)
		if (!private)
			f->pages[page] = FUZZ_SHARED;
		else if (f->pages[page] == FUZZ_SHARED)
			f->pages[page] = FUZZ_UNUSABLE;
}

static void map(struct fuzz *f)
{
	u64 page = fuzz_page(f), left = FUZZ_PAGES - page;
	u64 count = 1 + fuzz_below(f, fuzz_one_in(f, 4) ? left : left < 4 ? left : 4);
	bool private = fuzz_one_in(f, 2);
	struct tdx_module_args args = {
		.rcx = TDVMCALL_EXPOSE_REGS_MASK,
		.r10 = TDVMCALL_STANDARD,
		.r11 = TDVMCALL_MAP_GPA,
		.r12 = fuzz_gpa(f, page) | (private ? 0 : platform.shared_mask),
		.r13 = count * PAGE_SIZE,
	};

	if (call(f, TDG_VP_VMCALL, &args))
		return;
	if (args.r10) /* as far as it came */
		count = ((args.r11 & ~platform.shared_mask) - fuzz_gpa(f, page)) / PAGE_SIZE;
	mark(f, page, page + count, private);
}

static void accept(struct fuzz *f)
{
	u64 page = fuzz_page_in(f, FUZZ_UNUSABLE), first = align_down(page, PAGES_2M);
	struct tdx_module_args args = { .rcx = fuzz_gpa(f, page) };
	bool large = fuzz_one_in(f, 8);

	if (page == FUZZ_PAGES)
		return;
	for (u64 i = first; large && i < first + PAGES_2M; i++)
		large = f->pages[i] == FUZZ_UNUSABLE;
	if (large)
		args.rcx = fuzz_gpa(f, first) | TDX_LEVEL_2M;
	if (fuzz_one_in(f, 16)) /* reserved bits, levels */
		args.rcx |=
			fuzz_one_in(f, 2) ? BIT(3 + fuzz_below(f, 9)) : BIT(52 + fuzz_below(f, 12));
	if (call(f, TDG_MEM_PAGE_ACCEPT, &args))
		return;
	for (u64 i = large ? first : page; i < (large ? first + PAGES_2M : page + 1); i++)
		f->pages[i] = FUZZ_PRIVATE;
}

void fuzz_td_pages(struct fuzz *f)
{
	if (fuzz_one_in(f, 3))
		map(f);
	else
		accept(f);
}
