/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's processors beside each other. Each runs on its own processor of the machine; whoever
 * left the guest holds the one lock until it enters again or waits. So everything of the monitor's
 * is one processor's at a time but what is said to be otherwise at its place.
 *
 * A kick is an NMI: it ends a run whatever the guest's TPR and IF are, and a wait too. What it is
 * for is in the kicked processor's state.
 */
#pragma once

#include "lib/compiler.h"
#include "monitor/machine/traps.h"
#include "monitor/svm/vcpu.h"

/* Makes guest.cpus for processors 0 to @count - 1; the boot processor holds the lock. */
void smp_init(unsigned int count);

/*
 * Drops the lock after all others have left the guest that could still use what was unmapped;
 * takes it again. @v is in the guest in between.
 */
void smp_enter(struct vcpu *v);
void smp_left(struct vcpu *v);

/* Who holds the lock: the processor that executes this. */
struct vcpu *smp_here(void);

/*
 * Nobody but the one that executes this is in the guest any more who could use what was unmapped
 * before: smp_enter() sees to that, too.
 */
void smp_flush(void);

/* @v, which holds the lock, makes @to look at its state. Itself it does anyhow. */
void smp_kick(struct vcpu *v, struct vcpu *to);

/* All of a TD's processors come that have not; @v does not wait for them. */
void smp_release(struct vcpu *v);

/* @v's next run ends as soon as the event that waits for it is delivered. */
void smp_kick_self(struct vcpu *v);

/*
 * Before @v's run: kicks it if @event, of EVENTINJ, is an interrupt, and says so. QEMU's VMRUN
 * delivers one of EVENTINJ itself and does not take its number back: the next time that it stops
 * this processor's thread, for whatever, it delivers it again, whatever IF is. An exit forgets it.
 * So there is one behind the delivery, before the handler's first instruction.
 */
bool smp_deliver_once(struct vcpu *v, u64 event);

/*
 * Without the lock: halts until a kick or, with @interrupts, an interrupt, whose vector it returns;
 * else -1.
 */
s64 smp_wait(struct vcpu *v, bool interrupts);

/* The same with interrupts, until @tsc at the latest: -1 then too. */
s64 smp_wait_until(struct vcpu *v, u64 tsc);
/* Without the lock: waits for @ticks of the TSC. */
void smp_pause(struct vcpu *v, u64 ticks);

/* An NMI was acknowledged (@nmi), which is a kick's, or the guest's own. */
void smp_nmi(struct vcpu *v, bool nmi);

/* Whether there is a processor of this APIC id, running or not. */
bool smp_has(u32 apic_id);

/* Whether no processor but @v can ever run again by itself. */
bool smp_is_last(const struct vcpu *v);

/* Before the lock is there: waits for the first kick. */
void smp_wait_first(struct vcpu *v);
