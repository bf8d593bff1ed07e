/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages to the security processor's firmware, which the host carries and cannot read.
 * Spec: SNP-FW 7; GHCB 4.1.7 (SNP Guest Request).
 */
#pragma once

#include "abi/snp_message.h"
#include "lib/compiler.h"
#include "lib/errno.h"
#include "paravirt/visibility.h"

/* What the host adds to an answer: its word alone, for whoever checks the answer's signature. */
#define SNP_CERTIFICATES_SIZE (4 * PAGE_SIZE)

struct snp_certificates {
	u8 table[SNP_CERTIFICATES_SIZE]; /* zeroes where it has none, or more than that */
};

struct snp_message_text {
	u8 type;    /* SNP_MSG_; the answer's is the next */
	void *text; /* the request's payload, which becomes the answer's */
	u16 size, answer_size;
	struct snp_certificates *certificates; /* NULL: not wanted */
};

/*
 * How the two pages change hands, and how the secrets page is written, by words: the number of the
 * last message, from which a guest that takes over goes on, or zeroes over a key that nobody may
 * use any more. As early tables have it, or mm's (kernel/message.h).
 */
struct snp_message_way {
	visibility_setter_t share, unshare;
	void (*note)(u32 *word, u32 value);
};
extern const struct snp_message_way snp_message_early;

/* Whether there is such a firmware. */
bool snp_message_is_possible(void);

/*
 * Asks under the key of VMPL 0; one at a time is the caller's to see to. A host that is busy is
 * asked again, for some seconds. -E_IO: the host or the firmware refuses, with *status what they
 * say; -E_PERM: what came is not the firmware's answer to this message, or there is no key. After
 * either the key is wiped: a number must never serve two messages. -E_NOMEM: there is no page table
 * with which to share the pages; nothing was asked.
 */
int must_check snp_message_ask(const struct snp_message_text *t, const struct snp_message_way *way,
			       u64 *status);
