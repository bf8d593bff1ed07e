/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secret from a key broker (tools/key-broker) for evidence of this launch, sealed to a key that
 * is made for this one question and that the evidence is bound to. The host between them can keep
 * it from this guest, and cannot read it. Does not: say who sealed it, which HPKE's base mode does
 * not either; a host may answer with a "secret" of its own.
 */
#pragma once

#include "abi/bits.h"
#include "kernel/hpke.h"

#define BROKER_SECRET_MAX 1024

struct broker_secret {
	size_t size;
	u8 bytes[BROKER_SECRET_MAX + HPKE_TAG_SIZE];
};

/*
 * By channel.h, from one processor, which has RDRAND. NULL, and @secret, the caller's to wipe; or
 * in a sentence why there is none, good until the next call.
 */
const char *broker_ask(struct broker_secret *secret);
