/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One VM: what all parts of the VMM share. Written while it is set up by one thread; later what
 * changes is below `lock`, which is held while an exit is handled.
 */
#pragma once

#include <linux/kvm.h>
#include <pthread.h>

#include "host/devices.h"
#include "host/load.h"
#include "host/memory.h"
#include "host/options.h"
#include "model/elf_image.h"
#include "model/transcript.h"

struct vm_type;

struct vcpu {
	unsigned int index; /* and APIC id */
	int fd;
	struct kvm_run *run;
	u64 run_size;
	pthread_t thread;
	bool has_thread;
	struct machine *machine;
	int stats;      /* KVM's counts; -1: not open */
	u64 late_fault; /* a memory fault that found the page as it wanted it; NO_FAULT: none */
	u64 late_at;    /* the machine's conversions until then */
};

#define NO_FAULT (~U64_C(0))

struct machine {
	struct sys *sys;
	const struct options *options;
	const struct vm_type *type;
	int kvm, vm, device; /* -1: not open; the last is /dev/sev */
	struct memory memory;
	struct elf_plan image;
	unsigned int vcpu_count;
	struct vcpu vcpus[VCPU_MAX];
	pthread_mutex_t lock;
	struct devices devices;
	struct transcript trace;
	u64 conversions;          /* that were tried since the guest runs */
	u64 migration_ready;      /* MSR_KVM_MIGRATION_CONTROL */
	const void *certificates; /* NULL: none were given */
	u64 certificates_size;
};

/*
 * From nothing to a VM of @options' type with memory and image, whose first processor is about to
 * enter it. An error leaves nothing behind; -E_NOSYS: the type cannot be had here, nor, where a
 * fallback was allowed, a plainer one.
 */
must_check int machine_create(struct machine *machine, struct sys *sys,
			      const struct options *options, const struct load *load,
			      struct why *why);
void machine_release(struct machine *machine);

/* A request of the VM or of a processor; the error gets the request's name. */
must_check int machine_ask(const struct machine *machine, int fd, unsigned long request,
			   void *argument, struct why *why);
/* KVM_CHECK_EXTENSION: 0 where there is no such thing. */
int machine_extension(const struct machine *machine, u32 cap);
