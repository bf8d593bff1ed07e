/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The GHCB page of each processor: who uses it, VMGEXIT, and the check of the answer. The requests
 * themselves are in ghcb_requests.c.
 *
 * Interrupts are off from ghcb_begin to ghcb_end; only an NMI can come between, and it finds depth
 * counted up before the page is touched and counted down after: whatever the moment, it saves what
 * is there and puts it back before IRET: the page, and the MSR inside a request by MSR protocol.
 */
#include "paravirt/ghcb.h"

#include "early/fatal.h"
#include "early/ghcb_msr.h"
#include "early/percpu.h"
#include "early/platform.h"
#include "lib/irq.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "paravirt/cpus.h"
#include "paravirt/visibility.h"

/* A request, and those of NMIs: inside it, inside each one's last, by which the next is let in. */
#define GHCB_DEPTH_MAX 4

/* Of the protocol. Below 2 there is nothing of what is SNP's, nor the features. */
static u16 version __ro_after_init = GHCB_PROTOCOL_MAX;

static struct ghcb pages[CPU_MAX] __shared_page;

static struct ghcb_cpu {
	struct ghcb backup[GHCB_DEPTH_MAX - 1]; /* private */
	unsigned int depth;
	bool ready;
} cpus[CPU_MAX];

/* The first thing that is asked of the hypervisor: GHCB 2.3.1. */
void ghcb_negotiate(unsigned int least)
{
	struct ghcb_msr_sev_info info = ghcb_msr_sev_info();

	version = info.version_max < GHCB_PROTOCOL_MAX ? info.version_max : GHCB_PROTOCOL_MAX;
	if (version < info.version_min || version < least)
		ghcb_msr_terminate(GHCB_TERM_SET_GENERAL, GHCB_TERM_PROTOCOL_RANGE);
	if (info.cbit >= 64 || BIT(info.cbit) != platform.private_mask)
		ghcb_terminate(TERM_CBIT);
}

static struct ghcb *share_page(void)
{
	struct ghcb *page = &pages[cpu_index()];

	if (visibility_share(va_of(page), 1, "GHCB", early_set_memory_decrypted))
		ghcb_terminate(TERM_PSC);
	return page;
}

/* The version is said once: a host that changes it misleads itself. */
static void use_page(struct ghcb *page)
{
	WRITE_ONCE(page->protocol_version, version);
	wrmsr(MSR_GHCB, pa_of(page).value);
	cpus[cpu_index()].ready = true;
}

unsigned int ghcb_version(void) { return version; }

void ghcb_setup(void)
{
	struct ghcb *page = share_page();

	if (ghcb_msr_register_gpa(pa_of(page).value))
		ghcb_terminate(TERM_REGISTER);
	use_page(page);
}

void ghcb_setup_unregistered(void) { use_page(share_page()); }

int ghcb_share_others(unsigned int first, unsigned int count, const struct cpus_services *services)
{
	return visibility_share(va_of(&pages[first]), count, "GHCB", services->share);
}

int ghcb_unshare_others(unsigned int first, unsigned int count,
			const struct cpus_services *services)
{
	return visibility_unshare(va_of(&pages[first]), count, services->unshare);
}

int ghcb_setup_other(void)
{
	struct ghcb *page = &pages[cpu_index()];

	if (ghcb_msr_register_gpa(pa_of(page).value))
		return -E_PERM;
	use_page(page);
	return 0;
}

/* CPUID of leaf 0: a host of any version answers that, and nothing comes of it. */
int ghcb_try(void)
{
	struct ghcb_request r = ghcb_begin();
	u64 result;

	ghcb_set(r.ghcb, rax, CPUID_VENDOR);
	ghcb_set(r.ghcb, rcx, 0);
	ghcb_set(r.ghcb, sw_exit_code, SVM_EXIT_CPUID);
	ghcb_set(r.ghcb, sw_exit_info_1, 0);
	ghcb_set(r.ghcb, sw_exit_info_2, 0);
	vmgexit();
	result = ghcb_get(r.ghcb, sw_exit_info_1);
	ghcb_end(&r);
	return (u32)result == GHCB_RESULT_OK ? 0 : -E_PERM;
}

int ghcb_setup_other_unregistered(void)
{
	use_page(&pages[cpu_index()]);
	return ghcb_try();
}

bool ghcb_is_ready(void) { return cpus[cpu_index()].ready; }

/* Nothing valid, and nothing of an earlier request left where a check could miss it. */
static void empty(struct ghcb *g)
{
	memset(g->save.valid_bitmap, 0, sizeof(g->save.valid_bitmap));
	WRITE_ONCE(g->ghcb_usage, GHCB_USAGE_STANDARD);
}

struct ghcb_request ghcb_begin(void)
{
	u64 flags = irq_save();
	unsigned int self = cpu_index();
	struct ghcb_request request = { .ghcb = &pages[self], .flags = flags };
	struct ghcb_cpu *cpu = &cpus[self];
	unsigned int depth = cpu->depth;

	fatal_give_way();
	CHECK(cpu->ready);
	if (depth == GHCB_DEPTH_MAX)
		ghcb_terminate(TERM_NESTED);
	WRITE_ONCE(cpu->depth, depth + 1);
	barrier();
	if (depth)
		memcpy(&cpu->backup[depth - 1], request.ghcb, sizeof(struct ghcb));
	if (ghcb_msr_is_busy()) {
		request.msr = rdmsr(MSR_GHCB);
		wrmsr(MSR_GHCB, pa_of(request.ghcb).value);
	}
	empty(request.ghcb);
	return request;
}

void ghcb_end(struct ghcb_request *request)
{
	struct ghcb_cpu *cpu = &cpus[cpu_index()];

	if (request->msr)
		wrmsr(MSR_GHCB, request->msr);
	if (cpu->depth > 1)
		memcpy(request->ghcb, &cpu->backup[cpu->depth - 2], sizeof(struct ghcb));
	barrier();
	WRITE_ONCE(cpu->depth, cpu->depth - 1);
	request->ghcb = NULL;
	irq_restore(request->flags);
}

/* GHCB 4.1: of all events only the exceptions that an instruction may raise are accepted. */
static int take_exception(u64 event, struct host_exception *exception)
{
	u8 vector = event & EVENT_VECTOR_MASK;

	if (!(event & EVENT_VALID) ||
	    (event & EVENT_TYPE_MASK) != EVENT_TYPE_EXCEPTION << EVENT_TYPE_SHIFT ||
	    (vector != VEC_GP && vector != VEC_UD))
		ghcb_terminate(TERM_RESPONSE);
	*exception = (struct host_exception){
		.vector = vector,
		.has_error_code = event & EVENT_ERROR_CODE_VALID,
		.error_code = (u32)(event >> 32),
	};
	return -E_FAULT;
}

int ghcb_exit(struct ghcb *g, u64 code, u64 info1, u64 info2, struct host_exception *exception)
{
	ghcb_set(g, sw_exit_code, code);
	ghcb_set(g, sw_exit_info_1, info1);
	ghcb_set(g, sw_exit_info_2, info2);
	vmgexit();

	switch ((u32)ghcb_get(g, sw_exit_info_1)) {
	case GHCB_RESULT_OK: return 0;
	case GHCB_RESULT_EXCEPTION: return take_exception(ghcb_get(g, sw_exit_info_2), exception);
	case GHCB_RESULT_ERROR:
		if (code == SVM_VMGEXIT_AP_CREATION)
			return -E_IO; /* one processor less: nothing that an answer could betray */
		break;
	}
	ghcb_terminate(TERM_RESPONSE);
}
