/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VMCS as KVM has it passes each check of an entry, for a 64-bit guest, one in real mode, in
 * virtual-8086 mode and halted; and each rule of the manual, broken by itself, is the one that is
 * told.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "../../monitor/hardware/vmx/capability.c"
#include "../../monitor/hardware/vmx/check_controls.c"
#include "../../monitor/hardware/vmx/check_guest.c"
#include "../../monitor/hardware/vmx/check_host.c"
#include "../../monitor/hardware/vmx/check_segments.c"
#include "../../monitor/hardware/vmx/root.c"
#include "../../monitor/hardware/vmx/vmcs.c"

static _Alignas(PAGE_SIZE) struct vmcs linked;
static struct vmcs_fields f;
static const struct vmx_check cpu = { true, CR4_VMXE | CR4_PAE | CR4_PCIDE };

void *l1_host_memory(u64 pa, u64 size)
{
	(void)size;
	return pa == PAGE_SIZE ? &linked : NULL;
}

static void make_host(void)
{
	f.host_cr0 = CR0_PE | CR0_NE | CR0_PG;
	f.host_cr4 = CR4_VMXE | CR4_PAE;
	f.host_cs_selector = 0x10;
	f.host_ss_selector = 0x18;
	f.host_tr_selector = 0x40;
	f.host_pat = U64_C(0x0007040600070406);
	f.host_efer = EFER_LME | EFER_LMA | EFER_NXE | EFER_SCE;
}

static void make_segments(u64 code, u64 data)
{
	f.guest_cs_rights = code;
	f.guest_ss_rights = f.guest_ds_rights = f.guest_es_rights = data;
	f.guest_fs_rights = f.guest_gs_rights = data;
	f.guest_cs_limit = f.guest_ss_limit = f.guest_ds_limit = 0xffffffff;
	f.guest_es_limit = f.guest_fs_limit = f.guest_gs_limit = 0xffffffff;
	f.guest_tr_rights = 0x8b;
	f.guest_tr_limit = 0x67;
	f.guest_ldtr_rights = VMX_AR_UNUSABLE;
}

/* A kernel of 64 bits. */
static void make(void)
{
	memset(&f, 0, sizeof(f));
	make_host();
	make_segments(0xa09b, 0xc093);
	f.guest_cs_selector = 0x10;
	f.pin = VMX_PIN_DEFAULT1 | VMX_PIN_INTERRUPT | VMX_PIN_NMI;
	f.primary = (VMX_PRIMARY_DEFAULT1 & ~PRIMARY_LATER) | VMX_PRIMARY_SECONDARY;
	f.secondary = VMX_SECONDARY_EPT | VMX_SECONDARY_VPID | VMX_SECONDARY_UNRESTRICTED;
	f.exit_controls = VMX_EXIT_DEFAULT1 | VMX_CTL_EXIT_HOST_64 | VMX_CTL_EXIT_LOAD_PAT |
			  VMX_CTL_EXIT_LOAD_EFER;
	f.entry_controls = VMX_ENTRY_DEFAULT1 | VMX_CTL_ENTRY_64 | VMX_CTL_ENTRY_LOAD_PAT |
			   VMX_CTL_ENTRY_LOAD_EFER;
	f.vpid = 1;
	f.ept_pointer = 0x5000 | VMX_MEMORY_WB | 3 << EPTP_LENGTH_SHIFT | EPTP_AD;
	f.guest_cr0 = CR0_PE | CR0_NE | CR0_PG;
	f.guest_cr4 = CR4_VMXE | CR4_PAE;
	f.guest_pat = f.host_pat;
	f.guest_efer = f.host_efer;
	f.guest_rflags = RFLAGS_FIXED;
	f.link_pointer = VMX_NO_POINTER;
	linked.revision = VMX_REVISION;
}

static u64 qualification;

static const char *rule(void)
{
	const char *broken = vmx_check_controls(&f);

	if (!broken)
		broken = vmx_check_host(&f, &cpu);
	return broken ? broken : vmx_check_guest(&f, &cpu, &qualification);
}

static void expect(const char *name, int line)
{
	const char *broken = rule();

	if (broken != name && (!broken || !name || strcmp(broken, name))) {
		printf("line %d: %s, not %s\n", line, broken ? broken : "legal",
		       name ? name : "legal");
		assert(0);
	}
	make();
}

/* With @change a legal VMCS breaks the rule @name; NULL: it is legal still. */
#define WITH(change, name)                                                                         \
	do {                                                                                       \
		change;                                                                            \
		expect(name, __LINE__);                                                            \
	} while (0)

static void test_controls(void)
{
	WITH(f.pin = 0, "pin-based controls");
	WITH(f.pin |= BIT(5), "pin-based controls");        /* virtual NMIs */
	WITH(f.primary |= BIT(21), "primary controls");     /* TPR shadow */
	WITH(f.secondary |= BIT(17), "secondary controls"); /* PML */
	WITH((f.primary &= ~VMX_PRIMARY_SECONDARY, f.secondary = ~0u, f.guest_cs_rights = 0xa09b),
	     NULL);
	WITH(f.cr3_target_count = 4, NULL);
	WITH(f.cr3_target_count = 5, "CR3-target count");
	WITH((f.primary |= VMX_PRIMARY_IO_BITMAPS, f.io_bitmap_b = 8), "I/O bitmaps");
	WITH((f.primary |= VMX_PRIMARY_IO_BITMAPS, f.io_bitmap_a = BIT(46)), "I/O bitmaps");
	WITH(f.io_bitmap_a = 8, NULL);
	WITH((f.primary |= VMX_PRIMARY_MSR_BITMAPS, f.msr_bitmap = 8), "MSR bitmaps");
	WITH(f.vpid = 0, "VPID");
	WITH((f.vpid = 0, f.secondary &= ~VMX_SECONDARY_VPID), NULL);
	WITH(f.ept_pointer |= BIT(46), "EPT pointer");
	WITH(f.secondary &= ~VMX_SECONDARY_EPT, "unrestricted guest without EPT");
	WITH(f.exit_controls |= BIT(22), "exit controls"); /* preemption timer */
	WITH((f.exit_msr_store_count = 1, f.exit_msr_store = 8), "exit MSR-store list");
	WITH((f.exit_msr_load_count = 2, f.exit_msr_load = BIT(46) - 16), "exit MSR-load list");
	WITH((f.exit_msr_load_count = 1, f.exit_msr_load = BIT(46) - 16), NULL);
	WITH((f.exit_msr_load_count = 0xffffffff, f.exit_msr_load = BIT(46) - PAGE_SIZE),
	     "exit MSR-load list");
	WITH(f.entry_controls |= BIT(10), "entry controls"); /* SMM */
	WITH((f.entry_msr_load_count = 1, f.entry_msr_load = 1), "entry MSR-load list");
}

#define EVENT(type, vector) (VMX_EVENT_VALID | (u64)(type) << VMX_EVENT_TYPE_SHIFT | (vector))
#define WITH_CODE(vector)   (EVENT(VMX_EVENT_EXCEPTION, vector) | VMX_EVENT_HAS_ERROR_CODE)

static void test_events(void)
{
	WITH(f.entry_event = EVENT(1, 3), "event's type and vector");
	WITH(f.entry_event = EVENT(VMX_EVENT_OTHER, 0), "event's type and vector");
	WITH(f.entry_event = EVENT(VMX_EVENT_NMI, 3), "event's type and vector");
	WITH(f.entry_event = EVENT(VMX_EVENT_NMI, 2), NULL);
	WITH(f.entry_event = EVENT(VMX_EVENT_EXCEPTION, 32), "event's type and vector");
	WITH(f.entry_event = EVENT(1, 3) & ~VMX_EVENT_VALID, NULL);
	WITH(f.entry_event = EVENT(VMX_EVENT_EXCEPTION, VEC_UD) | BIT(12), "event's reserved bits");
	WITH(f.entry_event = EVENT(VMX_EVENT_EXCEPTION, VEC_GP),
	     "event with or without an error code");
	WITH(f.entry_event = WITH_CODE(VEC_GP), NULL);
	WITH(f.entry_event = WITH_CODE(VEC_UD), "event with or without an error code");
	WITH((f.entry_event = WITH_CODE(VEC_GP), f.entry_error_code = BIT(16)),
	     "event's error code");
	WITH((f.entry_event = EVENT(VMX_EVENT_SOFT_INTERRUPT, 0x80), f.entry_insn_length = 0),
	     "event's instruction length");
	WITH((f.entry_event = EVENT(VMX_EVENT_SOFT_EXCEPTION, 3), f.entry_insn_length = 16),
	     "event's instruction length");
	WITH((f.entry_event = EVENT(VMX_EVENT_SOFT_INTERRUPT, 0x80), f.entry_insn_length = 2),
	     NULL);
	WITH(f.entry_event = EVENT(VMX_EVENT_INTERRUPT, 0x20), "interrupt with IF = 0");
	WITH((f.entry_event = EVENT(VMX_EVENT_INTERRUPT, 0x20), f.guest_rflags |= RFLAGS_IF), NULL);
}

static void test_host(void)
{
	WITH(f.host_cr0 = CR0_PG | CR0_PE, "host CR0");
	WITH(f.host_cr4 = CR4_PAE, "host CR4");
	WITH(f.host_cr3 = BIT(46), "host CR3");
	WITH(f.host_sysenter_eip = BIT(47), "host SYSENTER");
	WITH(f.host_pat = 2, "host PAT");
	WITH(f.host_efer &= ~(u64)EFER_LMA, "host EFER");
	WITH(f.host_efer |= EFER_SVME, "host EFER");
	WITH(f.host_fs_selector = 3, "host selector's TI or RPL");
	WITH(f.host_tr_selector = 0, "host CS or TR");
	WITH(f.host_ss_selector = 0, NULL);
	WITH(f.host_gs_base = BIT(47), "host segment's base");
	WITH(f.host_idtr_base = BIT(63), "host GDTR or IDTR");
	WITH((f.exit_controls &= ~VMX_CTL_EXIT_HOST_64, f.host_efer = 0),
	     "host address-space size");
	WITH(f.host_cr4 &= ~(u64)CR4_PAE, "64-bit host's CR4 or RIP");
	WITH(f.host_rip = BIT(47), "64-bit host's CR4 or RIP");
}

static void test_registers(void)
{
	WITH(f.guest_cr0 &= ~(u64)CR0_NE, "guest CR0");
	WITH(f.guest_cr0 &= ~(u64)CR0_PE, "guest CR0");
	WITH(f.guest_cr4 |= CR4_SMEP, "guest CR4");
	WITH(f.guest_dr7 = BIT(32), "guest DEBUGCTL or DR7");
	WITH(f.guest_debugctl = BIT(2), "guest DEBUGCTL or DR7");
	WITH(f.guest_cr4 &= ~(u64)CR4_PAE, "64-bit guest without paging");
	WITH((f.entry_controls &= ~VMX_CTL_ENTRY_64, f.guest_cr4 |= CR4_PCIDE),
	     "PCIDs of a 32-bit guest");
	WITH(f.guest_cr3 = BIT(46), "guest CR3");
	WITH(f.guest_sysenter_esp = BIT(47), "guest SYSENTER");
	WITH(f.guest_pat = 8, "guest PAT");
	WITH(f.guest_efer = EFER_LME, "guest EFER");
	WITH(f.guest_rip = BIT(47), "guest RIP");
	WITH((f.guest_cs_rights = 0xc09b, f.guest_rip = BIT(32)), "guest EIP");
	WITH(f.guest_rflags = 0, "guest RFLAGS");
	WITH(f.guest_rflags |= BIT(3), "guest RFLAGS");
}

static void test_segments(void)
{
	WITH(f.guest_cs_rights = 0xa091, "CS type");
	WITH((f.guest_cs_rights = 0xa093, f.secondary &= ~VMX_SECONDARY_UNRESTRICTED), "CS type");
	WITH(f.guest_cs_rights = 0xa08b, "CS rights");
	WITH(f.guest_cs_rights = 0xa0fb, "CS DPL is not SS's");
	WITH(f.guest_cs_rights = 0xa0ff, "CS DPL above SS's");
	WITH(f.guest_cs_rights = 0xa0f3, "CS DPL of a data segment");
	WITH(f.guest_cs_rights |= VMX_AR_D, "CS with L and D");
	WITH(f.guest_cs_rights |= BIT(17), "CS reserved rights");
	WITH(f.guest_cs_limit = 0xfff00000, "CS limit");
	WITH(f.guest_cs_base = BIT(32), "CS base");
	WITH((f.guest_ss_selector = 1, f.secondary &= ~VMX_SECONDARY_UNRESTRICTED),
	     "SS RPL is not CS's");
	WITH(f.guest_ss_selector = 1, NULL);
	WITH((f.guest_ss_rights = 0xc0b3, f.guest_cs_rights = 0xa0bb,
	      f.secondary &= ~VMX_SECONDARY_UNRESTRICTED),
	     "SS DPL is not its RPL");
	WITH((f.guest_cs_rights = 0xc093, f.guest_ss_rights = 0xc0b3), "SS DPL");
	WITH(f.guest_ss_rights = 0xc09b, "SS type");
	WITH(f.guest_ss_rights = 0xc013, "SS rights");
	WITH(f.guest_ss_rights = VMX_AR_UNUSABLE, NULL);
	WITH(f.guest_ss_limit = 0x100000, "SS limit");
	WITH(f.guest_ds_base = BIT(32), "base of SS, ES or DS");
	WITH(f.guest_gs_base = BIT(47), "base of FS or GS");
	WITH(f.guest_gs_base = BIT(63) | bits_put(~0u, 62, 47), NULL);
	WITH(f.guest_fs_rights = 0xc092, "data segment's type");
	WITH(f.guest_fs_rights = 0xc099, "data segment's type");
	WITH(f.guest_es_rights = 0xc083, "data segment's rights");
	WITH((f.guest_es_selector = 3, f.secondary &= ~VMX_SECONDARY_UNRESTRICTED),
	     "data segment's DPL");
	WITH(f.guest_es_rights |= BIT(8), "data segment's reserved rights");
	WITH(f.guest_es_limit = 0xfffffffe, "data segment's limit");
	WITH(f.guest_tr_selector = 4, "TR selector");
	WITH(f.guest_tr_base = BIT(47), "TR base");
	WITH(f.guest_tr_rights = 0x83, "TR type");
	WITH(f.guest_tr_rights |= VMX_AR_UNUSABLE, "TR rights");
	WITH(f.guest_tr_limit = 0x100000, "TR limit");
	WITH((f.guest_ldtr_rights = 0x82, f.guest_ldtr_selector = 4), "LDTR selector");
	WITH(f.guest_ldtr_rights = 0x8b, "LDTR type");
	WITH(f.guest_ldtr_rights = 0x82, NULL);
	WITH(f.guest_ldtr_rights = 2, "LDTR rights");
	WITH(f.guest_gdtr_base = BIT(47), "base of GDTR or IDTR");
	WITH(f.guest_idtr_limit = BIT(16), "limit of GDTR or IDTR");
}

static void test_activity(void)
{
	WITH(f.guest_activity = 3, "activity state");
	WITH(f.guest_activity = VMX_ACTIVITY_HLT, NULL);
	WITH((f.guest_activity = VMX_ACTIVITY_HLT, f.guest_ss_rights = 0xc0f3,
	      f.guest_cs_rights = 0xa0fb),
	     "HLT at CPL above 0");
	WITH((f.guest_activity = VMX_ACTIVITY_HLT, f.guest_interruptibility = 2),
	     "HLT while blocked");
	WITH((f.guest_activity = VMX_ACTIVITY_HLT, f.entry_event = WITH_CODE(VEC_GP)),
	     "event for a halted processor");
	WITH((f.guest_activity = VMX_ACTIVITY_HLT,
	      f.entry_event = EVENT(VMX_EVENT_EXCEPTION, VEC_DB)),
	     NULL);
	WITH(f.guest_interruptibility = BIT(2), "interruptibility"); /* SMI */
	WITH(f.guest_interruptibility = 3, "blocking by STI and by MOV SS");
	WITH(f.guest_interruptibility = 1, "blocking by STI with IF = 0");
	WITH((f.guest_rflags |= RFLAGS_IF, f.guest_interruptibility = 1,
	      f.entry_event = EVENT(VMX_EVENT_INTERRUPT, 0x20)),
	     "interrupt that is blocked");
	WITH((f.guest_interruptibility = 2, f.entry_event = EVENT(VMX_EVENT_NMI, 2)),
	     "NMI that is blocked");
	WITH(f.guest_pending_debug = BIT(4), "pending debug exceptions");
	WITH((f.guest_interruptibility = 2, f.guest_rflags |= RFLAGS_TF), "pending single step");
	WITH((f.guest_interruptibility = 2, f.guest_rflags |= RFLAGS_TF,
	      f.guest_pending_debug = VMX_PENDING_DEBUG_BS),
	     NULL);
	WITH((f.guest_interruptibility = 2, f.guest_pending_debug = VMX_PENDING_DEBUG_BS),
	     "pending single step");
	WITH(f.guest_rflags |= RFLAGS_TF, NULL);
}

static void make_real(void)
{
	make_segments(0x9b, 0x93);
	f.guest_cs_limit = f.guest_ss_limit = f.guest_ds_limit = 0xffff;
	f.guest_es_limit = f.guest_fs_limit = f.guest_gs_limit = 0xffff;
	f.guest_cr0 = CR0_NE;
	f.guest_cr4 = CR4_VMXE;
	f.guest_efer = 0;
	f.entry_controls &= ~VMX_CTL_ENTRY_64;
}

static void make_86(void)
{
	make_real();
	make_segments(V86_RIGHTS, V86_RIGHTS);
	f.guest_cs_limit = f.guest_ss_limit = f.guest_ds_limit = 0xffff;
	f.guest_es_limit = f.guest_fs_limit = f.guest_gs_limit = 0xffff;
	f.guest_cs_selector = 0;
	f.guest_cr0 |= CR0_PE | CR0_PG;
	f.guest_rflags |= RFLAGS_VM;
}

static void test_modes(void)
{
	WITH(make_real(), NULL);
	WITH((make_real(), f.secondary &= ~VMX_SECONDARY_UNRESTRICTED), "guest CR0");
	WITH((make_real(), f.entry_event = EVENT(VMX_EVENT_EXCEPTION, VEC_GP)), NULL);
	WITH((make_real(), f.entry_event = WITH_CODE(VEC_GP)),
	     "event with or without an error code");
	WITH(make_86(), NULL);
	WITH((make_86(), f.guest_ds_base = 16), "segment of virtual-8086 mode");
	WITH((make_86(), f.guest_cr0 = CR0_NE), "virtual-8086 mode");
}

static void test_pointers(void)
{
	WITH(f.link_pointer = PAGE_SIZE, NULL);
	WITH(f.link_pointer = 2 * PAGE_SIZE, "VMCS link pointer"); /* no memory */
	assert(qualification == VMX_ENTRY_FAILED_BY_LINK);
	WITH(f.link_pointer = 8, "VMCS link pointer");
	WITH((f.link_pointer = PAGE_SIZE, linked.revision ^= 1), "VMCS link pointer");
	WITH((f.entry_controls &= ~VMX_CTL_ENTRY_64, f.guest_efer = 0, f.guest_pdpte2 = 3),
	     "PDPTE");
	assert(qualification == VMX_ENTRY_FAILED_BY_PDPTE);
	WITH((f.entry_controls &= ~VMX_CTL_ENTRY_64, f.guest_efer = 0, f.guest_pdpte2 = 2), NULL);
	assert(!qualification);
	WITH(f.guest_pdpte2 = 3, NULL);
}

int main(void)
{
	make();
	assert(!rule());
	test_controls();
	test_events();
	test_host();
	test_registers();
	test_segments();
	test_activity();
	test_modes();
	test_pointers();
	return 0;
}
