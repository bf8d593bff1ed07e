/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registers by which a host's driver talks to the security processor: a command, its buffer's
 * address, its status, and the interrupt that tells of it. A command is done as soon as it is
 * written. Pure. Spec: the registers are those of Linux drivers/crypto/ccp (pspv2, sevv2).
 */
#pragma once

#include "monitor/hardware/psp/psp.h"

#define PSP_BAR_SIZE 0x20000

struct psp_mailbox {
	u32 *registers; /* PSP_BAR_SIZE bytes; reads are of them */
	struct psp *psp;
	u32 waiting; /* a command as it was written, by PSP_CMDRESP_RESPONSE; 0: none */
	void *context;
	void (*interrupt)(void *context);
	/*
	 * A test's word, before each command; NULL: none. False: it is never answered; a status
	 * that is no success: it is not carried out.
	 */
	bool (*fate)(void *context, u32 *status);
	/* The same: true: the command is carried out when psp_mailbox_answer() is called. */
	bool (*is_late)(void *context);
	/* After each command; NULL: nobody asks. */
	void (*trace)(void *context, u32 id, u64 address, u32 status);
};

/* As after a reset. The other fields are set. */
void psp_mailbox_init(struct psp_mailbox *mailbox);

/* The command that waits, if one does, is carried out and answered. */
void psp_mailbox_answer(struct psp_mailbox *mailbox);

/* A write of @size bytes at @offset. All registers are dwords: nothing else does anything. */
void psp_mailbox_write(struct psp_mailbox *mailbox, u64 offset, unsigned int size, u64 value);
