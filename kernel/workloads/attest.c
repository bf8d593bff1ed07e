/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence of this launch, for somebody else to judge: `attest [HEX]`, with up to 48 bytes of the
 * asker's in it. The report, or a TD's quote, is printed, by fields and whole, and so are the
 * certificates; `--json FILE` has both.
 * Before the asker's bytes is whose they are: of an image that is not sealed the host chooses the
 * words, and must not get evidence for what another program of it says in its own name.
 */
#include <stdio.h>
#include <string.h>

#include "abi/certificates.h"
#include "kernel/attest.h"
#include "kernel/results.h"
#include "kernel/workload.h"
#include "kernel/workloads/attest_tdx.h"
#include "lib/compiler.h"
#include "lib/hex.h"

#define DOMAIN      "Postern attest\0" /* 16 bytes with its own zero; docs/attestation.md */
#define ASKERS_SIZE (SNP_REPORT_DATA_SIZE - sizeof(DOMAIN))

static struct attest_evidence evidence;

/* False: not so many pairs of digits. */
static bool parse(const char *text, u8 *bytes, size_t size)
{
	size_t length = strlen(text);

	return length % 2 == 0 && length / 2 <= size && hex_read(text, bytes, length / 2);
}

static void print_hex(const void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		printf("%02x", ((const u8 *)bytes)[i]);
}

void attest_field(const char *name, const void *bytes, size_t size)
{
	printf("attest: %-12s ", name);
	print_hex(bytes, size);
	printf("\n");
}

static const char *signer(const struct snp_report *r)
{
	switch (bits_get(r->flags, 4, 2)) {
	case SNP_SIGNED_BY_VCEK: return "a VCEK";
	case SNP_SIGNED_BY_VLEK: return "a VLEK";
	default: return "nobody";
	}
}

/* The chip's id, where it is a text: an emulated one says so. */
static void print_chip(const struct snp_report *r)
{
	size_t length = 0;

	while (length < sizeof(r->chip_id) && r->chip_id[length] >= ' ' &&
	       r->chip_id[length] < 0x7f)
		length++;
	if (length)
		printf("attest: chip         \"%.*s\"\n", (int)length, r->chip_id);
	attest_field("chip id", r->chip_id, sizeof(r->chip_id));
}

static void print_report(const struct snp_report *r)
{
	printf("attest: SNP report version %u, VMPL %u, signed by %s\n", r->version, r->vmpl,
	       signer(r));
	print_chip(r);
	printf("attest: %-12s %#llx, %s\n", "policy", (unsigned long long)r->policy,
	       r->policy & BIT(19) ? "the host may debug it" : "no debugging");
	printf("attest: %-12s %#llx, committed %#llx\n", "TCB", (unsigned long long)r->reported_tcb,
	       (unsigned long long)r->committed_tcb);
	attest_field("measurement", r->measurement, sizeof(r->measurement));
	attest_field("host data", r->host_data, sizeof(r->host_data));
	attest_field("id key", r->id_key_digest, sizeof(r->id_key_digest));
	attest_field("report id", r->report_id, sizeof(r->report_id));
	attest_field("report data", r->data, sizeof(r->data));
	attest_field("report", r, sizeof(*r));
}

/* RFC 7468 */
static void print_pem(const char *label, const u8 *bytes, size_t size)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
	char line[65] = "";

	printf("-----BEGIN %s-----\n", label);
	for (size_t at = 0, used = 0; at < size; at += 3) {
		u32 value = 0;

		for (size_t i = 0; i < 3; i++)
			value = value << 8 | (at + i < size ? bytes[at + i] : 0);
		for (size_t i = 0; i < 4; i++)
			line[used++] = alphabet[at + i <= size ? value >> (18 - 6 * i) & 63 : 64];
		if (used == 64 || at + 3 >= size) {
			printf("%.*s\n", (int)used, line);
			used = 0;
		}
	}
	printf("-----END %s-----\n", label);
}

#define GUID_TEXT_SIZE 37

static void guid_text(const u8 *guid, char text[GUID_TEXT_SIZE])
{
	for (size_t i = 0; i < 16; i++)
		text += sprintf(text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
				guid[i]);
}

static const char *guid_name(const char *text)
{
	static const char *const names[][2] = {
		{ GUID_CERTIFICATE_ARK, "ARK" },   { GUID_CERTIFICATE_ASK, "ASK" },
		{ GUID_CERTIFICATE_VCEK, "VCEK" }, { GUID_CERTIFICATE_VLEK, "VLEK" },
		{ GUID_CERTIFICATE_CRL, "CRL" },
	};

	for (size_t i = 0; i < array_count(names); i++)
		if (!strcmp(text, names[i][0]))
			return names[i][1];
	return text;
}

/* attest_report() has looked at every entry. */
static void print_certificates(void)
{
	const u8 *table = evidence.certificates.table;
	const struct guid_entry *entry = (const void *)table;
	char text[GUID_TEXT_SIZE];

	if (!evidence.certificates_size)
		printf("attest: the host gives no certificates\n");
	for (; evidence.certificates_size && entry->offset; entry++) {
		guid_text(entry->guid, text);
		printf("attest: certificate %s, %u bytes\n", guid_name(text), entry->length);
		print_pem(strcmp(text, GUID_CERTIFICATE_CRL) ? "CERTIFICATE" : "X509 CRL",
			  table + entry->offset, entry->length);
	}
}

static int attest(int argc, char **argv)
{
	u8 data[SNP_REPORT_DATA_SIZE] = DOMAIN;
	u64 status;
	int err;

	if (argc > 2 || (argc == 2 && !parse(argv[1], data + sizeof(DOMAIN), ASKERS_SIZE))) {
		printf("attest: usage: attest [up to %zu hexadecimal digits]\n", 2 * ASKERS_SIZE);
		return 1;
	}
	err = attest_report(data, &evidence, &status);
	if (err) {
		printf(err == -E_NOSYS ? "attest: no firmware here gives evidence\n"
				       : "attest: no report: error %d, status %#llx\n",
		       err, (unsigned long long)status);
		return 1;
	}
	if (evidence.is_quote) {
		attest_print_quote(&evidence.quote);
		return 0;
	}
	print_report(&evidence.report);
	print_certificates();
	results_evidence("report", &evidence.report, sizeof(evidence.report));
	results_evidence("certificates", evidence.certificates.table, evidence.certificates_size);
	return 0;
}

DEFINE_WORKLOAD("attest", "a signed report of this launch, with certificates: attest [hex]",
		attest);
