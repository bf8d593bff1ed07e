/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the firmware's parts share: the handlers of commands.def, pages by their state, ASIDs and
 * guests. Only for files of this folder.
 */
#pragma once

#include "monitor/hardware/psp/psp.h"

/* A copy of the command buffer: read once, and the only thing that handlers look at. */
union psp_buffer {
	struct sev_cmd_init sev_init;
	struct sev_cmd_init_ex sev_init_ex;
	struct sev_cmd_platform_status sev_platform_status;
	struct sev_cmd_buffer sev_buffer;
	struct sev_cmd_guest sev_guest;
	struct sev_cmd_activate sev_activate;
	struct sev_cmd_guest_status sev_guest_status;
	struct sev_cmd_launch_start sev_launch_start;
	struct sev_cmd_memory sev_memory;
	struct sev_cmd_secret sev_secret;
	struct sev_cmd_debug sev_debug;
	struct snp_cmd_page snp_page;
	struct snp_cmd_init_ex snp_init_ex;
	struct snp_cmd_shutdown_ex snp_shutdown_ex;
	struct snp_cmd_activate snp_activate;
	struct snp_cmd_guest_status snp_guest_status;
	struct snp_cmd_launch_start snp_launch_start;
	struct snp_cmd_launch_update snp_launch_update;
	struct snp_cmd_launch_finish snp_launch_finish;
	struct snp_cmd_guest_request snp_guest_request;
	struct snp_cmd_debug snp_debug;
	struct snp_cmd_config snp_config;
	struct snp_cmd_list snp_list;
	struct snp_cmd_length snp_length;
	struct snp_cmd_vlek_load snp_vlek_load;
	struct snp_cmd_feature_info snp_feature_info;
	u8 unsupported[0x44]; /* SEND_START: the longest of them */
};

#define PSP_IN     BIT(0)
#define PSP_OUT    BIT(1)
#define PSP_LENGTH BIT(2)

typedef u32 (*psp_handler_t)(struct psp *psp, union psp_buffer *cmd);
#define PSP_COMMAND(id, name, handler, size, buffer)                                               \
	u32 psp_##handler(struct psp *psp, union psp_buffer *cmd);
#include "monitor/hardware/psp/commands.def"
#undef PSP_COMMAND

/* Page states: SNP-FW table "RMP Page States" */
enum psp_page_state {
	PSP_PAGE_INVALID, /* a content of the RMP that is none of them */
	PSP_PAGE_DEFAULT, /* no RMP entry */
	PSP_PAGE_HYPERVISOR,
	PSP_PAGE_HV_FIXED,
	PSP_PAGE_FIRMWARE,
	PSP_PAGE_FIRMWARE_IOMMU,
	PSP_PAGE_RECLAIM,
	PSP_PAGE_CONTEXT,
	PSP_PAGE_PRE_GUEST,
	PSP_PAGE_PRE_SWAP,
	PSP_PAGE_GUEST_INVALID,
	PSP_PAGE_GUEST_VALID,
};

struct psp_page {
	u64 pa; /* without C-bit */
	enum psp_page_state state;
	struct rmp_raw *entry; /* NULL: PSP_PAGE_DEFAULT */
	struct rmp_raw was;    /* what was read of it, once */
	u64 size;              /* that the entry speaks for */
};

/* The page at @pa, any address in it. PSP_INVALID_PARAM: it is the RMP's own. */
u32 psp_page_get(struct psp *psp, u64 pa, struct psp_page *page);

/* Gives its entry new contents, and tells the machine. */
void psp_page_put(struct psp *psp, const struct psp_page *page, u64 lo, u64 hi);

/* Out of the firmware's hands: not immutable, not locked. */
void psp_page_release(struct psp *psp, const struct psp_page *page, u64 set, u64 hi);

/*
 * Whether the firmware may write [@pa, @pa + @size): while SNP is initialised, to pages that the
 * host gave to it. PSP_INVALID_PAGE_STATE else; PSP_INVALID_ADDRESS: a wrap.
 */
u32 psp_writable(struct psp *psp, u64 pa, u64 size);

/* All of the RMP, for SNP_INIT: HV-fixed where there is no RAM or @list says so. */
u32 psp_rmp_initialize(struct psp *psp, const struct snp_range_list *list);
/* What SHUTDOWN gives back of what the IOMMU wrote to. */
void psp_rmp_iommu(struct psp *psp, enum psp_page_state state);

/* Copies that leave the C-bit out; PSP_INVALID_ADDRESS where it is not all RAM. */
u32 psp_read(struct psp *psp, u64 pa, u32 asid, void *buffer, u64 size);
u32 psp_write(struct psp *psp, u64 pa, u32 asid, const void *buffer, u64 size);

/* ASIDs. Their status is that of ACTIVATE and DEACTIVATE. */
void psp_asids_init(struct psp *psp);
bool psp_asids_clean(const struct psp *psp);
u32 psp_activate(struct psp *psp, struct psp_guest *guest, u32 asid);
void psp_run(struct psp *psp, struct psp_guest *guest);
void psp_deactivate(struct psp *psp, struct psp_guest *guest);

/* A free context; NULL: none is left. By handle: only of a guest without SNP. */
struct psp_guest *psp_guest_new(struct psp *psp);
struct psp_guest *psp_guest_by_handle(struct psp *psp, u32 handle);
/* A key that nobody had before. */
u32 psp_key_new(struct psp *psp);
unsigned int psp_guest_count(const struct psp *psp, enum psp_guest_kind kind);
void psp_guests_clear(struct psp *psp, enum psp_guest_kind kind);

/* PSP_INVALID_PARAM, INVALID_PLATFORM_STATE, INVALID_GUEST, in this order; @page may be NULL. */
u32 psp_gctx_get(struct psp *psp, u64 gctx, struct psp_guest **guest, struct psp_page *page);

/*
 * Makes of @page what the processor can keep. PSP_INVALID_PARAM where something had to be changed,
 * or it is no CPUID page. Leaves outside of 0x0000xxxx and 0x8000xxxx are not looked at.
 */
u32 psp_cpuid_check(const struct psp_machine *machine, struct snp_cpuid_page *page);
