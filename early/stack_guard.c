/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See stack_guard.h. The two names are the compiler's.
 */
#include "early/stack_guard.h"

#include "abi/sev.h"
#include "early/entry.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/log.h"
#include "lib/panic.h"

#define LOW_BYTE 0xff /* zero, so that no string that runs on tells it */

u64 __stack_chk_guard __ro_after_init = U64_C(0x5b1d7e3f2c906a00);
noreturn_t __stack_chk_fail(void);

/* Every processor with SEV or TDX has it, whatever a host's CPUID says. */
static bool has_rdrand(void)
{
	return entry_record.tdx || entry_record.sev_status & SEV_STATUS_SEV ||
	       cpuid_raw(CPUID_FEATURES, 0).ecx & CPUID_FEATURES_ECX_RDRAND;
}

void stack_guard_init(void)
{
	u64 value;

	if (has_rdrand() && rdrand_bounded(&value)) {
		__stack_chk_guard = value & ~(u64)LOW_BYTE;
		return;
	}
	__stack_chk_guard ^= rdtsc() << 8;
	log_info("stack protector: no RDRAND: its canary can be guessed");
}

/* What called it has no frame that could be trusted: no backtrace goes through it. */
noreturn_t __stack_chk_fail(void) { panic("a stack frame was overrun"); }
