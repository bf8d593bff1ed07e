/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each platform has its table; under KVM the vendor chooses the hypercall's instruction. The tables
 * of plain platforms are whole, and differ in nothing but what their names say.
 * RUN: %unit-cc %s %root/paravirt/hypercall.S -Wl,--defsym=hypercall_select=0 \
 * RUN:   -Wl,--defsym=hypercall_by_ghcb=0 -Wl,--defsym=hypercall_by_tdvmcall=0 -o %t
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "lib/string.h"
#include "../../paravirt/pv_select.c"
#include "../../paravirt/plain.c"

struct platform platform;
const struct pv_ops pv_ops_sev, pv_ops_sev_es, pv_ops_snp, pv_ops_tdx;
/* Only addresses count. */
#define FAKE(type, name, args)                                                                     \
	type name args { __builtin_trap(); }
FAKE(void, pv_nop, (void))
FAKE(int, pv_return_zero, (void))
FAKE(int, cpu_wake_by_sipi, (unsigned int c __unused))
FAKE(u32, native_io_in, (u16 port __unused, unsigned int size __unused))
FAKE(void, native_io_out, (u16 p __unused, unsigned int s __unused, u32 v __unused))
FAKE(void, native_io_in_string, (u16 p __unused, void *d __unused, size_t c __unused))
FAKE(void, native_io_in_each, (u16 p __unused, void *d __unused, size_t c __unused))
FAKE(void, native_io_out_each, (u16 p __unused, const void *d __unused, size_t c __unused))
FAKE(void, native_io_out_string, (u16 p __unused, const void *d __unused, size_t c __unused))
FAKE(int, native_msr_read, (u32 m __unused, u64 *v __unused))
FAKE(int, native_msr_write, (u32 m __unused, u64 v __unused))
FAKE(u64, native_mmio_read, (pa_t a __unused, unsigned int s __unused))
FAKE(void, native_mmio_write, (pa_t a __unused, unsigned int s __unused, u64 v __unused))
FAKE(void, native_cpuid, (u32 l __unused, u32 s __unused, struct cpuid_regs *r __unused))
FAKE(void, native_halt, (void))
FAKE(void, native_wbinvd, (void))
FAKE(void, native_handle_exception, (struct trap_frame * f __unused))
FAKE(void, map_gpa_init, (void))
FAKE(int, map_gpa_notify_page_enc_status_changed,
     (va_t s __unused, u64 c __unused, bool p __unused))

static const struct pv_ops *table(enum platform_kind kind, const char *vendor)
{
	platform.kind = kind;
	platform.name = "tested";
	strcpy(platform.vendor, vendor);
	return pv_platform_table();
}

int main(void)
{
	struct pv_ops amd, intel;

	assert(table(PLATFORM_PLAIN, "AuthenticAMD")->hypercall == hypercall_none);
	assert(table(PLATFORM_PLAIN, "GenuineIntel")->hypercall == hypercall_none);
	assert(table(PLATFORM_KVM, "AuthenticAMD")->hypercall == hypercall_vmmcall);
	assert(table(PLATFORM_KVM, "HygonGenuine")->hypercall == hypercall_vmmcall);
	assert(table(PLATFORM_KVM, "GenuineIntel")->hypercall == hypercall_vmcall);
	assert(table(PLATFORM_KVM, "CentaurHauls")->hypercall == hypercall_vmcall);
	assert(table(PLATFORM_KVM_PROTECTED, "AuthenticAMD") == &pv_ops_kvm_protected_amd);
	assert(table(PLATFORM_KVM_PROTECTED, "GenuineIntel") == &pv_ops_kvm_protected_intel);
	assert(table(PLATFORM_SEV, "AuthenticAMD") == &pv_ops_sev);
	assert(table(PLATFORM_SEV_ES, "AuthenticAMD") == &pv_ops_sev_es);
	assert(table(PLATFORM_SEV_SNP, "AuthenticAMD") == &pv_ops_snp);
	assert(table(PLATFORM_TDX, "GenuineIntel") == &pv_ops_tdx);
	/* the host's word, which is not asked where there is one right way */
	assert(table(PLATFORM_SEV, "GenuineIntel") == &pv_ops_sev);
	assert(table(PLATFORM_SEV_ES, "GenuineIntel") == &pv_ops_sev_es);
	assert(table(PLATFORM_SEV_SNP, "GenuineIntel") == &pv_ops_snp);
	assert(table(PLATFORM_TDX, "AuthenticAMD") == &pv_ops_tdx);

	memcpy(&amd, &pv_ops_kvm_amd, sizeof(amd));
	memcpy(&intel, &pv_ops_kvm_intel, sizeof(intel));
	intel.hypercall = amd.hypercall;
	assert(!memcmp(&amd, &intel, sizeof(amd)));

	memcpy(&amd, &pv_ops_kvm_protected_amd, sizeof(amd));
	memcpy(&intel, &pv_ops_kvm_protected_intel, sizeof(intel));
	assert(amd.hypercall == hypercall_vmmcall && intel.hypercall == hypercall_vmcall);
	intel.hypercall = amd.hypercall;
	assert(!memcmp(&amd, &intel, sizeof(amd)));
	puts("ok");
	return 0;
}
