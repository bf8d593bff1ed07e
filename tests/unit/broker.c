/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest opens what was sealed to its own key and evidence, for the nonce of this question, and
 * nothing else that a host answers with: an earlier answer, a changed one, one for another nonce,
 * no line of the protocol, too long a one, none. Each question has a new key.
 * RUN: %monitor-cc %s -isystem %build/bearssl/inc -o %t
 */
#include "kernel/broker.c"
#include "kernel/hpke.c"
#include "lib/format.c"
#include "lib/hex.c"

#undef NDEBUG
#include <assert.h>

static bool has_firmware = true, is_td, has_port = true;
static u8 asked[SNP_REPORT_DATA_SIZE];
static char said[1 << 16];
static size_t said_size;
static char answers[2][LINE_SIZE + 8];
static unsigned int heard;
static int attest_error;

bool tdx_quote_is_possible(void) { return is_td; }

bool snp_message_is_possible(void) { return has_firmware && !is_td; }

bool channel_init(void) { return has_port; }

void channel_write(const char *text, size_t size)
{
	assert(said_size + size < sizeof(said));
	memcpy(said + said_size, text, size);
	said_size += size;
	said[said_size] = 0;
}

static void make_answer(void);

int channel_read_line(char *to, size_t size)
{
	if (heard == 1)
		make_answer();
	if (heard >= 2 || !answers[heard][0])
		return -E_AGAIN;
	if (strlen(answers[heard]) >= size)
		return -E_NOSPC;
	memcpy(to, answers[heard], strlen(answers[heard]) + 1);
	heard++;
	return 0;
}

int attest_report(const u8 data[SNP_REPORT_DATA_SIZE], struct attest_evidence *e, u64 *status)
{
	memcpy(asked, data, sizeof(asked));
	memset(e, 0, sizeof(*e));
	e->is_quote = is_td;
	e->quote.size = 4;
	memcpy(e->quote.bytes, "\xab\xcd\x12\x34", 4);
	e->certificates_size = 3;
	memcpy(e->report.data, data, sizeof(asked));
	*status = 0x77;
	return attest_error;
}

/* ---- the broker */

static const char secret_text[] = "the disk's key";
static char nonce_text[2 * NONCE_SIZE + 1];

/* What a host may do to it. */
static enum { HONEST, EARLIER, CHANGED, OTHER_NONCE, OTHER_KEY, SHORT, WORDS, LONG, NONE } mode;

static void guests_point(u8 point[HPKE_POINT_SIZE])
{
	const char *key = said;

	while (strncmp(key, "\nkey ", 5))
		assert(*key++);
	assert(hex_read(key + 5, point, HPKE_POINT_SIZE));
}

static void seal(const u8 point[HPKE_POINT_SIZE], const u8 data[SNP_REPORT_DATA_SIZE], char *answer)
{
	u8 dh[HPKE_POINT_SIZE], prk[32], shared[32], context[2 * HPKE_POINT_SIZE];
	u8 text[sizeof(secret_text) - 1 + HPKE_TAG_SIZE];
	struct hpke_key ephemeral;
	struct schedule s;

	hpke_derive_key("an ephemeral key, of thirty-two bytes", 37, &ephemeral);
	memcpy(dh, point, sizeof(dh));
	assert(br_ec_p256_m31.mul(dh, sizeof(dh), ephemeral.secret, 32, BR_EC_secp256r1));
	memcpy(context, ephemeral.point, HPKE_POINT_SIZE);
	memcpy(context + HPKE_POINT_SIZE, point, HPKE_POINT_SIZE);
	labeled_extract(kem, (struct bytes){ "", 0 }, TEXT("eae_prk"), HASH(dh + 1), prk);
	labeled_expand(kem, prk, TEXT("shared_secret"), (struct bytes){ context, sizeof(context) },
		       shared, 32);
	s = key_schedule(shared, TEXT("Postern key broker"));
	memcpy(text, secret_text, sizeof(secret_text) - 1);
	aes_256_gcm_encrypt(&(struct aes_gcm_text){ s.key, s.nonce, data, SNP_REPORT_DATA_SIZE,
						    text, sizeof(secret_text) - 1 },
			    text + sizeof(secret_text) - 1);
	memcpy(answer, "secret ", 7);
	hex_write(answer + 7, ephemeral.point, HPKE_POINT_SIZE);
	answer[7 + 2 * HPKE_POINT_SIZE] = ' ';
	hex_write(answer + 8 + 2 * HPKE_POINT_SIZE, text, sizeof(text));
	answer[8 + 2 * HPKE_POINT_SIZE + 2 * sizeof(text)] = 0;
}

/* SHA-512("Postern key broker" 00 NONCE POINT), as the broker's help has it. */
static void expected_data(const u8 point[HPKE_POINT_SIZE], const char *nonce, u8 data[64])
{
	u8 text[19 + NONCE_SIZE + HPKE_POINT_SIZE] = "Postern key broker";
	br_sha512_context sha;

	assert(hex_read(nonce, text + 19, NONCE_SIZE));
	memcpy(text + 19 + NONCE_SIZE, point, HPKE_POINT_SIZE);
	br_sha512_init(&sha);
	br_sha512_update(&sha, text, sizeof(text));
	br_sha512_out(&sha, data);
}

static void make_answer(void)
{
	char *answer = answers[1];
	u8 point[HPKE_POINT_SIZE], data[SNP_REPORT_DATA_SIZE];
	char other[2 * NONCE_SIZE + 1];

	if (mode == EARLIER)
		return;
	guests_point(point);
	memcpy(other, nonce_text, sizeof(other));
	other[0] ^= mode == OTHER_NONCE;
	expected_data(point, other, data);
	assert(mode == OTHER_NONCE || !memcmp(data, asked, sizeof(data)));
	if (mode == OTHER_KEY)
		point[64] ^= 1;
	if (mode == OTHER_KEY) {
		struct hpke_key host;

		hpke_derive_key("the host's own key, of more than 32", 35, &host);
		memcpy(point, host.point, sizeof(point));
	}
	seal(point, data, answer);
	if (mode == CHANGED)
		answer[strlen(answer) - 1] ^= 1;
	if (mode == SHORT)
		answer[7 + 2 * HPKE_POINT_SIZE + 1 + 2 * (HPKE_TAG_SIZE - 1)] = 0;
	if (mode == WORDS)
		strcpy(answer, "refused the \x1b[2Jguest");
	if (mode == LONG)
		memset(answer, 'a', sizeof(answers[1]) - 1);
	if (mode == NONE)
		answer[0] = 0;
}

static struct broker_secret secret;

static const char *question(int how)
{
	mode = how;
	heard = 0;
	said_size = 0;
	memset(nonce_text, '5', sizeof(nonce_text) - 1);
	strcpy(answers[0], "nonce ");
	strcpy(answers[0] + 6, nonce_text);
	return broker_ask(&secret);
}

static void fails(int how, const char *words)
{
	const char *error = question(how);

	assert(error && !strcmp(error, words));
}

#define NOT_SEALED     "what came is not sealed to this guest's key and evidence, or was changed"
#define NOT_UNDERSTOOD "the broker's answer is not understood"

static void test_hosts(void)
{
	fails(EARLIER, NOT_SEALED);
	fails(CHANGED, NOT_SEALED);
	fails(OTHER_NONCE, NOT_SEALED);
	fails(OTHER_KEY, NOT_SEALED);
	fails(SHORT, NOT_SEALED);
	fails(WORDS, "the broker refused: \"the \\x1b[2Jguest\"");
	fails(LONG, "the broker says too much");
	fails(NONE, "the broker did not answer in time");
}

static void begins(const char *words, const char *error)
{
	heard = 0;
	strcpy(answers[0], words);
	assert(!strcmp(broker_ask(&secret), error));
}

static void test_lines(void)
{
	begins("nonce 55", NOT_UNDERSTOOD);
	begins("Nonce 55", NOT_UNDERSTOOD);
	memset(nonce_text, 'g', sizeof(nonce_text) - 1);
	strcpy(answers[0], "nonce ");
	strcpy(answers[0] + 6, nonce_text);
	heard = 0;
	assert(!strcmp(broker_ask(&secret), NOT_UNDERSTOOD));
	begins("refused ", "the broker refused: \"\"");
	begins("", "the broker did not answer in time");
	attest_error = -E_IO;
	fails(HONEST, "no report: error -5, status 0x77");
	attest_error = 0;
	has_port = false;
	fails(HONEST, "there is no second serial port: run-qemu.sh --serial WHERE");
	has_port = true;
	has_firmware = false;
	fails(HONEST, "no firmware here gives evidence");
	has_firmware = true;
}

int main(void)
{
	u8 first[HPKE_POINT_SIZE], second[HPKE_POINT_SIZE];

	assert(!question(HONEST) && secret.size == sizeof(secret_text) - 1);
	assert(!memcmp(secret.bytes, secret_text, secret.size));
	assert(!strncmp(said, "hello snp\nkey ", 14));
	guests_point(first);
	test_hosts();
	test_lines();
	is_td = true;
	assert(!question(HONEST) && !memcmp(secret.bytes, secret_text, secret.size));
	assert(!strncmp(said, "hello tdx\nkey ", 14));
	assert(!strcmp(said + said_size - 18, "evidence abcd1234\n"));
	guests_point(second);
	assert(memcmp(first, second, sizeof(first)));
	return 0;
}
