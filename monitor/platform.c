/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See platform.h.
 */
#include "monitor/platform.h"

#include "abi/ghcb.h"
#include "lib/cpu.h"
#include "lib/log.h"
#include "monitor/hardware/hardware.h"
#include "monitor/hardware/state.h"
#include "monitor/host/state.h"
#include "monitor/machine/end.h"
#include "monitor/machine/entry.h"
#include "monitor/svm/lie.h"

#define GUEST_ASID 1 /* 0 is the monitor's */

static struct cpuid_values raw_cpuid(void *context, u32 leaf, u32 subleaf)
{
	struct cpuid_regs r = cpuid_raw(leaf, subleaf);

	(void)context;
	return (struct cpuid_values){ r.eax, r.ebx, r.ecx, r.edx };
}

static const struct kind *find_kind(const struct options *o)
{
	const struct kind *kind = kind_find(o->platform);

	if (kind)
		return kind;
	log_error("unknown option 'platform=%s'", o->platform);
	end_cannot_run("bad monitor options");
}

/* The highest address bit that nested paging translates is the C-bit, or SHARED; 0: neither. */
static u64 alias_bit(void)
{
	unsigned int address_bits = cpuid_raw(CPUID_ADDRESS_SIZES, 0).eax & 0xff;
	unsigned int walked_bits = host_levels == 5 ? 52 : 48;
	unsigned int bit = (address_bits < walked_bits ? address_bits : walked_bits) - 1;

	bit = guest.hardware->alias_bit(bit);
	if (!guest.hardware->is_encrypted)
		return 0;
	if (!bit)
		end_cannot_run("the processor's physical addresses are too short for a C-bit");
	return BIT(bit);
}

static void refuse_what_does_not_fit(const struct options *o)
{
	if (o->features & ~(unsigned int)FEATURE_VLEK && guest.hardware != &hardware_snp)
		end_cannot_run("features= is for an SNP guest");
	if ((o->features & FEATURE_VLEK || o->report_version) && guest.hardware != &hardware_snp &&
	    guest.hardware != &hardware_snp_host)
		end_cannot_run("report= and features=vlek are for SNP");
	if (o->quote_version && guest.hardware != &hardware_tdx)
		end_cannot_run("quote= is for a TD");
	if (o->ghcb_1 && guest.hardware != &hardware_sev_es)
		end_cannot_run("ghcb=1 is for an SEV-ES guest");
	if (o->own_time && guest.cpu_count > 1)
		end_cannot_run("tsc=own: processors would disagree about the time");
	if (o->own_time && o->features & FEATURE_SECURE_TSC)
		end_cannot_run("tsc=own: with features=secure-tsc the TSC is the firmware's");
}

/* ghcb=1, which a guest can live with; or any by inject=ghcb-version, a host that is too old. */
static u16 ghcb_version(const struct options *o)
{
	if (o->inject[INJECT_GHCB_VERSION] >= 0)
		return (u16)o->inject[INJECT_GHCB_VERSION];
	return o->ghcb_1 ? GHCB_PROTOCOL_MIN : GHCB_PROTOCOL_MAX;
}

static void tell_host(const struct options *o)
{
	host.ghcb_version = ghcb_version(o);
	host.ends_machine = o->ends_machine;
}

static void tell_hardware(const struct options *o)
{
	hardware.strict_map_gpa = o->strict_map_gpa;
	hardware.page_size = o->page_size;
	hardware.report_version = o->report_version;
	hardware.quote_version = o->quote_version;
	hardware.has_vlek = o->features & FEATURE_VLEK;
	hardware.cpuid.raw = raw_cpuid;
}

static void tell_guest(const struct options *o)
{
	guest.features = o->features;
	guest.intercept_rdtsc = o->intercept_rdtsc;
	guest.holds_interrupts = o->holds_interrupts;
	guest.lenient = o->lenient;
	guest.own_time = o->own_time;
	guest.inject = o->inject;
	for (unsigned int i = 0; i < INJECT_COUNT; i++)
		guest.is_injecting |= o->inject[i] >= 0;
	guest.npt.asid = GUEST_ASID;
	guest.npt.alias_is_shared = guest.hardware->alias_is_shared;
	guest.npt.alias_bit = alias_bit();
	guest.npt.ignored_bit = lie_ignored_bit(); /* by that bit and @inject */
}

const struct kind *platform_choose(const struct options *o)
{
	const struct kind *kind = find_kind(o);

	guest.hardware = kind->hardware;
	guest.host = kind->host;
	refuse_what_does_not_fit(o);
	tell_host(o);
	tell_hardware(o);
	tell_guest(o);
	return kind;
}
