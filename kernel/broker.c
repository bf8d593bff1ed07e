/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See broker.h; what the lines are, tools/key-broker --help says.
 */
#include "kernel/broker.h"

#include "kernel/attest.h"
#include "kernel/channel.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/format.h"
#include "lib/hex.h"
#include "lib/string.h"

#include <bearssl.h>

#define NONCE_SIZE 32
#define LINE_SIZE  (sizeof("secret  ") + 2 * (HPKE_POINT_SIZE + BROKER_SECRET_MAX + HPKE_TAG_SIZE))
#define HEX_CHUNK  256

static const char protocol[] = "Postern key broker"; /* its zero is part of what is hashed */

static struct attest_evidence evidence;
static char line[LINE_SIZE];
static char why[160];

static const char *printf_like(1, 2) because(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vformat(why, sizeof(why), fmt, args);
	va_end(args);
	return why;
}

static void wipe(void *bytes, size_t size)
{
	memset(bytes, 0, size);
	barrier();
}

/* ---- lines */

static void say_hex(const char *what, const void *bytes, size_t size)
{
	const u8 *p = bytes;
	char text[2 * HEX_CHUNK];

	channel_write(what, strlen(what));
	for (size_t at = 0; at < size; at += HEX_CHUNK) {
		size_t count = size - at < HEX_CHUNK ? size - at : HEX_CHUNK;

		hex_write(text, p + at, count);
		channel_write(text, 2 * count);
	}
	channel_write("\n", 1);
}

/* A line that begins with @what, and what is behind that; or why it is not there. */
static const char *hear(const char *what, const char **rest)
{
	static const char refused[] = "refused ";
	char words[100];
	int err = channel_read_line(line, sizeof(line));

	*rest = line + strlen(what);
	if (err)
		return err == -E_NOSPC ? "the broker says too much"
				       : "the broker did not answer in time";
	if (!strncmp(line, refused, strlen(refused)))
		return because("the broker refused: %s",
			       quote(words, sizeof(words), line + strlen(refused)));
	return strncmp(line, what, strlen(what)) ? "the broker's answer is not understood" : NULL;
}

/* ---- the key, and evidence that is bound to it */

static bool make_key(struct hpke_key *key)
{
	u64 seed[2 * HPKE_SEED_SIZE / sizeof(u64)];

	for (size_t i = 0; i < array_count(seed); i++)
		if (!rdrand_bounded(&seed[i]))
			return false;
	hpke_derive_key(seed, sizeof(seed), key);
	wipe(seed, sizeof(seed));
	return true;
}

static void bind(const u8 nonce[NONCE_SIZE], const struct hpke_key *key,
		 u8 data[SNP_REPORT_DATA_SIZE])
{
	br_sha512_context sha;

	br_sha512_init(&sha);
	br_sha512_update(&sha, protocol, sizeof(protocol));
	br_sha512_update(&sha, nonce, NONCE_SIZE);
	br_sha512_update(&sha, key->point, sizeof(key->point));
	br_sha512_out(&sha, data);
}

static void say_evidence(const struct hpke_key *key)
{
	say_hex("key ", key->point, sizeof(key->point));
	if (evidence.is_quote) {
		say_hex("evidence ", evidence.quote.bytes, evidence.quote.size);
		return;
	}
	if (evidence.certificates_size)
		say_hex("certificates ", evidence.certificates.table, evidence.certificates_size);
	say_hex("evidence ", &evidence.report, sizeof(evidence.report));
}

/* ---- the secret */

/* "ENCAPSULATED CIPHERTEXT" */
static bool parse_sealed(const char *text, u8 encapsulated[HPKE_POINT_SIZE],
			 struct broker_secret *secret)
{
	size_t length = strlen(text), head = 2 * HPKE_POINT_SIZE + 1;

	if (length < head || text[head - 1] != ' ' || length % 2 != head % 2)
		return false;
	secret->size = (length - head) / 2;
	return secret->size <= sizeof(secret->bytes) &&
	       hex_read(text, encapsulated, HPKE_POINT_SIZE) &&
	       hex_read(text + head, secret->bytes, secret->size);
}

static const char *open_secret(const char *text, const struct hpke_key *key,
			       const u8 data[SNP_REPORT_DATA_SIZE], struct broker_secret *secret)
{
	u8 encapsulated[HPKE_POINT_SIZE];
	struct hpke_sealed sealed = {
		.encapsulated = encapsulated,
		.info = protocol,
		.info_size = sizeof(protocol) - 1,
		.aad = data,
		.aad_size = SNP_REPORT_DATA_SIZE,
		.text = secret->bytes,
	};

	if (!parse_sealed(text, encapsulated, secret))
		return "the broker's answer is not understood";
	sealed.size = secret->size;
	if (hpke_open(key, &sealed))
		return "what came is not sealed to this guest's key and evidence, or was changed";
	secret->size -= HPKE_TAG_SIZE;
	return NULL;
}

static const char *ask(struct hpke_key *key, struct broker_secret *secret)
{
	u8 nonce[NONCE_SIZE], data[SNP_REPORT_DATA_SIZE];
	const char *rest, *error = hear("nonce ", &rest);
	u64 status;
	int err;

	if (error)
		return error;
	if (strlen(rest) != 2 * NONCE_SIZE || !hex_read(rest, nonce, NONCE_SIZE))
		return "the broker's answer is not understood";
	if (!make_key(key))
		return "the processor has no random number";
	bind(nonce, key, data);
	err = attest_report(data, &evidence, &status);
	if (err)
		return because("no report: error %d, status %#lx", err, status);
	say_evidence(key);
	error = hear("secret ", &rest);
	return error ? error : open_secret(rest, key, data, secret);
}

const char *broker_ask(struct broker_secret *secret)
{
	struct hpke_key key;
	const char *error;

	if (!tdx_quote_is_possible() && !snp_message_is_possible())
		return "no firmware here gives evidence";
	if (!channel_init())
		return "there is no second serial port: run-qemu.sh --serial WHERE";
	if (tdx_quote_is_possible())
		channel_write("hello tdx\n", 10);
	else
		channel_write("hello snp\n", 10);
	error = ask(&key, secret);
	wipe(&key, sizeof(key));
	return error;
}
