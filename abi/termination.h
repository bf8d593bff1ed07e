/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a guest of ours ends by protocol, on every platform: by the GHCB as reason set 1, which is
 * the guest's own; a TD reports it as the extended error code of a fatal error. C and assembly.
 * Spec: none, these are Postern's; GHCB 2.3.1 and GHCI 3.4 carry them.
 */
#pragma once

#define TERM_REGISTER       0  /* GHCB GPA registration refused */
#define TERM_PSC            1  /* page-state change failed */
#define TERM_PVALIDATE      2  /* PVALIDATE failed or changed nothing */
#define TERM_NOT_VMPL0      3  /* not launched at VMPL 0 */
#define TERM_CPUID          4  /* CPUID page malformed or leaf refused */
#define TERM_RESPONSE       5  /* malformed response */
#define TERM_UNSUPPORTED_VC 6  /* #VC reason without a handler */
#define TERM_DECODE         7  /* instruction of a #VC not understood */
#define TERM_CBIT           8  /* C-bit position inconsistent */
#define TERM_NESTED         9  /* GHCB used more deeply than it can be */
#define TERM_PANIC          10 /* the guest panicked */
#define TERM_ATTRIBUTES     11 /* launched with attributes that it must refuse */
#define TERM_CPU_SETUP      12 /* a processor's platform set-up failed */
#define TERM_EARLY_CALL     13 /* a hypercall before there was a way to the host */
#define TERM_CLOCK          14 /* the host's clock went back */
#define TERM_CONFIG         15 /* the words are not those that the image's measurement covers */
#define TERM_CPU_LOST       16 /* a processor that is needed does not run any more */
