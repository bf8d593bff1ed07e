/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways to end that are not violations: a triple fault and a halt without interrupts are crashes
 * with the guest's registers (status 5), power-off by ACPI is success, termination by the GHCB
 * protocol prints its reason (status 3). By whichever port of the device it ends, the transcript is
 * whole.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --status=5 --platform=snp %t -- test triple | FileCheck %s --check-prefix=TRIPLE
 * RUN: %run-guest --status=5 --platform=plain --mode=emulate %t -- test triple | \
 * RUN:   FileCheck %s --check-prefix=TRIPLE
 * TRIPLE: monitor: the guest crashed: shutdown (triple fault) at rip=0x
 * TRIPLE: monitor: rax 0x
 *
 * RUN: %run-guest --status=5 --platform=snp %t -- test halt | FileCheck %s --check-prefix=HALT
 * HALT: monitor: the guest crashed: halted for ever, with interrupts off at rip=0x
 *
 * RUN: %run-guest --platform=snp %t -- test off | FileCheck %s --check-prefix=OFF
 * RUN: %run-guest --platform=plain --mode=emulate %t -- test off | FileCheck %s --check-prefix=OFF
 * OFF: monitor: the guest powered off
 *
 * RUN: %run-guest --status=3 --platform=snp %t -- test terminate | \
 * RUN:   FileCheck %s --check-prefix=TERMINATE
 * RUN: %run-guest --status=1 --platform=plain --mode=emulate --trace=%t.trace %t -- test port
 * RUN: tail -n 2 %t.trace | FileCheck %s --check-prefix=PORT
 * PORT: ioio dir=out port=0xf6 size=0x1 value=0x11
 * PORT-NEXT: # total
 *
 * TERMINATE: monitor: the guest terminated itself: reason set 0x0 code 0x2 (SNP features not supported)
 */
#include <string.h>

#include "abi/exit_code.h"
#include "early/ghcb_msr.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_ops.h"

/* q35's PM1a control register; SLP_EN with the type of S5 */
#define PM1A_CNT  0x604
#define POWER_OFF 0x2000

static int test(int argc, char **argv)
{
	const struct table_register nothing = { 0 };

	cli();
	if (argc < 2)
		return 1;
	if (!strcmp(argv[1], "triple")) {
		lidt(&nothing);
		__asm__ volatile("ud2");
	}
	if (!strcmp(argv[1], "halt"))
		hlt();
	if (!strcmp(argv[1], "off"))
		pv_io_out(PM1A_CNT, 2, POWER_OFF);
	if (!strcmp(argv[1], "port"))
		pv_io_out(EXIT_PORT + 2, 1, EXIT_CODE_FAILED);
	if (!strcmp(argv[1], "terminate"))
		ghcb_msr_terminate(GHCB_TERM_SET_GENERAL, GHCB_TERM_SNP_FEATURES);
	return 1;
}

DEFINE_WORKLOAD("test", "ends as it is told", test);
