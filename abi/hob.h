/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of blocks by which a host tells a TD, in a page that it adds at launch, what memory
 * there is: the hand-off table first, then resources, then the end.
 * Spec: PI, volume 3, 5 (code definitions); TDVF, TD HOB (unaccepted memory).
 */
#pragma once

#include "abi/bits.h"

#define HOB_TYPE_HANDOFF  0x0001
#define HOB_TYPE_RESOURCE 0x0003
#define HOB_TYPE_END      0xffff

#define HOB_HANDOFF_VERSION 9

#define HOB_RESOURCE_SYSTEM_MEMORY     0 /* accepted at launch */
#define HOB_RESOURCE_MEMORY_UNACCEPTED 7
#define HOB_RESOURCE_TYPE_MAX          7

#define HOB_ATTRIBUTE_PRESENT     BIT(0)
#define HOB_ATTRIBUTE_INITIALIZED BIT(1)
#define HOB_ATTRIBUTE_TESTED      BIT(2)

/* Every block is whole units of this. */
#define HOB_ALIGN 8

struct hob_header {
	u16 type;
	u16 length; /* header included */
	u32 reserved;
};
ABI_SIZE(struct hob_header, 8);

struct hob_handoff {
	struct hob_header header;
	u32 version;
	u32 boot_mode;
	u64 memory_top;
	u64 memory_bottom;
	u64 free_memory_top;
	u64 free_memory_bottom;
	u64 end_of_list; /* the address behind the last block */
};
ABI_SIZE(struct hob_handoff, 56);

struct hob_resource {
	struct hob_header header;
	u8 owner[16];
	u32 type;
	u32 attributes;
	u64 start;
	u64 length;
};
ABI_SIZE(struct hob_resource, 48);
