/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of certificates that a host gives to a guest with an extended guest request: entries,
 * one of zeroes behind them, then what they stand for, each in DER.
 * Spec: GHCB 4.1.8.1.
 */
#pragma once

#include "abi/bits.h"

/* Numbers are little-endian; the GUID's bytes are in the order of its digits. */
struct guid_entry {
	u8 guid[16];
	u32 offset; /* from the table's start */
	u32 length;
};
ABI_SIZE(struct guid_entry, 24);

#define GUID_CERTIFICATE_ARK  "c0b406a4-a803-4952-9743-3fb6014cd0ae"
#define GUID_CERTIFICATE_ASK  "4ab7b379-bbac-4fe4-a02f-05aef327c782"
#define GUID_CERTIFICATE_VCEK "63da758d-e664-4564-adc5-f4b93be8accd"
#define GUID_CERTIFICATE_VLEK "a8074bc2-a25a-483e-aae6-39c045a0b8a1"
#define GUID_CERTIFICATE_CRL  "92f81bc3-5811-4d3d-97ff-d19f88dc67ea" /* revoked ones */
