/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mailbox as Linux's ccp driver uses it: a command by three registers, its status in the same,
 * an interrupt only where it is asked for and enabled.
 * RUN: %monitor-cc %s %root/lib/format.c -o %t
 */
#include "Inputs/psp_machine.h"
#include "monitor/hardware/psp/mailbox.h"

static u32 registers[PSP_BAR_SIZE / sizeof(u32)];
static unsigned int interrupts, traced;
static bool late;
static struct psp_mailbox mailbox;

static void interrupt(void *context)
{
	(void)context;
	interrupts++;
}

static void trace(void *context, u32 id, u64 address, u32 status)
{
	(void)context, (void)status;
	assert(id == 4 && address == BUFFER);
	traced++;
}

static bool is_late(void *context)
{
	(void)context;
	return late;
}

static u32 value(u32 offset) { return registers[offset / 4]; }

static void write4(u64 offset, u32 v) { psp_mailbox_write(&mailbox, offset, 4, v); }

static void setup(void)
{
	machine_reset();
	interrupts = traced = 0;
	mailbox = (struct psp_mailbox){ .registers = registers,
					.psp = &psp,
					.interrupt = interrupt,
					.trace = trace,
					.is_late = is_late };
	psp_mailbox_init(&mailbox);
	write4(PSP_REG_ADDR_LOW, BUFFER);
	write4(PSP_REG_ADDR_HIGH, 0);
}

int main(void)
{
	setup();
	assert(value(PSP_REG_FEATURE) == PSP_FEATURE_SEV);
	write4(PSP_REG_FEATURE, 0);
	assert(value(PSP_REG_FEATURE) == PSP_FEATURE_SEV);
	write4(PSP_REG_INTEN, ~0u);
	write4(PSP_REG_CMDRESP, 4 << 16);
	assert(value(PSP_REG_CMDRESP) == (PSP_CMDRESP_RESPONSE | 4 << 16) && traced == 1);
	assert(ram[BUFFER] == 1 && ram[BUFFER + 1] == 55);
	assert(!interrupts && !value(PSP_REG_INTSTS));
	write4(PSP_REG_CMDRESP, 4 << 16 | PSP_CMDRESP_IOC);
	assert(interrupts == 1 && value(PSP_REG_INTSTS) == PSP_INTR_COMPLETE);
	write4(PSP_REG_INTSTS, 1);
	assert(value(PSP_REG_INTSTS) == PSP_INTR_COMPLETE);
	write4(PSP_REG_INTSTS, PSP_INTR_COMPLETE);
	assert(!value(PSP_REG_INTSTS));
	write4(PSP_REG_INTEN, 0);
	write4(PSP_REG_CMDRESP, 4 << 16 | PSP_CMDRESP_IOC);
	assert(interrupts == 1 && traced == 3);
	/* none: a response, another size, what is between registers, what is behind them */
	write4(PSP_REG_CMDRESP, PSP_CMDRESP_RESPONSE | 4 << 16);
	psp_mailbox_write(&mailbox, PSP_REG_CMDRESP, 2, 4);
	psp_mailbox_write(&mailbox, PSP_REG_CMDRESP, 8, 4 << 16);
	write4(PSP_REG_CMDRESP + 2, 4 << 16);
	write4(PSP_BAR_SIZE, 1);
	assert(traced == 3);
	late = true;
	write4(PSP_REG_CMDRESP, 4 << 16);
	write4(PSP_REG_CMDRESP, 5 << 16); /* nothing: one waits */
	assert(traced == 3 && value(PSP_REG_CMDRESP) == 4 << 16);
	psp_mailbox_answer(&mailbox);
	psp_mailbox_answer(&mailbox);
	assert(value(PSP_REG_CMDRESP) == (PSP_CMDRESP_RESPONSE | 4 << 16) && traced == 4);
	late = false;
	mailbox.trace = NULL;
	write4(PSP_REG_CMDRESP, 0x7f << 16);
	assert(value(PSP_REG_CMDRESP) == (PSP_CMDRESP_RESPONSE | 0x7f << 16 | PSP_INVALID_COMMAND));
	return 0;
}
