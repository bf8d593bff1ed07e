/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernel code for tdx-call.c and vectors.c: without vector registers, as all kernel code.
 */
#include "early/tdcall.h"
#include "kernel/apic.h"
#include "kernel/traps.h"
#include "lib/cpu.h"
#include "lib/panic.h"
#include "paravirt/pv_ops.h"
#include "tdx-calls.h"
#include "tdx-fake.h"

#define VEC_TEST 0x51

static unsigned int interrupts;

static void count(struct trap_frame *frame)
{
	(void)frame;
	interrupts++;
	apic_eoi();
}

void tdx_calls_init(void) { irq_register(VEC_TEST, count); }

void call_tdcall(void)
{
	struct tdx_module_args args = { 0 };
	u64 status = tdcall(TDG_VP_INFO, &args);

	if (status && status != (TDX_SW_ERROR | VEC_UD))
		panic("TDCALL answers %#lx", status);
}

void call_seamcall(void)
{
	struct tdx_module_args args = { 0 };

	if (seamcall(TDH_SYS_INFO, &args) != (TDX_SW_ERROR | VEC_UD))
		panic("there is a module below");
}

static void answer(struct trap_frame *frame)
{
	frame->rax = frame->r10 = 0;
	frame->rdx = frame->r8 = frame->r9 = ~U64_C(0);
}

void call_tdvmcall(void)
{
	struct tdx_module_args args = { .r11 = TDVMCALL_GET_TD_VM_CALL_INFO };

	tdx_fake = answer;
	tdvmcall_must(&args);
	tdx_fake = NULL;
}

void call_host(void) { (void)pv_io_in(PORT_COM1 + 5, 1); }

void call_interrupt(void)
{
	unsigned int before = interrupts;

	apic_self_ipi(VEC_TEST);
	while (READ_ONCE(interrupts) == before)
		cpu_relax();
}

/* An interrupt inside of all the others. */
void call_all(void)
{
	call_tdcall();
	call_interrupt();
	call_seamcall();
	call_tdvmcall();
	call_interrupt();
	call_host();
}
