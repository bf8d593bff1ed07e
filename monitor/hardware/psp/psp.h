/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The security processor's firmware, as the host of SEV, SEV-ES and SNP guests commands it:
 * platform and guest states, who owns which ASID, what becomes of pages, launch digests.
 * Pure: all that it touches of the machine goes through struct psp_machine. Every refusal is the
 * specification's status, in the order in which AMD's own firmware checks; a refused command
 * changes nothing, but for those that the specification says do.
 * Spec: SNP-FW, SEV-API.
 * Does not: certificates and sessions of SEV (so no secret can be sent by a guest owner), migration
 * and swapping, firmware updates. Those are refused as unsupported, by name.
 * Not locked: the monitor has one lock.
 */
#pragma once

#include "abi/psp.h"
#include "monitor/hardware/cpuid.h"
#include "monitor/hardware/guest_message.h"
#include "monitor/hardware/launch_digest.h"
#include "monitor/hardware/rmp_table.h"

#define PSP_GUEST_COUNT  256 /* of all kinds; the next one is refused by RESOURCE_LIMIT */
#define PSP_ASID_COUNT   1024
#define PSP_IOMMU_RANGES 4

struct psp_range {
	u64 base;
	u64 size;
};

/* What INIT wants of every processor of the host. */
struct psp_processors {
	bool mem_encrypt; /* SYSCFG.MEM_ENCRYPT */
	bool snp;         /* SYSCFG.SNP_EN and VMPL_EN */
	bool mfdm;        /* SYSCFG.MFDM */
	bool smm_lock;    /* HWCR.SMMLOCK */
	bool hsave_clear; /* VM_HSAVE_PA is 0 */
	bool rmp_same;    /* RMP_BASE and RMP_END are equal */
};

struct psp_machine {
	void *context;
	/*
	 * Copies [@pa, @pa + @size) of the host's RAM: as the host has it (@asid 0), or as the
	 * memory of a guest with @asid. False: it is not all RAM, and nothing was copied.
	 */
	bool (*read)(void *context, u64 pa, u32 asid, void *buffer, u64 size);
	bool (*write)(void *context, u64 pa, u32 asid, const void *buffer, u64 size);
	/* From now on @asid's memory is kept by the key with this number; 0: by none of these. */
	void (*key)(void *context, u32 asid, u32 key);
	void (*processors)(void *context, struct psp_processors *processors);
	/* What the processor has, for the CPUID page. */
	struct cpuid_values (*cpuid)(void *context, u32 leaf, u32 subleaf);
	void (*random)(void *context, void *buffer, u64 size);
	/* RMP entries of [@pa, @pa + @size) are others: nothing may be cached of them. */
	void (*rmp_changed)(void *context, u64 pa, u64 size);
	/* What the IOMMU writes to on its own, which SNP_INIT takes from the host. */
	unsigned int (*iommu_ranges)(void *context, struct psp_range ranges[PSP_IOMMU_RANGES]);
	struct rmp_table *rmp; /* the host's, from SNP_EN on */
	const struct psp_range *ram;
	unsigned int ram_count;
	u64 cbit;           /* mask: what addresses may carry and does not count */
	u32 asid_count;     /* ASIDs 1 to this may be a guest's: CPUID 0x8000001F ECX */
	u32 sev_asid_first; /* below it only those of SEV-ES and SNP guests: EDX */
	unsigned int cpu_count;
	const struct snp_platform *platform; /* as it is without what a host sets */
};

enum psp_asid_state {
	PSP_ASID_DIRTY, /* DF_FLUSH after WBINVD on all processors makes it clean */
	PSP_ASID_CLEAN,
	PSP_ASID_ALLOCATED,
	PSP_ASID_IN_USE, /* its guest can run */
};

enum psp_guest_kind {
	PSP_GUEST_NONE,
	PSP_GUEST_SEV, /* SEV-ES too: by its policy */
	PSP_GUEST_SNP,
};

/* A guest's context: GCTX of SNP-FW 5.1, and what SEV-API keeps by handle. */
struct psp_guest {
	u8 kind;
	u8 state; /* enum sev_guest_state or snp_guest_state */
	u32 asid; /* 0: not activated */
	u32 key;  /* VEK, by its number */
	u64 gctx; /* where the host has it: SNP */
	u64 policy;
	union {
		struct sev_digest sev;
		struct snp_digest snp;
	} digest;
	u8 tik[16]; /* SEV: the key of measurements */
	u8 measurement[32];
	u8 gosvw[16];
	struct guest_messages messages;
};

struct psp {
	const struct psp_machine *machine;
	u8 sev_state;
	u8 snp_state;
	bool rmp_initialized; /* and still protected: until SHUTDOWN_EX with the IOMMU */
	u16 sev_config;
	struct snp_platform platform;
	u32 key_count;
	u64 wbinvd_done; /* processors that did it since an ASID was last given up */
	u8 asids[PSP_ASID_COUNT];
	struct psp_guest guests[PSP_GUEST_COUNT]; /* handle - 1 */
	struct psp_range iommu[PSP_IOMMU_RANGES];
	unsigned int iommu_count;
	union { /* what is being worked on: never the host's own copy */
		u8 bytes[PAGE_SIZE];
		struct snp_range_list list;
		struct snp_cpuid_page cpuid;
		struct snp_secrets_page secrets;
		struct snp_id_auth id_auth;
		struct snp_vlek_hashstick hashstick;
		struct snp_message message;
	} page;
};

/* @machine stays; cpu_count is at most 64. */
void psp_init(struct psp *psp, const struct psp_machine *machine);

/* Carries out a command whose buffer is at @address. Its status: PSP_*. */
u32 psp_command(struct psp *psp, u32 id, u64 address);

/* For transcripts: NULL, or its name in the specification. */
const char *psp_command_name(u32 id);

/* Processor @cpu of the host has executed WBINVD. */
void psp_wbinvd(struct psp *psp, unsigned int cpu);

/* The guest that can run with @asid; NULL: none. */
const struct psp_guest *psp_guest_of(const struct psp *psp, u32 asid);
