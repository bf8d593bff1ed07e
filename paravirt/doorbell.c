/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Restricted injection: see snp.h.
 */
#include "paravirt/snp.h"

#include "abi/sev.h"
#include "early/fatal.h"
#include "early/ghcb_msr.h"
#include "lib/irq.h"
#include "paravirt/ghcb.h"
#include "paravirt/visibility.h"

#define HV_EVENT_KNOWN (HV_EVENT_VECTOR_MASK | HV_EVENT_NMI | HV_EVENT_NO_FURTHER_SIGNAL)

static struct hv_doorbell_page pages[CPU_MAX] __shared_page;
static bool is_on __ro_after_init;

bool doorbell_is_on(void) { return is_on; }

static struct hv_doorbell_page *own(void) { return percpus[cpu_index()].doorbell; }

static u16 pending(void) { return READ_ONCE(own()->pending_event); }

/* The host could not deliver it while interrupts were off: so we raise #HV ourselves. */
static void look_again(void)
{
	if (own() && pending())
		raise_hv();
}

/*
 * The answer is the page that is in force. From the request on #HV may come: the host tells what
 * was pending when it lets this processor run again.
 */
static int set_page(struct hv_doorbell_page *page)
{
	struct ghcb_request r = ghcb_begin();
	u64 gpa = pa_of(page).value, answer = 0;
	struct host_exception exception;
	int rc;

	WRITE_ONCE(percpus[cpu_index()].doorbell, page);
	barrier();
	rc = ghcb_exit(r.ghcb, SVM_VMGEXIT_HV_DOORBELL_PAGE, HV_DOORBELL_SET, gpa, &exception);
	if (!rc)
		answer = ghcb_get(r.ghcb, sw_exit_info_2);
	if (answer != gpa)
		WRITE_ONCE(percpus[cpu_index()].doorbell, NULL);
	ghcb_end(&r);
	return answer == gpa ? 0 : -E_PERM;
}

void doorbell_setup(void)
{
	struct hv_doorbell_page *page = &pages[cpu_index()];

	is_on = rdmsr(MSR_SEV_STATUS) & SEV_STATUS_RESTRICTED_INJECTION;
	if (!is_on)
		return;
	if (visibility_share(va_of(page), 1, "#HV doorbell", early_set_memory_decrypted))
		ghcb_terminate(TERM_PSC);
	if (set_page(page))
		ghcb_terminate(TERM_REGISTER);
	irq_after_enable = look_again;
}

int doorbell_share_others(unsigned int first, unsigned int count,
			  const struct cpus_services *services)
{
	return is_on ? visibility_share(va_of(&pages[first]), count, "#HV doorbell",
					services->share)
		     : 0;
}

int doorbell_setup_other(void) { return is_on ? set_page(&pages[cpu_index()]) : 0; }

int doorbell_unshare_others(unsigned int first, unsigned int count,
			    const struct cpus_services *services)
{
	return visibility_unshare(va_of(&pages[first]), count, services->unshare);
}

/* No host has anything else to tell; #MC it cannot even know of, and we have no handler for it. */
static void check(u16 event)
{
	unsigned int vector = event & HV_EVENT_VECTOR_MASK;

	if (event & ~HV_EVENT_KNOWN || (vector && vector < VEC_IRQ_FIRST))
		fatal(TERM_RESPONSE, "the #HV doorbell page tells of what cannot be: %#x", event);
}

bool doorbell_take_signal(bool nmi)
{
	u16 taken = HV_EVENT_NO_FURTHER_SIGNAL | (nmi ? HV_EVENT_NMI : 0);
	u16 event = __atomic_fetch_and(&own()->pending_event, (u16)~taken, __ATOMIC_ACQ_REL);

	check(event);
	return event & taken & HV_EVENT_NMI;
}

unsigned int doorbell_take_vector(void)
{
	u16 event = __atomic_fetch_and(&own()->pending_event, (u16)~HV_EVENT_VECTOR_MASK,
				       __ATOMIC_ACQ_REL);

	check(event);
	return event & HV_EVENT_VECTOR_MASK;
}

bool doorbell_eoi_consume(void)
{
	struct hv_doorbell_page *page = own();

	return page && READ_ONCE(page->no_eoi_required) & HV_NO_EOI_REQUIRED &&
	       __atomic_exchange_n(&page->no_eoi_required, 0, __ATOMIC_ACQ_REL) &
		       HV_NO_EOI_REQUIRED;
}
