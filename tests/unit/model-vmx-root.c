/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMXON to VMXOFF: what each instruction answers, by number, and in which flags.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <string.h>

#include "../../monitor/hardware/vmx/capability.c"
#include "../../monitor/hardware/vmx/root.c"
#include "../../monitor/hardware/vmx/vmcs.c"

#define PAGES  8
#define REGION U64_C(0x1000)
#define A      U64_C(0x2000)
#define B      U64_C(0x3000)
#define NO_RAM U64_C(0x100000)

static _Alignas(PAGE_SIZE) u8 memory[PAGES * PAGE_SIZE];
static struct vmx_root root;
static struct vmx_state state;

void *l1_host_memory(u64 pa, u64 size) { return pa + size <= sizeof(memory) ? memory + pa : NULL; }

static struct vmcs *at(u64 pa) { return (struct vmcs *)(memory + pa); }

/* The number of a VMfail; of the others less than 0. */
static int of(struct vmx_result r)
{
	return r.outcome == VMX_FAILS ? (int)r.error : -(int)r.outcome;
}

#define SUCCESS 0
#define INVALID (-(int)VMX_FAILS_INVALID)
#define GP      (-(int)VMX_IS_GP)

static void reset(void)
{
	memset(memory, 0, sizeof(memory));
	at(REGION)->revision = at(A)->revision = at(B)->revision = VMX_REVISION;
	vmx_root_reset(&root);
	state = (struct vmx_state){ CR0_PE | CR0_PG | CR0_NE, CR4_VMXE | CR4_PAE,
				    CR4_VMXE | CR4_PAE };
}

static void test_vmxon(void)
{
	u64 value;

	reset();
	assert(!root.on && !vmx_feature_control(&root, false, &value) && value == 5);
	value = 0;
	assert(vmx_feature_control(&root, true, &value) == -E_INVAL);
	state.cr0 &= ~(u64)CR0_NE;
	assert(of(vmx_vmxon(&root, &state, REGION)) == GP);
	reset();
	state.cr4 |= CR4_SMEP; /* which this processor does not have */
	assert(of(vmx_vmxon(&root, &state, REGION)) == GP);
	reset();
	assert(of(vmx_vmxon(&root, &state, REGION + 8)) == INVALID);
	assert(of(vmx_vmxon(&root, &state, BIT(VMX_PHYSICAL_BITS))) == INVALID);
	assert(of(vmx_vmxon(&root, &state, NO_RAM)) == INVALID);
	at(REGION)->revision |= VMCS_SHADOW;
	assert(of(vmx_vmxon(&root, &state, REGION)) == INVALID && !root.on);
	reset();
	assert(of(vmx_vmxon(&root, &state, REGION)) == SUCCESS && root.on);
	assert(of(vmx_vmxon(&root, &state, REGION)) == 15);
	assert(of(vmx_vmxoff(&root)) == SUCCESS && !root.on);
}

static void begin(void)
{
	reset();
	assert(of(vmx_vmxon(&root, &state, REGION)) == SUCCESS);
}

static void test_pointers(void)
{
	u64 value;

	begin();
	assert(of(vmx_vmread(&root, VMCS_GUEST_RIP, &value)) == INVALID);
	assert(of(vmx_vmwrite(&root, VMCS_GUEST_RIP, 1)) == INVALID);
	assert(of(vmx_vmptrld(&root, A + 1)) == 9 && of(vmx_vmptrld(&root, BIT(46))) == 9);
	assert(of(vmx_vmptrld(&root, REGION)) == 10);
	assert(of(vmx_vmptrld(&root, NO_RAM)) == 11);
	at(A)->revision ^= 1;
	assert(of(vmx_vmptrld(&root, A)) == 11 && root.current == VMX_NO_POINTER);
	at(A)->revision = VMX_REVISION | VMCS_SHADOW;
	assert(of(vmx_vmptrld(&root, A)) == 11);
	at(A)->revision = VMX_REVISION;
	assert(of(vmx_vmptrld(&root, A)) == SUCCESS && root.current == A);
	assert(of(vmx_vmptrld(&root, REGION)) == 10 && root.current == A);
	assert(of(vmx_vmclear(&root, B + 4)) == 2 && of(vmx_vmclear(&root, REGION)) == 3);
	assert(of(vmx_vmclear(&root, NO_RAM)) == SUCCESS && root.current == A);
	at(B)->launch_state = VMCS_LAUNCHED;
	assert(of(vmx_vmclear(&root, B)) == SUCCESS && at(B)->launch_state == VMCS_CLEAR);
	assert(root.current == A && of(vmx_vmclear(&root, A)) == SUCCESS);
	assert(root.current == VMX_NO_POINTER);
}

static void test_fields(void)
{
	u64 value;

	begin();
	assert(of(vmx_vmptrld(&root, A)) == SUCCESS);
	assert(of(vmx_vmwrite(&root, VMCS_GUEST_RIP, 7)) == SUCCESS);
	assert(of(vmx_vmread(&root, VMCS_GUEST_RIP, &value)) == SUCCESS && value == 7);
	assert(of(vmx_vmwrite(&root, VMCS_EXIT_REASON, 7)) == 13);
	assert(of(vmx_vmwrite(&root, 0x2032, 7)) == 12); /* TSC multiplier: not offered */
	assert(of(vmx_vmread(&root, 0x2032, &value)) == 12);
	assert(of(vmx_vmptrld(&root, B)) == SUCCESS);
	assert(of(vmx_vmread(&root, VMCS_GUEST_RIP, &value)) == SUCCESS && value == 0);
}

static void test_flags(void)
{
	const u64 all = 0x8d5, other = RFLAGS_IF | RFLAGS_FIXED;
	const struct vmx_result fails = { VMX_FAILS, 13 };

	begin();
	assert(vmx_conclude(&root, success, all | other) == other);
	assert(vmx_conclude(&root, invalid, all | other) == (other | RFLAGS_CF));
	assert(vmx_conclude(&root, fails, all | other) == (other | RFLAGS_CF));
	assert(of(vmx_vmptrld(&root, A)) == SUCCESS);
	assert(vmx_conclude(&root, fails, all | other) == (other | RFLAGS_ZF));
	assert(at(A)->f.insn_error == 13);
	assert(vmx_conclude(&root, success, other) == other && at(A)->f.insn_error == 13);
}

static void test_entry(void)
{
	struct vmcs *v;

	begin();
	assert(of(vmx_may_enter(&root, true, false, &v)) == INVALID);
	assert(of(vmx_vmptrld(&root, A)) == SUCCESS);
	assert(of(vmx_may_enter(&root, true, true, &v)) == 26);
	assert(of(vmx_may_enter(&root, false, false, &v)) == 5);
	assert(of(vmx_may_enter(&root, true, false, &v)) == SUCCESS && v == at(A));
	v->launch_state = VMCS_LAUNCHED;
	assert(of(vmx_may_enter(&root, true, false, &v)) == 4);
	assert(of(vmx_may_enter(&root, false, false, &v)) == SUCCESS);
	v->launch_state = 77; /* by L1, which may not */
	assert(of(vmx_may_enter(&root, true, false, &v)) == 4);
	assert(of(vmx_may_enter(&root, false, false, &v)) == 5);
}

static void test_invalidation(void)
{
	const u64 eptp = 0x5000 | VMX_MEMORY_WB | 3 << EPTP_LENGTH_SHIFT | EPTP_AD;
	u64 d[2] = { eptp, 0 };

	assert(of(vmx_invept(INVEPT_SINGLE, d)) == SUCCESS && of(vmx_invept(0, d)) == 28);
	assert(of(vmx_invept(3, d)) == 28 && of(vmx_invept(BIT(32) | INVEPT_ALL, d)) == 28);
	d[0] = eptp | BIT(7);
	assert(of(vmx_invept(INVEPT_SINGLE, d)) == 28 && of(vmx_invept(INVEPT_ALL, d)) == SUCCESS);
	d[0] = eptp ^ 1 << EPTP_LENGTH_SHIFT;
	assert(of(vmx_invept(INVEPT_SINGLE, d)) == 28);
	d[0] = eptp ^ 2; /* WT */
	assert(of(vmx_invept(INVEPT_SINGLE, d)) == 28);

	d[0] = 1;
	for (u64 type = INVVPID_ADDRESS; type <= INVVPID_RETAIN_GLOBAL; type++)
		assert(of(vmx_invvpid(type, d)) == SUCCESS);
	assert(of(vmx_invvpid(4, d)) == 28);
	d[1] = BIT(47);
	assert(of(vmx_invvpid(INVVPID_ADDRESS, d)) == 28);
	assert(of(vmx_invvpid(INVVPID_SINGLE, d)) == SUCCESS);
	d[0] = 0;
	assert(of(vmx_invvpid(INVVPID_SINGLE, d)) == 28 &&
	       of(vmx_invvpid(INVVPID_ALL, d)) == SUCCESS);
	d[0] = BIT(16);
	assert(of(vmx_invvpid(INVVPID_ALL, d)) == 28);
}

int main(void)
{
	test_vmxon();
	test_pointers();
	test_fields();
	test_flags();
	test_entry();
	test_invalidation();
	return 0;
}
