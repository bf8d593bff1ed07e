/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Once memory is managed an SNP guest can still ask its firmware, from each processor, one at a
 * time: each message has the next number, which the secrets page has too although nobody can write
 * it there, and nothing of a message stays shared.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp --smp=2 --monitor-option=features=secure-tsc --trace=%t.trace \
 * RUN:   --trace-events=vmgexit %t | FileCheck %s
 * RUN: FileCheck %s --check-prefix=TRACE < %t.trace
 * CHECK: 6 answers, the same as at boot
 * CHECK-NEXT: number 2, then 14
 * CHECK-NEXT: shared: as before
 * TRACE-COUNT-7: vmgexit code=0x80000011 {{.*}}result=0x0 value=0x0
 * TRACE-NOT: code=0x80000011
 */
#include <stdio.h>

#include "abi/vmcb.h"
#include "early/launch_pages.h"
#include "early/memory_map.h"
#include "kernel/message.h"
#include "kernel/smp.h"
#include "kernel/workload.h"
#include "paravirt/snp.h"

#define EACH 3

static unsigned int right;

static void ask(void *context)
{
	const struct vmsa *expected = context;

	for (int i = 0; i < EACH; i++) {
		struct snp_tsc_info_response answer = { 0 };
		struct snp_message_text t = { SNP_MSG_TSC_INFO_REQ, &answer,
					      sizeof(struct snp_tsc_info_request), sizeof(answer),
					      NULL };
		u64 status;

		if (!message_ask(&t, &status) && answer.scale == expected->guest_tsc_scale &&
		    answer.offset == expected->guest_tsc_offset)
			__atomic_add_fetch(&right, 1, __ATOMIC_SEQ_CST);
	}
}

static unsigned int count_shared(void)
{
	struct memory_claim claim;
	unsigned int count = 0;

	for (u64 from = 0; memory_map_next_claim(from, &claim); from = claim.end)
		count += claim.shared;
	return count;
}

static int test(int argc, char **argv)
{
	static struct vmsa vmsa;
	const u32 *number = &launch_secrets_page.os_area.msg_seqno_0;
	unsigned int before = *(const volatile u32 *)number, shared = count_shared();

	(void)argc, (void)argv;
	secure_tsc_fill(&vmsa);
	smp_run(ask, &vmsa);
	printf("%u answers, the same as at boot\n", right);
	printf("number %u, then %u\n", before, *(const volatile u32 *)number);
	printf("shared: %s\n", shared == count_shared() ? "as before" : "more");
	return right != 2 * EACH;
}

DEFINE_WORKLOAD("test", "asks the firmware", test);
