/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes of CR0 and CR4: switching paging on or off changes what an encrypted guest's addresses
 * mean, and a TD may not write every bit.
 */
#pragma once

#include "monitor/svm/vcpu.h"

/* A write of CR0 that changes more than TS and MP, or any of CR4: its exit. */
void cr_exit(struct vcpu *v, unsigned int cr);
/*
 * An IRET that real_iret waits for. Firmware leaves protected mode by one, on the 32-bit stack that
 * its segment still has, where TCG's would take SP for ESP. False: another one, to be executed.
 */
bool cr_real_iret(struct vcpu *v);
/*
 * MOV to CR3 with a reserved bit, by which TCG leaves the guest as with an invalid state: false
 * where it is not that.
 */
bool cr3_exit(struct vcpu *v);
/* XSETBV, at CPL 0 and with CR4.OSXSAVE: the processor below has looked at these. */
void cr_xsetbv(struct vcpu *v);
/* A write of CR8 while an interrupt window waits. */
void cr8_exit(struct vcpu *v);
