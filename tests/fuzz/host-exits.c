/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever an exit of the guest's says, the VMM reads and writes nothing but the processor's
 * shared page and the guest's slots, and what KVM was told of memory is what the VMM thinks. The
 * input is a list of exits: a reason, and what overwrites the page that the kernel shares.
 * The suite's run is short and always the same. A long one: the lines below with
 * `-max_total_time=3600 CORPUS` in place of -runs and -seed.
 *
 * RUN: clang @%build/lists/flags-native -O0 -fuse-ld=lld -fsanitize=fuzzer %s \
 * RUN:   %root/host/[a-ln-z]*.c \
 * RUN:   %root/host/machine.c %root/host/memory.c %root/lib/format.c %root/model/elf_image.c \
 * RUN:   %root/model/memmap.c %root/model/pvh_info.c \
 * RUN:   %root/model/transcript.c -o %t
 * RUN: %t -seed=1 -runs=10000 -max_len=400 -len_control=0 -artifact_prefix=%t- > %t.log 2>&1
 */
#include "../unit/Inputs/fake-kvm.h"

#include "host/end.h"
#include "host/exit.h"
#include "host/vm_type.h"

#define BYTES     (U64_C(256) << 10)
#define RUN_PAGES 3
#define HEAD      32 /* of the shared page: flags, reason, CR8, APIC base */

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static struct machine machine;
static struct options options = { .memory = BYTES };

static void sink(void *context, const void *data, size_t size)
{
	const u8 *bytes = data;
	u8 sum = 0;

	for (size_t i = 0; i < size; i++)
		sum = (u8)(sum + bytes[i]);
	*(volatile u8 *)context = sum;
}

static void start(const struct vm_type *type, struct vcpu *vcpu)
{
	static u8 sum;
	struct why why;

	machine.sys = &fake_sys;
	machine.options = &options;
	machine.type = type;
	machine.vm = 200;
	machine.devices = (struct devices){ .serial = { { .write = sink }, { .write = sink } },
					    .results = sink,
					    .context = &sum };
	transcript_init(&machine.trace, NULL, NULL);
	vcpu->fd = 300;
	vcpu->run_size = RUN_PAGES * PAGE_SIZE;
	vcpu->run = calloc(1, vcpu->run_size);
	assert(!memory_init(&machine.memory, &fake_sys, BYTES, &why));
	assert(!type->memory_add(&machine, 0, &why));
}

static u32 reason(u8 choice)
{
	static const u32 reasons[] = { KVM_EXIT_IO,        KVM_EXIT_MMIO,
				       KVM_EXIT_X86_RDMSR, KVM_EXIT_X86_WRMSR,
				       KVM_EXIT_HYPERCALL, KVM_EXIT_MEMORY_FAULT,
				       KVM_EXIT_HYPERCALL, KVM_EXIT_IO,
				       KVM_EXIT_TDX,       KVM_EXIT_INTERNAL_ERROR,
				       KVM_EXIT_HYPERCALL, KVM_EXIT_SYSTEM_EVENT };

	return choice < 240 ? reasons[choice % array_count(reasons)] : choice;
}

/* Near the slot's pages often enough. */
static void tame(struct kvm_run *run, u8 how)
{
	if (how & 1 && run->exit_reason == KVM_EXIT_HYPERCALL) {
		run->hypercall.nr = KVM_HC_MAP_GPA_RANGE;
		run->hypercall.args[0] &= 0x7f000;
		run->hypercall.args[1] &= 0x7f;
		run->hypercall.args[2] &= 0x13;
	}
	if (how & 1 && run->exit_reason == KVM_EXIT_IO) {
		run->io.size = (u8)(1U << (run->io.size % 3));
		run->io.data_offset %= (RUN_PAGES + 1) * PAGE_SIZE;
		run->io.count %= 0x2000;
	}
	if (run->exit_reason == KVM_EXIT_IO && run->io.port == 0xf4)
		run->io.port = 0x3f8; /* that ends the run, once for all */
}

static void check_books(void)
{
	const struct memory_slot *slot = &machine.memory.slots[0];

	for (u64 page = 0; page < BYTES / PAGE_SIZE && slot->private; page++)
		assert(!!(slot->private[page / 64] & BIT(page % 64)) == fake.private[page]);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct vcpu *vcpu = &machine.vcpus[0];
	struct kvm_run *run;

	if (size < 2)
		return 0;
	fake_reset();
	start(data[0] & 1 ? &vm_type_protected : &vm_type_default, vcpu);
	options.policy.other_side = data[0] & 2 ? POLICY_KEEP : POLICY_PUNCH;
	options.policy.convert_on_fault = data[0] & 4;
	fake.fail_at = fake.calls + data[1];
	run = vcpu->run;
	for (data += 2, size -= 2; size > 50; data += 50, size -= 50) {
		run->exit_reason = reason(data[0]);
		memcpy((u8 *)run + HEAD, data + 2, 48);
		tame(run, data[1]);
		if (run->exit_reason == KVM_EXIT_MEMORY_FAULT)
			exit_failed(&machine, vcpu, -E_FAULT);
		else
			exit_handle(&machine, vcpu);
		check_books();
	}
	free(vcpu->run);
	memory_release(&machine.memory);
	return 0;
}
