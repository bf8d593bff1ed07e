/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See tdx_evidence.h. The keys that no certificate names are derived from the one that is there, so
 * that a report and a quote depend on the root alone.
 */
#include "monitor/hardware/tdx_evidence.h"

#include "abi/tdx_quote.h"
#include "lib/sha384.h"
#include "lib/string.h"
#include "monitor/crypto/crypto.h"

#define MAC_COVERS offsetof(struct tdx_report_mac, mac)

_Static_assert(sizeof(((struct tdx_report_mac *)0)->mac) == HMAC_SHA256_SIZE, "HMAC-SHA-256");

static int take(const void *table, size_t size, const char *guid, void *to, size_t wanted)
{
	struct guid_data data;

	if (guid_table_find(table, size, guid, &data) || data.size != wanted)
		return -E_INVAL;
	memcpy(to, data.bytes, wanted);
	return 0;
}

static void derive(const struct tdx_platform *p, const char *label, u8 key[HMAC_SHA256_SIZE])
{
	hmac_sha256(p->pck, sizeof(p->pck), label, strlen(label), key);
}

int tdx_platform_init(struct tdx_platform *p, const void *firmware, size_t size)
{
	memset(p, 0, sizeof(*p));
	if (take(firmware, size, GUID_TEST_PCK, p->pck, sizeof(p->pck)) ||
	    take(firmware, size, GUID_TEST_TDX, &p->root, sizeof(p->root)) ||
	    guid_table_find(firmware, size, GUID_TEST_PCK_CHAIN, &p->pck_chain))
		return -E_INVAL;
	derive(p, "EMULATED: key of TDREPORTs", p->report_key);
	derive(p, "EMULATED: attestation key", p->attestation_key);
	p->has_service = true;
	p->quote_version = TDX_QUOTE_V4;
	return 0;
}

static void mac_of(const struct tdx_platform *p, const struct tdx_report_mac *report,
		   u8 mac[HMAC_SHA256_SIZE])
{
	hmac_sha256(p->report_key, sizeof(p->report_key), report, MAC_COVERS, mac);
}

/* TDX-CPU, SEAMREPORT */
void tdx_report_complete(const struct tdx_platform *p, struct tdx_report *report)
{
	const struct test_root_tdx *root = &p->root;

	report->tcb.valid = TDX_TCB_INFO_VALID;
	memcpy(report->tcb.tee_tcb_svn, root->tee_tcb_svn, sizeof(root->tee_tcb_svn));
	memcpy(report->tcb.mr_seam, root->mr_seam, sizeof(root->mr_seam));
	memcpy(report->tcb.tee_tcb_svn_2, root->tee_tcb_svn, sizeof(root->tee_tcb_svn));
	report->mac.type = TDX_REPORT_TYPE;
	memcpy(report->mac.cpu_svn, root->cpu_svn, sizeof(root->cpu_svn));
	sha384(&report->tcb, TDX_TCB_INFO_SIZE, report->mac.tee_tcb_info_hash);
	sha384(&report->td, sizeof(report->td), report->mac.tee_info_hash);
	mac_of(p, &report->mac, report->mac.mac);
}

u64 tdx_report_verify(const struct tdx_platform *p, const struct tdx_report_mac *report)
{
	u8 mac[HMAC_SHA256_SIZE];

	if (memcmp(report->cpu_svn, p->root.cpu_svn, sizeof(report->cpu_svn)))
		return TDX_INVALID_CPUSVN;
	mac_of(p, report, mac);
	if (report->type != TDX_REPORT_TYPE || memcmp(report->mac, mac, sizeof(mac)))
		return TDX_INVALID_REPORTMACSTRUCT;
	return TDX_SUCCESS;
}
