/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A panic before the platform is known says what it can: all of it on a port that works, a TD's
 * report its text, the GHCB MSR its reason code.
 * RUN: %guest-cc -o %t --replace early/platform.c=%s
 * RUN: %run-guest --status=5 --platform=plain %t -- hello | FileCheck %s
 * RUN: %run-guest --status=5 --platform=sev %t -- hello | FileCheck %s
 * CHECK: postern: panic: number 42 is in the way
 * CHECK: platform_detect+0x
 * RUN: %run-guest --status=3 --platform=tdx %t -- hello | FileCheck %s --check-prefix=TDX
 * TDX: monitor: the guest terminated itself: fatal error code 0xa{{0+}} "number 42 is in the way"
 * RUN: %run-guest --status=3 --platform=sev-es %t -- hello | FileCheck %s --check-prefix=GHCB
 * RUN: %run-guest --status=3 --platform=snp %t -- hello | FileCheck %s --check-prefix=GHCB
 * GHCB: monitor: the guest terminated itself: reason set 0x1 code 0xa
 */
#define platform_detect true_platform_detect
#include "early/platform.c"
#undef platform_detect

#include "lib/panic.h"

void platform_detect(void);

void platform_detect(void) { panic("number %u is in the way", 42); }
