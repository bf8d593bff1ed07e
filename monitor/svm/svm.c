/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See svm.h. Spec: APM2 15.4 (enabling), 15.30.1 (VM_CR), 15.30.4 (VM_HSAVE_PA).
 */
#include "monitor/svm/svm.h"

#include "lib/cpu.h"
#include "lib/log.h"
#include "monitor/machine/ap.h"
#include "monitor/machine/memory.h"
#include "monitor/svm/insn.h"

#define SVM_FEATURE_NP BIT(0)

static struct {
	bool enabled;
	const char *refusal; /* NULL: none */
	void *hsave;
} cpus[AP_MAX];

static int refusing_cpu;

static const char *refusal(unsigned int cpu)
{
	if ((int)cpu == refusing_cpu)
		return "told to refuse by inject=svm-refuse";
	if (!(cpuid_raw(CPUID_EXT_FEATURES, 0).ecx & CPUID_EXT_FEATURES_ECX_SVM))
		return "it has no SVM";
	if (rdmsr(MSR_VM_CR) & VM_CR_SVMDIS)
		return "SVM is disabled by firmware (VM_CR.SVMDIS)";
	if (!(cpuid_raw(CPUID_SVM, 0).edx & SVM_FEATURE_NP))
		return "it has no nested paging";
	return NULL;
}

/* On the processor itself. */
static void enable(unsigned int cpu)
{
	cpus[cpu].refusal = refusal(cpu);
	if (cpus[cpu].refusal)
		return;
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	wrmsr(MSR_VM_HSAVE_PA, (u64)cpus[cpu].hsave);
	cpus[cpu].enabled = true;
}

static void disable(unsigned int cpu)
{
	if (!cpus[cpu].enabled)
		return;
	wrmsr(MSR_VM_HSAVE_PA, 0);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~(u64)EFER_SVME);
	cpus[cpu].enabled = false;
}

static void roll_back(unsigned int cpu_count)
{
	ap_run_all(disable);
	disable(0);
	for (unsigned int i = 0; i < cpu_count; i++)
		if (cpus[i].enabled)
			log_error("svm: processor %u is still enabled", i);
}

int svm_enable_all(unsigned int cpu_count, int refuse)
{
	unsigned int enabled = 0, refused = 0;

	refusing_cpu = refuse;
	insn_keeps_rex = cpu_keeps_rex();
	for (unsigned int i = 0; i < cpu_count; i++)
		cpus[i].hsave = memory_alloc(PAGE_SIZE);
	enable(0);
	ap_run_all(enable);
	for (unsigned int i = 0; i < cpu_count; i++) {
		enabled += cpus[i].enabled;
		refused += cpus[i].refusal != NULL;
		if (cpus[i].refusal)
			log_error("svm: processor %u refuses: %s", i, cpus[i].refusal);
	}
	if (enabled == cpu_count)
		return 0;
	roll_back(cpu_count);
	log_error("svm: %u refused, rolled back on the %u that had it enabled", refused, enabled);
	return -E_NOSYS;
}
