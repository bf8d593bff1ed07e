/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest's secret is for: `broker [TIMES]` asks tools/key-broker for it, by the second serial
 * port, and prints it, so that whoever has the console learns it too. A program that keeps a secret
 * uses broker.h.
 */
#include "kernel/broker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/workload.h"
#include "lib/compiler.h"

/* A host may have sealed it. */
static void print_text(const struct broker_secret *secret)
{
	printf("broker: opened %zu bytes: \"", secret->size);
	for (size_t i = 0; i < secret->size; i++) {
		u8 c = secret->bytes[i];

		printf(c < ' ' || c >= 0x7f || c == '"' || c == '\\' ? "\\x%02x" : "%c", c);
	}
	printf("\"\n");
}

/* 1: it got none. */
static int ask_once(void)
{
	static struct broker_secret secret;
	const char *error = broker_ask(&secret);

	if (error) {
		printf("broker: nothing opened: %s\n", error);
		return 1;
	}
	print_text(&secret);
	memset(&secret, 0, sizeof(secret));
	barrier();
	return 0;
}

static int broker(int argc, char **argv)
{
	int times = argc == 2 ? atoi(argv[1]) : 1, failed = 0;

	if (argc > 2 || times < 1) {
		printf("broker: usage: broker [how often]\n");
		return 1;
	}
	for (int i = 0; i < times; i++)
		failed |= ask_once();
	return failed;
}

DEFINE_WORKLOAD("broker", "asks a key broker for a secret by COM2, with evidence: broker [times]",
		broker);
