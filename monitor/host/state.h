/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the host keeps: of the guest, and of each of its processors.
 */
#pragma once

#include "monitor/host/fw_cfg_device.h"
#include "monitor/host/msr_protocol.h"
#include "monitor/host/tdx_quote.h"
#include "monitor/svm/vcpu.h"

struct host {
	struct fw_cfg_device fw_cfg;
	bool ends_machine;   /* power-off and reset are the machine's, not the exit port's */
	u16 ghcb_version;    /* the newest that an SEV-ES or SNP guest is offered */
	u64 ap_jump_table;   /* of an SEV-ES guest: where its processors start */
	u32 ap_reset_vector; /* ... or SNP guest, the first time, by firmware's table; 0: none */
	u64 mailbox;         /* of a TD: where its others wait; 0: none, or firmware's */
	u64 td_hob;          /* ... what firmware's descriptor has for it */
};

extern struct host host;

/* What a page that KVM's interface registers by MSR needs between two writes. */
struct kvm_state {
	u64 wall_clock;
	u64 system_time;
	u64 async_pf;
	u64 async_pf_int;
	u64 steal_time;
	u64 pv_eoi;
	u64 migration_control;
	u32 clock_version;
	u32 steal_version;
	u32 wall_version;
	u64 steal_written; /* TSC of the last update */
	u64 steal_ns;
	u64 withheld;          /* TSC of the last time */
	u64 clock_due;         /* TSC from which on the clock goes back; for a test */
	u64 clock_back;        /* ... and by how many ns it has */
	u32 async_pf_token;    /* of the page that is on its way; 0: none */
	bool async_pf_unacked; /* the guest has not taken the last one */
	u64 async_pf_gpa;      /* the page that was away last */
	u64 async_pf_due;      /* TSC */
};

/* What KVM_HC_MAP_GPA_RANGE asked for, and is not done yet. */
struct vcpu_mapping {
	u64 gpa;
	u64 page_count;
	bool private;
};

struct vcpu_host {
	struct kvm_state kvm;
	struct msr_protocol protocol;
	u64 hwcr, de_cfg, misc_enable, power_ctl; /* MSRs */
	u64 dr7;                                  /* by the GHCB */
	struct vcpu_mapping mapping;
	struct tdx_quote_request quote; /* of a TD */
	struct lie *stepped;            /* done behind v->steps: host/campaign.h */
};

/* Makes @v->host. */
void host_init_vcpu(struct vcpu *v);
