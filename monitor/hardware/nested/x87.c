/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See x87.h. The registers are in no state of the monitor's, which uses none.
 */
#include "monitor/hardware/nested/x87.h"

#include "abi/x86.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/string.h"
#include "monitor/hardware/msr_value.h"

#define XCR0_X87    BIT(0)
#define XCR0_SSE    BIT(1)
#define XCR0_AVX    BIT(2)
#define XCR0_OURS   (XCR0_X87 | XCR0_SSE | XCR0_AVX)
#define MXCSR_KNOWN 0xffff
#define MXCSR_RESET 0x1f80
#define FCW_RESET   0x37f

/* As XSAVE writes it, not compacted. */
struct area {
	u16 fcw, fsw;
	u8 ftw; /* a bit for each register that is not empty */
	u8 reserved_0x5;
	u16 fop;
	u64 rip, dp;
	u32 mxcsr, mxcsr_mask;
	u8 st[8][16];
	u8 xmm[16][16];
	u8 reserved_0x1a0[0x200 - 0x1a0];
	u64 in_use; /* by component; what is not is reset by XRSTOR */
	u8 reserved_0x208[0x240 - 0x208];
	u8 ymm[16][16];
};
ABI_SIZE(struct area, 0x340);
ABI_OFFSET(struct area, st, 0x20);
ABI_OFFSET(struct area, in_use, 0x200);

static __attribute__((aligned(64))) struct area area;
static const __attribute__((aligned(64))) struct area initial = { .fcw = FCW_RESET,
								  .mxcsr = MXCSR_RESET };

static u64 supported(void)
{
	struct cpuid_regs r = cpuid_raw(CPUID_XSTATE, 0);

	return r.eax | (u64)r.edx << 32;
}

bool x87_is_legal(u64 xcr0) { return xcr0_is_legal(xcr0, supported()); }

static void load_registers(const struct vmsa *s)
{
	for (unsigned int i = 0; i < array_count(area.st); i++) {
		__builtin_memcpy(area.st[i], s->x87_low[i], sizeof(s->x87_low[i]));
		__builtin_memcpy(area.st[i] + 8, s->x87_high[i], sizeof(s->x87_high[i]));
	}
}

static void store_registers(struct vmsa *s)
{
	for (unsigned int i = 0; i < array_count(area.st); i++) {
		__builtin_memcpy(s->x87_low[i], area.st[i], sizeof(s->x87_low[i]));
		__builtin_memcpy(s->x87_high[i], area.st[i] + 8, sizeof(s->x87_high[i]));
	}
}

static void set_xcr0(u64 value)
{
	if (xgetbv(0) != value)
		xsetbv(0, value);
}

void x87_load(const struct vmsa *s, u64 xcr0)
{
	area.fcw = s->x87_fcw;
	area.fsw = s->x87_fsw;
	area.ftw = (u8)s->x87_ftw;
	area.fop = s->x87_fop;
	area.rip = s->x87_rip;
	area.dp = s->x87_dp;
	area.mxcsr = s->mxcsr & MXCSR_KNOWN;
	load_registers(s);
	__builtin_memcpy(area.xmm, s->xmm, sizeof(area.xmm));
	__builtin_memcpy(area.ymm, s->ymm, sizeof(area.ymm));
	area.in_use = XCR0_OURS & xcr0;
	set_xcr0(xcr0);
	xrstor(&area, xcr0 & XCR0_OURS);
}

void x87_store(struct vmsa *s, u64 xcr0)
{
	u64 own = xgetbv(0);

	xsave(&area, own & XCR0_OURS);
	s->xcr0 = own;
	s->x87_fcw = area.fcw;
	s->x87_fsw = area.fsw;
	s->x87_ftw = area.ftw;
	s->x87_fop = area.fop;
	s->x87_rip = area.rip;
	s->x87_dp = area.dp;
	s->mxcsr = area.mxcsr;
	store_registers(s);
	if (own & XCR0_SSE)
		__builtin_memcpy(s->xmm, area.xmm, sizeof(area.xmm));
	if (own & XCR0_AVX)
		__builtin_memcpy(s->ymm, area.ymm, sizeof(area.ymm));
	xrstor(&initial, own & XCR0_OURS);
	if (x87_is_legal(xcr0))
		set_xcr0(xcr0);
}
