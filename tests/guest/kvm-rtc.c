/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wall clock is the same however the guest has the machine's clock count: BCD or binary, 24
 * hours or 12. The monitor reads that clock for it, at each CLOCK_PAIRING.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=kvm --mode=emulate %t | FileCheck %s
 * CHECK: register B 0x02: as before
 * CHECK-NEXT: register B 0x06: as before
 * CHECK-NEXT: register B 0x00: as before
 * CHECK-NEXT: register B 0x04: as before
 * CHECK: exit status 0
 */
#include <stdio.h>

#include "abi/kvm_para.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "paravirt/pv_ops.h"

#define REGISTER_B 0x0b
#define FORMAT     0x06 /* of its bits */
#define SECONDS    60   /* that a run may take in between */

static s64 pairing_seconds(void)
{
	static struct kvm_clock_pairing pairing __attribute__((aligned(64)));

	return kvm_hypercall2(KVM_HC_CLOCK_PAIRING, (u64)(uintptr_t)&pairing, 0) ? -1 : pairing.sec;
}

static void count_by(u8 format)
{
	outb(0x70, REGISTER_B);
	outb(0x71, (inb(0x71) & ~FORMAT) | format);
}

static int test(int argc, char **argv)
{
	static const u8 formats[] = { 2, 6, 0, 4 };
	s64 first = pairing_seconds();
	int wrong = first <= 0;

	(void)argc, (void)argv;
	for (size_t i = 0; i < array_count(formats); i++) {
		s64 apart;

		count_by(formats[i]);
		apart = pairing_seconds() - first;
		wrong |= apart < 0 || apart > SECONDS;
		printf("register B 0x%02x: %s\n", formats[i],
		       apart < 0 || apart > SECONDS ? "another time" : "as before");
	}
	return wrong;
}

DEFINE_WORKLOAD("test", "reads the wall clock in each format of the machine's", test);
