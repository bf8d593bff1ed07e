/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an SNP guest's firmware vouches for: signed reports of its launch, and keys derived from it.
 * Pure. That all of it is emulated is said by the chip id, and by each certificate's names.
 * Spec: SNP-FW 7.2, 7.3; 5.1 (what is kept of a guest).
 */
#pragma once

#include "abi/psp.h"
#include "abi/sev.h"
#include "abi/snp_message.h"
#include "lib/errno.h"
#include "model/test_root.h"

/* Version of the interface, and of what is installed */
#define PSP_API_MAJOR 1
#define PSP_API_MINOR 55
#define PSP_BUILD     29

/* The processor and its firmware, by a test root; and what their host has set. */
struct snp_platform {
	struct test_root_snp root;
	u8 vcek[TEST_ROOT_P384_SIZE]; /* private, of the TCB root.reported_tcb */
	u8 vlek[TEST_ROOT_P384_SIZE];
	bool has_vlek;    /* SNP_VLEK_LOAD; until SNP_SHUTDOWN, or another TCB is reported */
	u64 reported_tcb; /* SNP_CONFIG */
	u32 config;       /* SNP_STATUS_MASK_* */
	u32 fms;          /* CPUID 1 EAX */
	u32 version;      /* of the reports: 2 to SNP_REPORT_VERSION */
};

/* -E_INVAL: @firmware, a test root's firmware.bin, lacks something. */
int must_check snp_platform_init(struct snp_platform *p, const void *firmware, size_t size);

/* Of a guest, fixed with the end of its launch. */
struct snp_launch {
	u64 policy;
	u8 measurement[48];
	u8 host_data[32];
	u8 report_id[32];
	u8 vmrk[32];
	bool vcek_disabled;
	bool has_id_block, has_author_key;
	struct snp_id_block id_block;
	u8 id_key_digest[48];
	u8 author_key_digest[48];
};

/*
 * The id block of a launch, whose measurement and policy are known, becomes a part of it: it is of
 * this launch, and signed by the keys that come with it, the author's too if there is one. Else a
 * PSP_ status, and nothing changes.
 */
u32 must_check snp_id_block(struct snp_launch *launch, const struct snp_id_block *block,
			    const struct snp_id_auth *auth, bool author);

/*
 * The VLEK of @stick, which is unwrapped in place, signs from now on. PSP_BAD_MEASUREMENT: it was
 * not wrapped for this chip; PSP_INVALID_PARAM: it is of another TCB than the reported one. A VLEK
 * that is there already stays then.
 */
u32 must_check snp_vlek_load(struct snp_platform *p, struct snp_vlek_hashstick *stick);

/* A policy that this firmware can enforce: SNP-FW 4.3 */
bool snp_policy_is_valid(u64 policy);

/* A message's payload, whose answer takes the place of the request; @vmpl: whose key it came by. */
struct snp_payload {
	const struct snp_platform *platform;
	const struct snp_launch *launch;
	u32 vmpl;
	u16 size; /* of the request */
	u8 *bytes;
};

/* PSP_SUCCESS with an answer, which may be one that refuses; or PSP_HWERROR_PLATFORM. */
u32 must_check snp_answer_report(const struct snp_payload *p);
u32 must_check snp_answer_key(const struct snp_payload *p);

/*
 * SNP_MSG_SUCCESS, the private key and whose it is, SNP_SIGNED_BY_*; or SNP_MSG_INVALID_KEY, or
 * SNP_MSG_INVALID_PARAM for a @selection that there is not.
 */
u32 must_check snp_key_find(const struct snp_payload *p, u32 selection, u32 *signer,
			    u8 key[TEST_ROOT_P384_SIZE]);
/* By SNP_CONFIG's MASK_CHIP_KEY: for evidence and keys. A VLEK is no chip's key. */
bool snp_key_is_masked(const struct snp_platform *p, u32 signer);
