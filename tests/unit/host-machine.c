/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VM is made by these requests in this order, or not at all: whichever of them fails, everything
 * is given back and the sentence names the request. A type that cannot be had is refused, or a
 * plainer one taken where that was asked for.
 * RUN: %host-cc %s -o %t
 */
#include "Inputs/fake-kvm.h"
#include "Inputs/small-elf.h"

#include "host/machine.h"
#include "host/vm_type.h"

#define MIB   (U64_C(1) << 20)
#define BASE  SMALL_ELF_BASE
#define CALLS "open KVM_GET_API_VERSION "

static struct machine machine;
static struct options options;
static struct why why;
static const struct load load = { .image = &small_elf,
				  .image_size = sizeof(small_elf),
				  .cmdline = "words",
				  .memory = 64 * MIB,
				  .processors = 2 };

static int create(const char *type, bool fallback)
{
	options = (struct options){
		.memory = 64 * MIB, .smp = 2, .vm_type = type, .device = "kvm", .fallback = fallback
	};
	why.text[0] = '\0';
	return machine_create(&machine, &fake_sys, &options, &load, &why);
}

#define ENABLED                                                                                    \
	"KVM_ENABLE_CAP KVM_ENABLE_CAP KVM_ENABLE_CAP KVM_X86_SET_MSR_FILTER KVM_SET_TSS_ADDR "    \
	"KVM_SET_IDENTITY_MAP_ADDR "
#define PROCESSOR                                                                                  \
	"KVM_CREATE_VCPU KVM_GET_VCPU_MMAP_SIZE map KVM_GET_SUPPORTED_CPUID KVM_SET_CPUID2 "
#define STATE "KVM_GET_SREGS KVM_SET_SREGS KVM_SET_REGS "

static void test_default(void)
{
	fake_reset();
	assert(!create("default", false));
	fake_expect(CALLS "KVM_CREATE_VM " ENABLED
			  "map KVM_SET_USER_MEMORY_REGION " PROCESSOR PROCESSOR STATE);
	assert(machine.migration_ready == 1);
	machine_release(&machine);
}

static void test_protected(void)
{
	fake_reset();
	assert(!create("protected", false));
	fake_expect(
		CALLS
		"KVM_CREATE_VM " ENABLED
		"map KVM_CREATE_GUEST_MEMFD KVM_SET_USER_MEMORY_REGION2 " PROCESSOR PROCESSOR STATE
		"KVM_SET_MEMORY_ATTRIBUTES discard ");
	assert(!machine.migration_ready);
	/* The image and what the guest's page tables need is shared, and the rest is private. */
	assert(!fake.private[0] && !fake.private[BASE / PAGE_SIZE]);
	assert(!fake.private[BASE / PAGE_SIZE + 512] && fake.private[16 * MIB / PAGE_SIZE]);
	assert(fake.private[64 * MIB / PAGE_SIZE - 1]);
	machine_release(&machine);
}

/* Each call in turn; KVM_CHECK_EXTENSION's failure is a capability that is missing. */
static void test_failures(const char *type)
{
	int call, calls, failed = 0;

	fake_reset();
	assert(!create(type, false));
	machine_release(&machine);
	calls = fake.calls;
	for (call = 1; call <= calls; call++) {
		fake_reset();
		fake.fail_at = call;
		if (!create(type, false)) { /* memory that is given back later is no fault */
			assert(strstr(fake.log, "discard"));
			machine_release(&machine);
		} else {
			assert(why.text[0]);
			failed++;
		}
		assert(!fake.fds && !fake.maps && !machine.vcpu_count);
	}
	assert(failed >= calls - 1);
}

static void test_rollback(void)
{
	for (int call = 1;; call++) {
		fake_reset();
		fake.fail_at = call;
		if (!create("default", false)) {
			machine_release(&machine);
			break;
		}
		if (!strstr(why.text, "processor 1"))
			continue;
		assert(strstr(why.text, "the 1 before it are undone"));
	}
}

static void expect_missing(u32 cap, const char *type, int error, const char *words)
{
	fake_reset();
	fake.missing_cap = cap;
	assert(create(type, false) == error && strstr(why.text, words));
	assert(!fake.fds && !fake.maps);
}

#define EXPECT_MISSING(cap, type, error)                                                           \
	expect_missing(cap, type, error, "no " #cap ", which is for ")

static void test_missing(void)
{
	EXPECT_MISSING(KVM_CAP_USER_MEMORY, "default", -E_NOENT);
	EXPECT_MISSING(KVM_CAP_SET_TSS_ADDR, "default", -E_NOENT);
	EXPECT_MISSING(KVM_CAP_SET_IDENTITY_MAP_ADDR, "default", -E_NOENT);
	EXPECT_MISSING(KVM_CAP_EXT_CPUID, "default", -E_NOENT);
	EXPECT_MISSING(KVM_CAP_IRQCHIP, "default", -E_NOENT);
	EXPECT_MISSING(KVM_CAP_SPLIT_IRQCHIP, "default", -E_NOENT);
	EXPECT_MISSING(KVM_CAP_IMMEDIATE_EXIT, "default", -E_NOENT);
	EXPECT_MISSING(KVM_CAP_X86_USER_SPACE_MSR, "default", -E_NOENT);
	EXPECT_MISSING(KVM_CAP_X86_MSR_FILTER, "default", -E_NOENT);
	EXPECT_MISSING(KVM_CAP_EXIT_HYPERCALL, "default", -E_NOENT);
	EXPECT_MISSING(KVM_CAP_USER_MEMORY2, "protected", -E_NOSYS);
	EXPECT_MISSING(KVM_CAP_GUEST_MEMFD, "protected", -E_NOSYS);
	EXPECT_MISSING(KVM_CAP_MEMORY_ATTRIBUTES, "protected", -E_NOSYS);
	EXPECT_MISSING(KVM_CAP_MEMORY_FAULT_INFO, "protected", -E_NOSYS);
	expect_missing(KVM_CAP_VM_TYPES, "protected", -E_NOSYS, "older than Linux 6.8");
	fake_reset();
	fake.max_vcpus = 1;
	assert(create("default", false) == -E_NOENT && strstr(why.text, "at most 1 processors"));
	fake_reset();
	fake.vm_types = 1;
	assert(create("protected", false) == -E_NOSYS);
	assert(strstr(why.text, "is 0x1: this kernel is built without KVM_SW_PROTECTED_VM"));
	fake.off = "tdp_mmu";
	assert(create("protected", false) == -E_NOSYS && strstr(why.text, "kvm's tdp_mmu is off"));
	fake.off = "npt";
	assert(create("protected", false) == -E_NOSYS && strstr(why.text, "kvm_amd's npt is off"));
}

static void test_run_size(void)
{
	fake_reset();
	fake.run_size = 16;
	assert(create("default", false) && strstr(why.text, "KVM_GET_VCPU_MMAP_SIZE: 16"));
	assert(!fake.fds && !fake.maps);
}

static void test_fallback(void)
{
	fake_reset();
	fake.vm_types = 1;
	assert(!create("protected", true) && !strcmp(machine.type->name, "default"));
	machine_release(&machine);
	/* It is for a type that cannot be had, not for whatever fails. */
	fake_reset();
	fake.missing_cap = KVM_CAP_SPLIT_IRQCHIP;
	assert(create("protected", true) == -E_NOENT);
}

static void test_tables(void)
{
	struct vm_type incomplete = vm_type_protected;

	assert(!vm_type_check(&incomplete, &why));
	incomplete.convert = NULL;
	assert(vm_type_check(&incomplete, &why) == -E_INVAL);
	assert(!strcmp(why.text, "VM type protected has no operation convert"));
	assert(!vm_type_find("nothing", &why) && strstr(why.text, "nothing"));
}

static void test_policy(void)
{
	struct options small = { .memory = 64 * MIB,
				 .smp = 2,
				 .vm_type = "protected",
				 .device = "kvm",
				 .policy.shared_below = 1 * MIB };

	fake_reset();
	assert(machine_create(&machine, &fake_sys, &small, &load, &why) == -E_INVAL);
	assert(strstr(why.text, "shared-below") && !fake.fds && !fake.maps);
}

int main(void)
{
	test_default();
	test_protected();
	test_failures("default");
	test_failures("protected");
	test_rollback();
	test_missing();
	test_run_size();
	test_fallback();
	test_tables();
	test_policy();
	return 0;
}
