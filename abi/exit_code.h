/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a run ends: the value written to QEMU's isa-debug-exit port. QEMU leaves with
 * (value << 1) | 1; run-qemu.sh maps that, and nothing else, to the statuses of its contract.
 * The values are such that no accident (a triple fault, exit 0) produces them.
 */
#pragma once

#define EXIT_PORT 0xf4

#define EXIT_CODE_SUCCESS    0x10 /* status 0 */
#define EXIT_CODE_FAILED     0x11 /* status 1: the workload failed */
#define EXIT_CODE_CANNOT_RUN 0x12 /* status 2: usage, missing part */
#define EXIT_CODE_TERMINATED 0x13 /* status 3: the guest terminated itself by protocol */
#define EXIT_CODE_VIOLATION  0x14 /* status 4: the monitor named a violation */
#define EXIT_CODE_PANIC      0x15 /* status 5: crash or panic */

/*
 * QEMU's isa-debugcon devices; one that is present reads as DEBUGCON_PRESENT. Not 0x402: SeaBIOS
 * and OVMF write their own log there.
 */
#define PORT_TRANSCRIPT  0x406 /* written by the monitor */
#define PORT_RESULTS     0x404 /* written by the guest: JSON lines */
#define DEBUGCON_PRESENT 0xe9
