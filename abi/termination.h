/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a guest of ours ends by protocol, on every platform: by the GHCB as reason set 1, which is
 * the guest's own; a TD reports it as the extended error code of a fatal error. C and assembly.
 * Spec: none, these are Postern's; GHCB 2.3.1 and GHCI 3.4 carry them.
 */
#pragma once

#define GHCB_TERM_REGISTER       0  /* GHCB GPA registration refused */
#define GHCB_TERM_PSC            1  /* page-state change failed */
#define GHCB_TERM_PVALIDATE      2  /* PVALIDATE failed or changed nothing */
#define GHCB_TERM_NOT_VMPL0      3  /* not launched at VMPL 0 */
#define GHCB_TERM_CPUID          4  /* CPUID page malformed or leaf refused */
#define GHCB_TERM_RESPONSE       5  /* malformed response */
#define GHCB_TERM_UNSUPPORTED_VC 6  /* #VC reason without a handler */
#define GHCB_TERM_DECODE         7  /* instruction of a #VC not understood */
#define GHCB_TERM_CBIT           8  /* C-bit position inconsistent */
#define GHCB_TERM_NESTED         9  /* GHCB used more deeply than it can be */
#define GHCB_TERM_PANIC          10 /* the guest panicked */
#define GHCB_TERM_ATTRIBUTES     11 /* launched with attributes that it must refuse */
#define GHCB_TERM_CPU_SETUP      12 /* a processor's platform set-up failed */
#define GHCB_TERM_EARLY_CALL     13 /* a hypercall before there was a way to the host */
#define GHCB_TERM_CLOCK          14 /* the host's clock went back */
