/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an SNP guest finds wrong about its hypervisor or its launch ends it before it shares
 * anything, each with its own reason: versions, C-bit, features, VMPL, CPUID page.
 * RUN: %unit-cc -include %S/Inputs/ghcb-host.h %s %S/Inputs/ghcb-host.c %root/early/ghcb_msr.c \
 * RUN:   %root/paravirt/ghcb.c %root/early/snp_cpuid.c \
 * RUN:   %root/paravirt/ghcb_requests.c %root/paravirt/host.c -o %t
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

static u64 sev_status;
static u32 rmpadjust_status;

static u64 status_rdmsr(u32 msr) { return msr == 0xc0010131 ? sev_status : fake_rdmsr(msr); }

static u32 fake_rmpadjust(u64 address, u64 size, u64 attributes)
{
	assert(address % 4096 == 0 && size == 0 && attributes == 1);
	return rmpadjust_status;
}

#undef rdmsr
#define rdmsr             status_rdmsr
#define rmpadjust         fake_rmpadjust
#define launch_cpuid_page page
#include "early/launch_pages.h"
#undef launch_cpuid_page
static struct snp_cpuid_page cpuid_page;
#define launch_cpuid_page cpuid_page
#include "../../paravirt/snp.c"

#include "early/platform.h"
#include "Inputs/no-end.h"
struct pv_ops pv_ops;

static u64 sev_info, features;

static bool evicts;

void psc_set_eviction(bool needed) { evicts = needed; }

u64 snp_cpuid_xcr0(void) { return 1; }
u64 snp_cpuid_xss(void) { return 0; }

/* Hooks that only the table names. */
void hypercall_ghcb(void) { __builtin_trap(); }
void native_halt(void) { __builtin_trap(); }
static unsigned int doorbells; /* set up so often, with a GHCB */
void doorbell_setup(void) { doorbells += ghcb_is_ready(); }
bool doorbell_is_on(void) { __builtin_trap(); }
void doorbell_halt(void) { __builtin_trap(); }
int doorbell_setup_other(void) { __builtin_trap(); }
int doorbell_share_others(unsigned int first __unused, unsigned int count __unused,
			  const struct cpus_services *services __unused)
{
	__builtin_trap();
}
int doorbell_unshare_others(unsigned int first __unused, unsigned int count __unused,
			    const struct cpus_services *services __unused)
{
	__builtin_trap();
}
static unsigned int tsc_asked; /* so often, with a GHCB */
void secure_tsc_init(void) { tsc_asked += ghcb_is_ready(); }
void vc_handle(struct trap_frame *f __unused) { __builtin_trap(); }
int snp_cpu_wake(unsigned int cpu __unused) { __builtin_trap(); }
int snp_cpus_prepare(unsigned int first __unused, unsigned int count __unused,
		     const struct cpus_services *services __unused)
{
	__builtin_trap();
}

/* What a conversion does, in order. */
static char events[8];
static u32 coherent_eax;

static void happened(char what) { events[strlen(events)] = what; }
void psc_change(pa_t s __unused, u64 c __unused, unsigned int op)
{
	happened(op == PSC_OP_PRIVATE ? 'p' : 's');
}
void psc_validate(va_t s __unused, u64 c __unused, bool v) { happened(v ? 'v' : 'r'); }
bool sev_is_coherent;
void sev_set_coherent(u32 eax) { coherent_eax = eax; }
int sev_page_enc_status_prepare(va_t s __unused, u64 c __unused, bool p __unused)
{
	happened('f');
	return 0;
}

static u64 host(u64 request)
{
	switch (ghcb_msr_info(request)) {
	case GHCB_MSR_SEV_INFO_REQ: return sev_info;
	case GHCB_MSR_HV_FEATURES_REQ: return features;
	default: return host_msr_default(request);
	}
}

static void good(void)
{
	host_msr = host;
	host_msr_exits = 0;
	platform.private_mask = BIT(51);
	sev_info = ghcb_msr_sev_info_resp(2, 1, 51);
	features = ghcb_msr_hv_features_resp(GHCB_HV_FEATURE_SNP);
	sev_status = SEV_STATUS_SEV | SEV_STATUS_SEV_ES | SEV_STATUS_SEV_SNP;
	rmpadjust_status = 0;
	memset(&cpuid_page, 0, sizeof(cpuid_page));
	cpuid_page.count = 1;
	cpuid_page.fn[0] = (struct snp_cpuid_fn){ .eax_in = CPUID_SEV, .eax = 0x41f };
}

#define EXPECT_END(code, change)                                                                   \
	do {                                                                                       \
		good();                                                                            \
		change;                                                                            \
		assert(host_terminates(snp_early_setup) == (code));                                \
		assert(!ghcb_is_ready());                                                          \
	} while (0)

/* Lines of the old mapping are written back before the page's state changes, either way. */
static void test_conversion(void)
{
	assert(!pv_ops_snp.page_enc_status_prepare(va(0x200000), 1, false));
	happened(' ');
	assert(!pv_ops_snp.page_enc_status_prepare(va(0x200000), 1, true));
	assert(!pv_ops_snp.notify_page_enc_status_changed(va(0x200000), 1, true));
	assert(!strcmp(events, "frs fpv"));
	memset(events, 0, sizeof(events));
	sev_is_coherent = true;
	assert(!pv_ops_snp.page_enc_status_prepare(va(0x200000), 1, false));
	assert(!strcmp(events, "rs"));
}

/* The part of a leaf that is the host's, which it refuses: there is no CPUID without. */
static void refuse(struct ghcb *g)
{
	assert(g->save.sw_exit_code == SVM_EXIT_CPUID);
	host_answer(g, GHCB_RESULT_EXCEPTION,
		    EVENT_VALID | EVENT_TYPE_EXCEPTION << EVENT_TYPE_SHIFT | VEC_GP);
}

static void ask_for_features(void)
{
	struct cpuid_regs regs;

	pv_ops_snp.cpuid(CPUID_FEATURES, 0, &regs);
}

static void test_cpuid_refused(void)
{
	good();
	cpuid_page.fn[0].eax_in = CPUID_FEATURES;
	host_setup();
	host_page = refuse;
	assert(host_terminates(ask_for_features) == TERM_CPUID);
}

int main(void)
{
	EXPECT_END(GHCB_TERM_PROTOCOL_RANGE, sev_info = ghcb_msr_sev_info_resp(1, 1, 51));
	EXPECT_END(GHCB_TERM_PROTOCOL_RANGE, sev_info = ghcb_msr_sev_info_resp(4, 3, 51));
	EXPECT_END(TERM_CBIT, sev_info = ghcb_msr_sev_info_resp(2, 1, 47));
	EXPECT_END(TERM_CBIT, sev_info = ghcb_msr_sev_info_resp(2, 1, 115));
	EXPECT_END(TERM_RESPONSE, sev_info = GHCB_MSR_CPUID_RESP);
	EXPECT_END(GHCB_TERM_SNP_FEATURES, features = ghcb_msr_hv_features_resp(2));
	EXPECT_END(GHCB_TERM_SNP_FEATURES, sev_status |= SEV_STATUS_VTOM);
	EXPECT_END(GHCB_TERM_SNP_FEATURES, sev_status |= SEV_STATUS_REFLECT_VC);
	EXPECT_END(GHCB_TERM_SNP_FEATURES, sev_status |= SEV_STATUS_ALTERNATE_INJECTION);
	EXPECT_END(GHCB_TERM_SNP_FEATURES, sev_status |= SEV_STATUS_RESTRICTED_INJECTION);
	EXPECT_END(GHCB_TERM_SNP_FEATURES, sev_status |= BIT(16));
	EXPECT_END(GHCB_TERM_SNP_FEATURES, sev_status |= BIT(63));
	EXPECT_END(TERM_NOT_VMPL0, rmpadjust_status = RMPADJUST_FAIL_PERMISSION);
	EXPECT_END(TERM_CPUID, cpuid_page.count = 65);
	EXPECT_END(TERM_CPUID, cpuid_page.count = 0);

	good();
	sev_info = ghcb_msr_sev_info_resp(9, 2, 51);
	sev_status |= SEV_STATUS_DEBUG_SWAP | SEV_STATUS_SECURE_TSC;
	sev_status |= SEV_STATUS_RESTRICTED_INJECTION;
	features = ghcb_msr_hv_features_resp(GHCB_HV_FEATURE_SNP |
					     GHCB_HV_FEATURE_RESTRICTED_INJECTION);
	assert(host_terminates(snp_early_setup) == -1 && ghcb_is_ready());
	assert(coherent_eax == 0x41f);
	assert(host_msr_exits == 3 && !host_page_exits && evicts && tsc_asked == 1);
	assert(doorbells == 1);
	test_conversion();
	test_cpuid_refused();
	puts("ok");
	return 0;
}
