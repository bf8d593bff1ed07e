/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How our monitor says that it plays the hardware: a hypervisor CPUID leaf of its own, one base
 * after KVM's, where guests look for a second hypervisor's. Only for what is printed; no behaviour
 * may depend on it.
 */
#pragma once

/* EAX is this leaf, EBX ECX EDX spell the name. */
#define EMULATION_CPUID_SIGNATURE 0x40000100
#define EMULATION_SIGNATURE_EBX   0x74736f50 /* "PosternMon\0\0" */
#define EMULATION_SIGNATURE_ECX   0x4d6e7265
#define EMULATION_SIGNATURE_EDX   0x00006e6f
