/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an SEV-ES guest finds wrong about its hypervisor ends it, each with its own reason:
 * versions, C-bit, a GHCB that does nothing, CPUID that is refused. Version 1 will do.
 * RUN: %unit-cc -include %S/Inputs/ghcb-host.h %s %S/Inputs/ghcb-host.c %root/early/ghcb_msr.c \
 * RUN:   %root/paravirt/ghcb.c %root/paravirt/ghcb_requests.c %root/paravirt/host.c -o %t
 */
#include <assert.h>
#include <stdio.h>

#include "../../paravirt/sev.c"

#include "early/platform.h"
#include "Inputs/no-end.h"

struct pv_ops pv_ops;

static unsigned int version_max;
static u8 cbit;
static bool refuses;
static unsigned int pages_inited;

/* Hooks that only the tables name. */
void hypercall_ghcb(void) { __builtin_trap(); }
void hypercall_vmmcall(void) { __builtin_trap(); }
void native_io_in_each(u16 p __unused, void *d __unused, size_t c __unused) { __builtin_trap(); }
void native_io_out_each(u16 p __unused, const void *d __unused, size_t c __unused)
{
	__builtin_trap();
}
u32 native_io_in(u16 p __unused, unsigned int s __unused) { __builtin_trap(); }
void native_io_out(u16 p __unused, unsigned int s __unused, u32 v __unused) { __builtin_trap(); }
int native_msr_read(u32 m __unused, u64 *v __unused) { __builtin_trap(); }
int native_msr_write(u32 m __unused, u64 v __unused) { __builtin_trap(); }
u64 native_mmio_read(pa_t a __unused, unsigned int s __unused) { __builtin_trap(); }
void native_mmio_write(pa_t a __unused, unsigned int s __unused, u64 v __unused)
{
	__builtin_trap();
}
void native_cpuid(u32 l __unused, u32 s __unused, struct cpuid_regs *r __unused)
{
	__builtin_trap();
}
void native_halt(void) { __builtin_trap(); }
void native_wbinvd(void) { __builtin_trap(); }
void native_handle_exception(struct trap_frame *f __unused) { __builtin_trap(); }
void vc_handle(struct trap_frame *f __unused) { __builtin_trap(); }
void pv_nop(void) {}
int pv_return_zero(void) { return 0; }
int cpu_wake_by_sipi(unsigned int cpu __unused) { __builtin_trap(); }
int sev_es_cpus_prepare(unsigned int f __unused, unsigned int c __unused,
			const struct cpus_services *s __unused)
{
	__builtin_trap();
}
int sev_page_enc_status_prepare(va_t s __unused, u64 c __unused, bool p __unused)
{
	__builtin_trap();
}
int map_gpa_notify_page_enc_status_changed(va_t s __unused, u64 c __unused, bool p __unused)
{
	__builtin_trap();
}
void sev_pages_init(void) { pages_inited += ghcb_is_ready(); }

static u64 msr_protocol(u64 request)
{
	assert(ghcb_msr_info(request) ==
	       GHCB_MSR_SEV_INFO_REQ); /* and no other one is version 1's */
	return ghcb_msr_sev_info_resp(version_max, 1, cbit);
}

static void page(struct ghcb *g)
{
	assert(g->save.sw_exit_code == SVM_EXIT_CPUID && g->protocol_version == version_max);
	if (refuses) {
		host_answer(g, GHCB_RESULT_EXCEPTION,
			    EVENT_VALID | EVENT_TYPE_EXCEPTION << EVENT_TYPE_SHIFT | VEC_GP);
		return;
	}
	host_answer(g, GHCB_RESULT_OK, 0);
	host_set(g, rax, g->save.rax + 1);
	host_set(g, rbx, 0);
	host_set(g, rcx, 0);
	host_set(g, rdx, 0);
}

static struct cpuid_regs regs;

static void ask(void) { pv_ops_sev_es.cpuid(1, 0, &regs); }

static int end_with(unsigned int version, u8 bit, bool refusal)
{
	version_max = version;
	cbit = bit;
	refuses = refusal;
	return host_terminates(sev_es_early_setup);
}

int main(void)
{
	platform.private_mask = BIT(51);
	host_msr = msr_protocol;
	host_page = page;
	assert(end_with(0, 51, false) == GHCB_TERM_PROTOCOL_RANGE);
	assert(end_with(2, 47, false) == TERM_CBIT && !ghcb_is_ready());
	assert(end_with(1, 51, true) == TERM_CPU_SETUP && !pages_inited);
	assert(end_with(1, 51, false) == -1 && pages_inited == 1 && ghcb_version() == 1);
	version_max = 2;
	assert(end_with(2, 51, false) == -1 && ghcb_version() == 2);

	ghcb_setup_unregistered();
	assert(host_terminates(ask) == -1 && regs.eax == 2);
	assert(!pv_ops_sev_es.cpu_setup());
	refuses = true;
	assert(pv_ops_sev_es.cpu_setup() == -E_PERM);
	assert(host_terminates(ask) == TERM_CPUID);
	puts("ok");
	return 0;
}
