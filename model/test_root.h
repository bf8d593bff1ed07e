/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A test root: whose keys sign what the emulated firmware says, and which certificates go with
 * them. tools/test-root makes it, as two files that are each a table of GUIDs (guid_table.h):
 *
 *   certificates.bin   what a HOST gives to an extended guest request, as it is: DER, and no key.
 *   firmware.bin       what the HARDWARE holds: private keys, and what the certificates say of it.
 *
 * The keys of the default root are public on purpose: evidence under it proves nothing.
 * Spec: GHCB 4.1.8.1 (certificates); SNP-FW 3.3 (TCB_VERSION); TDX-ABI 3.7 (TEE_TCB_INFO).
 */
#pragma once

#include "abi/certificates.h"

/* certificates.bin has AMD's GUIDs. */
/* AMD has none: a table of AMD's with a VLEK has the ASVK as its ASK. */
#define GUID_CERTIFICATE_ASVK "5c40e4a1-92f3-4b0e-8d0a-6f7374617376"

/* firmware.bin: GUIDs of ours. */
#define GUID_TEST_VCEK "1d5bb7e2-8f0c-4c53-9a1e-706f7374766b" /* TEST_ROOT_P384_SIZE bytes */
#define GUID_TEST_VLEK "7b9c2f64-0d1a-4e77-b5c3-706f73746c6b" /* the same */
#define GUID_TEST_SNP  "e30f6a58-4b97-4d21-8c6f-706f7374736e" /* struct test_root_snp */
#define GUID_TEST_PCK  "a94d1c03-6e2b-4f38-91d7-706f73747063" /* TEST_ROOT_P256_SIZE bytes */
#define GUID_TEST_TDX  "5c0e7f92-1b46-4d8a-a3f5-706f73747464" /* struct test_root_tdx */
/* PEM, as a quote has it: PCK, its CA, the root. The others' certificates are not secret either. */
#define GUID_TEST_PCK_CHAIN "f2c85b1e-3d70-4a96-b8e4-706f73746363"

/* A private key: its scalar, big-endian. */
#define TEST_ROOT_P384_SIZE 48
#define TEST_ROOT_P256_SIZE 32

#define TEST_ROOT_CHIP_ID_SIZE 64

/* What the VCEK's certificate says of its processor: chip id, TCB; and the other TCBs. */
struct test_root_snp {
	u8 chip_id[TEST_ROOT_CHIP_ID_SIZE]; /* begins with "EMULATED": a report's reader sees it */
	u64 current_tcb;
	u64 reported_tcb; /* the certificate's; SNP_CONFIG may ask for less */
	u64 committed_tcb;
	u64 launch_tcb; /* current at the guest's launch */
	u32 fms;        /* CPUID 1 EAX of the product that the certificates name */
	u32 reserved_0x64;
};
ABI_SIZE(struct test_root_snp, 0x68);
ABI_OFFSET(struct test_root_snp, current_tcb, 0x40);
ABI_OFFSET(struct test_root_snp, fms, 0x60);

/* Of processor, TDX module and quoting enclave: as the PCK's certificate and the collateral say. */
struct test_root_tdx {
	u8 cpu_svn[16];
	u8 tee_tcb_svn[16]; /* the module's */
	u8 mr_seam[48];     /* a text: a quote's reader sees what module this is */
	u8 qe_mrenclave[32];
	u8 qe_mrsigner[32]; /* a text too */
	u8 qe_attributes[16];
	u16 qe_product;
	u16 qe_svn;
	u16 pce_svn;
	u16 reserved_0xa6;
};
ABI_SIZE(struct test_root_tdx, 0xa8);
ABI_OFFSET(struct test_root_tdx, qe_mrenclave, 0x50);
ABI_OFFSET(struct test_root_tdx, qe_product, 0xa0);
