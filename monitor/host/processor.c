/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See processor.h.
 */
#include "monitor/host/processor.h"

#include "lib/cpu.h"
#include "lib/string.h"
#include "monitor/machine/memory.h"
#include "monitor/machine/options.h"
#include "monitor/hardware/launch.h"
#include "monitor/host/msr_host.h"
#include "monitor/host/state.h"
#include "monitor/hardware/state.h"
#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/lenient.h"
#include "monitor/svm/lie.h"
#include "monitor/host/campaign.h"
#include "monitor/host/mailbox.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/smp.h"
#include "monitor/hardware/snp_vmsa.h"
#include "monitor/host/start_rom.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/vmcb.h"
#include "monitor/svm/xapic.h"

static u32 signature(void) { return cpuid_raw(CPUID_FEATURES, 0).eax; }

static u64 hv_features(void)
{
	u64 features = GHCB_HV_FEATURE_SNP | GHCB_HV_FEATURE_AP_CREATION;

	if (guest.features & FEATURE_RESTRICTED_INJECTION)
		features |= GHCB_HV_FEATURE_RESTRICTED_INJECTION;
	if (guest.features & FEATURE_APIC_ID_LIST)
		features |= GHCB_HV_FEATURE_APIC_ID_LIST;
	return features;
}

/* What reset clears: nothing that a host registered by MSR outlives it either. */
static void clear(struct vcpu *v)
{
	bool is_snp = hardware.rmp.pages.page_count;

	lenient_forget_all(v);
	memset(v->gpr, 0, sizeof(v->gpr));
	memset(&v->host->kvm, 0, sizeof(v->host->kvm));
	v->host->quote.is_pending = false;
	v->host_is_due = false;
	v->hardware->ghcb_msr = 0;
	v->host->protocol = (struct msr_protocol){
		.rmp = is_snp ? &hardware.rmp : NULL,
		.pages = &hardware.sev,
		.cpuid = &hardware.cpuid,
		.features = is_snp ? hv_features() : 0,
		.cbit = hardware.cpuid.cbit,
		.version_max = host.ghcb_version,
		.registered_gpa = GHCB_UNREGISTERED,
	};
	v->host->hwcr = v->host->de_cfg = v->host->power_ctl = 0;
	v->host->misc_enable = MISC_ENABLE_NO_TRACE;
	v->doorbell = (struct doorbell){ .gpa = HV_DOORBELL_NONE };
	v->nmi_pending = v->nmi_blocked = v->nmi_iret = false;
}

/* AP creation and its end are no reset: what KVM knows of the GHCB stays, and OVMF relies on it. */
static void clear_but_ghcb(struct vcpu *v)
{
	u64 msr = v->hardware->ghcb_msr, registered = v->host->protocol.registered_gpa;
	struct doorbell doorbell = v->doorbell;

	clear(v);
	v->doorbell = doorbell;
	v->hardware->ghcb_msr = msr;
	v->host->protocol.registered_gpa = registered;
}

void processor_init(struct vcpu *v)
{
	hardware_init_vcpu(v);
	host_init_vcpu(v);
	v->vmcb = memory_alloc(PAGE_SIZE);
	v->npt = &guest.npt;
	vmcb_init(v);
	clear(v);
	v->apic_base = APIC_BASE_DEFAULT | APIC_BASE_ENABLE | (v->id ? 0 : APIC_BASE_BOOT);
	startup_init(&v->startup, guest.hardware->startup, v->id == 0);
}

void processor_load(struct vcpu *v)
{
	struct vmsa *s = &v->vmcb->save;
	const u64 gpr[16] = { 0,     s->rcx, s->rdx, s->rbx, 0,      s->rbp, s->rsi, s->rdi,
			      s->r8, s->r9,  s->r10, s->r11, s->r12, s->r13, s->r14, s->r15 };

	memcpy(v->gpr, gpr, sizeof(v->gpr));
	guest.hardware->launch(v);
	s->efer |= EFER_SVME; /* VMRUN insists; hidden from the guest */
	vmload((u64)v->vmcb);
}

static void stop(struct vcpu *v)
{
	clear(v);
	vmcb_init(v);
	xapic_reset(v);
}

/* The guest's, in its private memory; other processors may be writing it. */
static struct ghcb_jump_table read_jump_table(struct vcpu *v)
{
	struct ghcb_jump_table table = { 0 };
	const void *from;

	if (!host.ap_jump_table)
		stop_crashed(v, "it started a processor without an AP jump table");
	from = page_of_guest(v, host.ap_jump_table | v->npt->alias_bit, ACCESS_READ);
	if (from)
		memcpy(&table, from, sizeof(table));
	if (!table.ip && !table.cs)
		stop_crashed(v, "it started a processor with an empty AP jump table");
	return table;
}

/* As firmware would have it: at its mailbox, at its reset vector, or by the jump table. */
static void set_first_state(struct vcpu *v)
{
	struct vmsa *s = &v->vmcb->save;
	struct ghcb_jump_table table;

	if (v->startup.way == STARTUP_BY_MAILBOX) {
		if (host.mailbox)
			mailbox_vmsa(v, s);
		else
			rom_vmsa_tdx(v, s);
		return;
	}
	if (host.ap_reset_vector) {
		launch_vmsa_reset(s, host.ap_reset_vector, signature());
		return;
	}
	launch_vmsa_sipi(s, 0, signature());
	table = read_jump_table(v);
	s->cs.selector = table.cs;
	s->cs.base = (u64)table.cs << 4;
	s->rip = table.ip;
}

static void act(struct vcpu *v, enum startup_action action)
{
	switch (action) {
	case STARTUP_RESET: stop_crashed(v, "its boot processor was reset by INIT");
	case STARTUP_STOP: stop(v); return;
	case STARTUP_AT_VECTOR:
		stop(v);
		launch_vmsa_sipi(&v->vmcb->save, v->startup.vector, signature());
		processor_load(v);
		return;
	case STARTUP_FIRST:
		stop(v);
		set_first_state(v);
		processor_load(v);
		return;
	case STARTUP_CREATE:
		clear_but_ghcb(v);
		vmcb_init(v);
		snp_vmsa_load(v);
		processor_load(v);
		return;
	case STARTUP_DESTROY: clear_but_ghcb(v); return;
	case STARTUP_RESUME:
	case STARTUP_NOTHING: return;
	}
}

/* ... and not an end. */
static bool is_start(enum startup_action action)
{
	return action == STARTUP_AT_VECTOR || action == STARTUP_FIRST || action == STARTUP_RESUME ||
	       action == STARTUP_CREATE;
}

void processor_ready(struct vcpu *v)
{
	bool delayed = false;

	for (;;) {
		enum startup_action action = startup_take(&v->startup);

		if (action && campaigning && is_start(action) && !campaign_starts_processor(v)) {
			v->startup.state = STARTUP_HALTED;
		} else if (action) {
			act(v, action);
		} else if (v->startup.state != STARTUP_RUNNING) {
			if (smp_is_last(v))
				stop_crashed(v, "it waits for a start that nobody can give");
			smp_wait(v, false);
		} else if (!delayed && lie_start_delay(v)) {
			delayed = true; /* and INIT may come meanwhile */
			smp_pause(v, lie_start_delay(v));
		} else {
			return;
		}
	}
}
