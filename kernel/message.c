/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See message.h.
 */
#include "kernel/message.h"

#include "lib/spinlock.h"
#include "mm/mm.h"
#include "mm/visibility.h"

static const struct snp_message_way way = {
	.share = set_memory_decrypted,
	.unshare = set_memory_encrypted,
	.note = mm_poke_secrets,
};

int message_ask(const struct snp_message_text *t, u64 *status)
{
	static struct spinlock lock;
	int error;

	spin_lock(&lock);
	error = snp_message_ask(t, &way, status);
	spin_unlock(&lock);
	return error;
}
