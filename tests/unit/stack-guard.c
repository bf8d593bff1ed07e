/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The canary is a random number, and its lowest byte is zero. Where there is no RDRAND, or none
 * that answers, it is another one than the image's all the same, and a line says that it is no
 * secret.
 * A guest with SEV, or a TD, does not ask the host for RDRAND.
 * RUN: %unit-cc %s -fno-stack-protector -o %t
 */
#include <assert.h>
#include <stdlib.h>

#define rdrand_bounded rdrand_of_processor
#define cpuid_raw      cpuid_of_processor
#define rdtsc          tsc_of_processor
#include "lib/cpu.h"
#undef rdrand_bounded
#undef cpuid_raw
#undef rdtsc

static bool offered, works;
static unsigned int lines, asked;

static bool rdrand_bounded(u64 *value)
{
	*value = U64_C(0x1122334455667788);
	return works;
}

static struct cpuid_regs cpuid_raw(u32 leaf, u32 subleaf)
{
	assert(leaf == CPUID_FEATURES && !subleaf);
	asked++;
	return (struct cpuid_regs){ .ecx = offered ? CPUID_FEATURES_ECX_RDRAND : 0 };
}

static u64 rdtsc(void) { return 0x1234; }

#define __stack_chk_guard guard
#define __stack_chk_fail  fail
#include "../../early/stack_guard.c"

struct entry_record entry_record;

void log_info(const char *fmt, ...) { (void)fmt, lines++; }
noreturn_t panic(const char *fmt, ...) { (void)fmt, abort(); }

static u64 init(bool is_offered, bool does_work)
{
	offered = is_offered;
	works = does_work;
	lines = asked = 0;
	guard = U64_C(0x5b1d7e3f2c906a00);
	stack_guard_init();
	return guard;
}

int main(void)
{
	assert(init(true, true) == U64_C(0x1122334455667700) && !lines && asked);
	assert(init(false, true) != U64_C(0x5b1d7e3f2c906a00) && lines == 1);
	assert(init(true, false) != U64_C(0x5b1d7e3f2c906a00) && lines == 1 && !(guard & 0xff));
	entry_record.sev_status = SEV_STATUS_SEV;
	assert(init(false, true) == U64_C(0x1122334455667700) && !lines && !asked);
	entry_record.sev_status = 0;
	entry_record.tdx = 1;
	assert(init(false, true) == U64_C(0x1122334455667700) && !lines && !asked);
	return 0;
}
