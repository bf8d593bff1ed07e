/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest whose table lacks a required hook stops before it uses any, by the hook's name.
 * RUN: %guest-cc %s -o %t --replace=paravirt/pv_select.c=%S/Inputs/pv-missing-hook.c
 * RUN: %run-guest --status=5 --platform=plain %t | FileCheck %s -check-prefixes=CHECK,PLAIN
 * RUN: %run-guest --status=5 --platform=snp %t | FileCheck %s -check-prefixes=CHECK,SNP
 * PLAIN: panic: pv_ops: platform plain: required hook 'hypercall' is missing
 * SNP: panic: pv_ops: platform snp: required hook 'hypercall' is missing
 * CHECK-NOT: reached
 */
#include <stdio.h>

#include "kernel/workload.h"

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	puts("reached");
	return 0;
}

DEFINE_WORKLOAD("test", "is never reached", test);
