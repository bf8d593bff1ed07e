/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other processors of SEV-ES and SNP guests. Spec: GHCB 4.1.5 (AP jump table), 4.1.9 (AP creation),
 * 4.3 (their boot).
 */
#include "abi/firmware.h"
#include "abi/sev.h"
#include "abi/vmcb.h"
#include "early/ap_entry.h"
#include "early/ghcb_msr.h"
#include "early/memory_map.h"
#include "early/percpu.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "paravirt/cpus.h"
#include "paravirt/ghcb.h"
#include "paravirt/snp.h"

/* APM2 14.1.3, tables 14-1 and 14-2: what a processor has after INIT */
#define DR6_RESET          0xffff0ff0
#define DR7_RESET          0x400
#define PAT_RESET          U64_C(0x0007040600070406)
#define MXCSR_RESET        0x1f80
#define X87_FCW_INIT       0x40
#define RFLAGS_ONE         0x2
#define XCR0_X87           0x1
#define LIMIT_FLAT         0xffffffff
#define SEV_FEATURES_SHIFT 2 /* SEV_STATUS is SEV_FEATURES from this bit on */

/*
 * One more than there are processors: hardware wants no VMSA at the start of 2M (SNP-FW's erratum
 * 1577), so one that lies there is passed over.
 */
static __aligned_page u8 vmsa_pages[CPU_MAX + 1][PAGE_SIZE];

/* For each try another one: who knows whether the host really refused the one before. */
static struct vmsa *vmsa_next(void)
{
	static unsigned int next;

	if (next < CPU_MAX && is_aligned(pa_of(vmsa_pages[next]).value, (u64)PAGE_2M_SIZE))
		next++;
	return next <= CPU_MAX ? (struct vmsa *)vmsa_pages[next++] : NULL;
}

/* A table's address, or 0: there is no firmware that holds processors. */
static int get_jump_table(u64 *address)
{
	struct ghcb_request r = ghcb_begin();
	struct host_exception exception;
	int rc = ghcb_exit(r.ghcb, SVM_VMGEXIT_AP_JUMP_TABLE, GHCB_JUMP_TABLE_GET, 0, &exception);

	if (!rc)
		*address = ghcb_get(r.ghcb, sw_exit_info_2);
	ghcb_end(&r);
	return rc;
}

static int write_jump_table(u64 address, const struct cpus_services *services)
{
	const struct ghcb_jump_table entry = { .cs = (u16)(services->trampoline.value >> 4) };
	int error;

	if (!is_aligned(address, (u64)PAGE_SIZE) || address >= BIT(32) ||
	    memory_map_claim(address, PAGE_SIZE, MEMORY_OF_FIRMWARE, "AP jump table")) {
		log_error("no AP jump table can be at %#lx: %s", address,
			  memory_map_what(address, PAGE_SIZE));
		return -E_RANGE;
	}
	error = services->map(pa(address), true);
	if (error)
		return error;
	memcpy(pa_ptr(pa(address)), &entry, sizeof(entry));
	return services->map(pa(address), false);
}

int sev_es_cpus_prepare(unsigned int first, unsigned int count,
			const struct cpus_services *services)
{
	u64 table = 0;
	int error = ghcb_share_others(first, count, services);

	if (!error)
		error = get_jump_table(&table);
	if (error)
		return error;
	if (table)
		return write_jump_table(table, services);
	/* Nobody held them before us: they come by the reset block of our ROM. */
	ap_gate[1] = ROM_GATE_OPEN_HIGH;
	ap_gate[0] = ROM_GATE_OPEN_LOW;
	return 0;
}

int snp_cpus_prepare(unsigned int first, unsigned int count, const struct cpus_services *services)
{
	if (!(ghcb_msr_hv_features() & GHCB_HV_FEATURE_AP_CREATION))
		return -E_NOENT;
	return ghcb_share_others(first, count, services);
}

/* As if it had come up to ap_entry64 by itself. */
static void fill_vmsa(struct vmsa *v, u64 features)
{
	const struct vmcb_seg data = { .attrib = SEG_ATTRIB_DATA, .limit = LIMIT_FLAT };

	memset(v, 0, PAGE_SIZE);
	v->cs = (struct vmcb_seg){ .attrib = SEG_ATTRIB_CODE64, .limit = LIMIT_FLAT };
	v->es = v->ss = v->ds = v->fs = v->gs = data;
	v->ldtr = (struct vmcb_seg){ .attrib = SEG_ATTRIB_LDT };
	v->tr = (struct vmcb_seg){ .attrib = SEG_ATTRIB_TSS64 };
	v->efer = EFER_LME | EFER_LMA | EFER_NXE | EFER_SVME; /* VMRUN insists on the last */
	v->cr4 = ap_start.cr4;
	v->cr3 = ap_start.cr3;
	v->cr0 = CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG;
	v->dr7 = DR7_RESET;
	v->dr6 = DR6_RESET;
	v->rflags = RFLAGS_ONE;
	v->rip = (u64)(uintptr_t)ap_entry64;
	v->g_pat = PAT_RESET;
	v->xcr0 = XCR0_X87;
	v->mxcsr = MXCSR_RESET;
	v->x87_fcw = X87_FCW_INIT;
	v->sev_features = features;
	secure_tsc_fill(v);
}

/* From here on the page is hardware's: the host can no longer run it as anything else. */
static int make_vmsa(const struct vmsa *v)
{
	u32 status = rmpadjust(pa_of(v).value, RMP_PG_SIZE_4K, 1 | RMPADJUST_VMSA);

	if (!status)
		return 0;
	log_error("RMPADJUST of a VMSA: status %u", status);
	return -E_PERM;
}

/*
 * For its next INIT: one of KVM's that never got any looks at nothing else, and behind a firmware
 * INIT and SIPI do as well.
 */
static int create_cpu(const struct vmsa *v, u32 apic_id)
{
	struct ghcb_request r = ghcb_begin();
	struct host_exception exception;
	int rc;

	ghcb_set(r.ghcb, rax, v->sev_features);
	rc = ghcb_exit(r.ghcb, SVM_VMGEXIT_AP_CREATION,
		       SVM_VMGEXIT_AP_CREATE_ON_INIT | (u64)apic_id << 32, pa_of(v).value,
		       &exception);
	ghcb_end(&r);
	return rc;
}

int snp_cpu_wake(unsigned int cpu)
{
	struct vmsa *v = vmsa_next();
	int error;

	if (!v)
		return -E_NOMEM;
	fill_vmsa(v, rdmsr(MSR_SEV_STATUS) >> SEV_FEATURES_SHIFT);
	error = make_vmsa(v);
	if (!error)
		error = create_cpu(v, percpus[cpu].apic_id);
	return error ? error : -E_NOSYS;
}
