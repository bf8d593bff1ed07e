/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See smp.h.
 */
#include "monitor/svm/smp.h"

#include "lib/cpu.h"
#include "monitor/machine/ap.h"
#include "monitor/machine/end.h"
#include "monitor/machine/memory.h"
#include "monitor/svm/lie.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/tsc_deadline.h"

#define ICR_KICK  (APIC_ICR_MODE(APIC_MODE_NMI) | (u32)APIC_ICR_ASSERT)
#define SPIN_LONG 100000000
#define NOBODY    (~0u)

static bool locked;
static u32 owner = NOBODY; /* APIC id of who holds it */
static bool ending;
static u64 flushed; /* npt_generation() that no processor is behind of */

static bool lock_try(void) { return !__atomic_exchange_n(&locked, true, __ATOMIC_ACQUIRE); }

/* The lock is not given back at the end of a run. */
static void lock_take(const struct vcpu *v)
{
	while (READ_ONCE(locked) || !lock_try()) {
		cpu_relax();
		while (READ_ONCE(ending))
			hlt(); /* GIF is 0: for ever */
	}
	owner = v->apic_id;
}

static void lock_drop(void)
{
	owner = NOBODY;
	__atomic_store_n(&locked, false, __ATOMIC_RELEASE);
}

static bool is_in_guest(const struct vcpu *v)
{
	return __atomic_load_n(&v->in_guest, __ATOMIC_ACQUIRE);
}

void smp_kick(struct vcpu *v, struct vcpu *to)
{
	if (to == v || to->kicked)
		return;
	to->kicked = true;
	ap_send(to->apic_id, ICR_KICK);
}

struct vcpu *smp_here(void) { return &guest.cpus[owner]; }

/* Whoever is in the guest leaves it; who is not will flush before it enters. */
void smp_flush(void)
{
	if (flushed >= npt_urgent())
		return;
	flushed = npt_generation();
	for (unsigned int i = 0; i < guest.cpu_count; i++)
		if (is_in_guest(&guest.cpus[i]))
			smp_kick(smp_here(), &guest.cpus[i]);
	for (unsigned int i = 0; i < guest.cpu_count; i++)
		while (is_in_guest(&guest.cpus[i]))
			cpu_relax();
	npt_flushed();
}

void smp_enter(struct vcpu *v)
{
	smp_flush();
	WRITE_ONCE(v->in_guest, true);
	lock_drop();
}

void smp_left(struct vcpu *v)
{
	__atomic_store_n(&v->in_guest, false, __ATOMIC_RELEASE);
	lock_take(v);
}

void smp_nmi(struct vcpu *v, bool nmi)
{
	if (!nmi)
		return;
	if (!v->kicked) {
		TRACE(v->id, IRQ, "vector=%#x", VEC_NMI);
		v->nmi_pending = true;
	}
	v->kicked = false;
}

void smp_release(struct vcpu *v)
{
	for (unsigned int i = 0; i < guest.cpu_count; i++) {
		struct vcpu *to = &guest.cpus[i];

		if (!lie_start_fails(to) && startup_release(&to->startup))
			smp_kick(v, to);
	}
}

void smp_kick_self(struct vcpu *v)
{
	v->kicked = true;
	ap_send(v->apic_id, ICR_KICK);
}

bool smp_deliver_once(struct vcpu *v, u64 event)
{
	const u64 interrupt = EVENT_VALID | EVENT_TYPE_INTR << EVENT_TYPE_SHIFT;

	if ((event & (EVENT_VALID | EVENT_TYPE_MASK)) != interrupt)
		return false;
	smp_kick_self(v);
	return true;
}

s64 smp_wait(struct vcpu *v, bool interrupts)
{
	struct ack ack;
	u64 start;

	smp_flush();
	lock_drop();
	start = rdtsc();
	ack = ack_wait(interrupts);
	v->left_tsc += rdtsc() - start; /* a wait is the guest's own time */
	lock_take(v);
	smp_nmi(v, ack.nmi);
	return tsc_deadline_ack(v, ack.vector);
}

s64 smp_wait_until(struct vcpu *v, u64 tsc)
{
	struct ack ack;

	smp_flush();
	lock_drop();
	do {
		ack = ack_poll();
		cpu_relax();
	} while (ack.vector < 0 && !ack.nmi && rdtsc() < tsc);
	lock_take(v);
	smp_nmi(v, ack.nmi);
	return tsc_deadline_ack(v, ack.vector);
}

void smp_pause(struct vcpu *v, u64 ticks)
{
	u64 start = rdtsc();

	smp_flush();
	lock_drop();
	while (rdtsc() - start < ticks)
		cpu_relax();
	lock_take(v);
}

void smp_wait_first(struct vcpu *v)
{
	while (!ack_wait(false).nmi || !READ_ONCE(v->kicked)) /* or the guest would get it */
		;
	lock_take(v);
	v->kicked = false;
}

bool smp_has(u32 apic_id)
{
	for (unsigned int i = 0; i < guest.cpu_count; i++)
		if (guest.cpus[i].apic_id == apic_id)
			return true;
	return false;
}

bool smp_is_last(const struct vcpu *v)
{
	for (unsigned int i = 0; i < guest.cpu_count; i++) {
		const struct vcpu *other = &guest.cpus[i];

		if (other != v && other->startup.state == STARTUP_RUNNING &&
		    (!other->halted_forever || other->kicked))
			return false; /* it runs, or is about to see what it was kicked for */
	}
	return true;
}

/*
 * A panic may come to a processor that does not hold the lock: then it takes it, or goes on without
 * where its owner is lost. The owner keeps it: nobody else comes out of the guest again.
 */
static void stop_others(void)
{
	u32 here = ap_here();

	if (ending)
		return;
	for (long i = 0; owner != here && !lock_try() && i < SPIN_LONG; i++)
		cpu_relax();
	ending = true;
	for (unsigned int i = 0; i < guest.cpu_count; i++)
		if (guest.cpus[i].apic_id != here && is_in_guest(&guest.cpus[i]))
			ap_send(guest.cpus[i].apic_id, ICR_KICK);
	for (unsigned int i = 0; i < guest.cpu_count; i++)
		for (long spins = 0; guest.cpus[i].apic_id != here && is_in_guest(&guest.cpus[i]) &&
				     spins < SPIN_LONG;
		     spins++)
			cpu_relax();
}

void smp_init(unsigned int count)
{
	guest.cpus = memory_alloc(count * sizeof(*guest.cpus));
	guest.cpu_count = count;
	for (unsigned int i = 0; i < count; i++) {
		struct vcpu *v = &guest.cpus[i];

		v->id = v->apic_id = i;
		v->apic = (struct apic_address){ .id = i, .dfr = APIC_DFR_RESET };
	}
	owner = ap_here();
	locked = true;
	if (count > 1)
		end_stop_others = stop_others;
}
