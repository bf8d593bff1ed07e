/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See tdx_quote.h.
 */
#include "monitor/host/tdx_quote.h"

#include "lib/compiler.h"
#include "lib/sha256.h"
#include "lib/sha384.h"
#include "lib/string.h"
#include "monitor/crypto/crypto.h"

/* Intel's: verifiers ask for it */
static const u8 qe_vendor[16] = { 0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
				  0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07 };
static const char user_data[20] = "EMULATED by Postern";
static const char authentication[] = "EMULATED by Postern: not Intel's";
#define AUTHENTICATION_SIZE (sizeof(authentication) - 1)

/* What is written of a quote, and whether all of it had room. */
struct writer {
	u8 *start;
	size_t size, room;
};

static void put(struct writer *w, const void *data, size_t size)
{
	if (size <= w->room - w->size)
		memcpy(w->start + w->size, data, size);
	w->size = size <= w->room - w->size ? w->size + size : w->room;
}

static void put_u16(struct writer *w, u16 value) { put(w, &value, sizeof(value)); }
static void put_u32(struct writer *w, u32 value) { put(w, &value, sizeof(value)); }

static void sha256(const void *data, size_t size, u8 digest[SHA256_SIZE])
{
	struct sha256 sha;

	sha256_init(&sha);
	sha256_update(&sha, data, size);
	sha256_final(&sha, digest);
}

static void put_signature(struct writer *w, const u8 *key, const void *data, size_t size)
{
	struct p256_signature signature = { 0 };
	u8 digest[SHA256_SIZE];

	if (w->size == w->room)
		return;
	sha256(data, size, digest);
	if (p256_sign(key, digest, &signature))
		w->size = w->room; /* a root's key that is none: no quote */
	put(w, &signature, sizeof(signature));
}

static void put_head(struct writer *w, const struct tdx_platform *p)
{
	struct tdx_quote_head head = {
		.version = (u16)p->quote_version,
		.key_type = TDX_QUOTE_ECDSA_P256,
		.tee_type = TDX_QUOTE_TEE,
	};

	memcpy(head.qe_vendor, qe_vendor, sizeof(qe_vendor));
	memcpy(head.user_data, user_data, sizeof(user_data));
	put(w, &head, sizeof(head));
}

static void put_body(struct writer *w, const struct tdx_platform *p, const struct tdx_report *r)
{
	struct tdx_quote_body body;
	size_t size = sizeof(body);

#define COPY(to, from)                                                                             \
	do {                                                                                       \
		_Static_assert(sizeof(body.to) == sizeof(r->from), "one field");                   \
		memcpy(&body.to, &r->from, sizeof(body.to));                                       \
	} while (0)
	COPY(tee_tcb_svn, tcb.tee_tcb_svn);
	COPY(mr_seam, tcb.mr_seam);
	COPY(mr_signer_seam, tcb.mr_signer_seam);
	COPY(seam_attributes, tcb.attributes);
	COPY(td_attributes, td.attributes);
	COPY(xfam, td.xfam);
	COPY(mrtd, td.mrtd);
	COPY(mrconfigid, td.mrconfigid);
	COPY(mrowner, td.mrowner);
	COPY(mrownerconfig, td.mrownerconfig);
	COPY(rtmr, td.rtmr);
	COPY(report_data, mac.report_data);
	COPY(tee_tcb_svn_2, tcb.tee_tcb_svn_2);
	COPY(mr_servicetd, td.servtd_hash);
#undef COPY
	if (p->quote_version >= TDX_QUOTE_V5) {
		put_u16(w, TDX_QUOTE_BODY_TDX_1_5);
		put_u32(w, sizeof(body));
	} else {
		size = TDX_QUOTE_BODY_1_0_SIZE;
	}
	put(w, &body, size);
}

/* The enclave's report binds the attestation key, and the PCK vouches for the report. */
static void enclave(const struct tdx_platform *p, const struct p256_key *key, struct sgx_report *r)
{
	const struct test_root_tdx *root = &p->root;
	struct sha256 sha;

	memset(r, 0, sizeof(*r));
	memcpy(r->cpu_svn, root->cpu_svn, sizeof(r->cpu_svn));
	memcpy(r->attributes, root->qe_attributes, sizeof(r->attributes));
	memcpy(r->mrenclave, root->qe_mrenclave, sizeof(r->mrenclave));
	memcpy(r->mrsigner, root->qe_mrsigner, sizeof(r->mrsigner));
	r->isv_prod_id = root->qe_product;
	r->isv_svn = root->qe_svn;
	sha256_init(&sha);
	sha256_update(&sha, key, sizeof(*key));
	sha256_update(&sha, authentication, AUTHENTICATION_SIZE);
	sha256_final(&sha, r->report_data);
}

static void put_certification(struct writer *w, const struct tdx_platform *p,
			      const struct p256_key *key)
{
	u32 chain = (u32)p->pck_chain.size;
	struct sgx_report report;

	enclave(p, key, &report);
	put_u16(w, TDX_QUOTE_CERT_QE_REPORT);
	put_u32(w, (u32)(sizeof(report) + sizeof(struct p256_signature) + sizeof(u16) +
			 AUTHENTICATION_SIZE + TDX_QUOTE_CERT_HEAD_SIZE) +
			   chain);
	put(w, &report, sizeof(report));
	put_signature(w, p->pck, &report, sizeof(report));
	put_u16(w, AUTHENTICATION_SIZE);
	put(w, authentication, AUTHENTICATION_SIZE);
	put_u16(w, TDX_QUOTE_CERT_PCK_CHAIN);
	put_u32(w, chain);
	put(w, p->pck_chain.bytes, chain);
}

/* As the quoting enclave: EVERIFYREPORT2, then what the MAC covers by a hash. */
static bool is_ours(const struct tdx_platform *p, const struct tdx_report *r)
{
	u8 hash[SHA384_SIZE];

	if (tdx_report_verify(p, &r->mac) != TDX_SUCCESS)
		return false;
	sha384(&r->tcb, TDX_TCB_INFO_SIZE, hash);
	if (memcmp(hash, r->mac.tee_tcb_info_hash, sizeof(hash)))
		return false;
	sha384(&r->td, sizeof(r->td), hash);
	return !memcmp(hash, r->mac.tee_info_hash, sizeof(hash));
}

int tdx_quote_make(const struct tdx_platform *p, const struct tdx_report *report, u8 *out,
		   size_t room)
{
	struct writer w = { out, 0, room };
	struct p256_key key;
	size_t signed_size;
	u32 size = 0;

	if (!is_ours(p, report) || p256_public(p->attestation_key, &key))
		return -E_PERM;
	put_head(&w, p);
	put_body(&w, p, report);
	signed_size = w.size;
	put_u32(&w, size);
	put_signature(&w, p->attestation_key, out, signed_size);
	put(&w, &key, sizeof(key));
	put_certification(&w, p, &key);
	if (w.size == w.room) /* one byte less than there is, at most */
		return -E_NOSPC;
	size = (u32)(w.size - signed_size - sizeof(size));
	memcpy(out + signed_size, &size, sizeof(size));
	return (int)w.size;
}

bool tdx_host_reaches(struct tdx_td *td, u64 gpa, u64 size)
{
	u64 mask = tdx_shared_mask(td);

	if (!size || !tdx_gpa_valid(td, gpa, size) || !(gpa & mask))
		return false;
	for (u64 at = gpa; at < gpa + size; at = align_down(at, PAGE_SIZE) + PAGE_SIZE)
		if (sept_is_private(&td->sept, at & ~mask))
			return false;
	return true;
}

/* The size of what is in the buffer behind its header, or negative. */
static int answer(struct tdx_td *td, void *context, const struct tdx_quote_request *r)
{
	static u8 quote[TDX_QUOTE_SIZE_MAX];
	int size;

	if (r->header.in_size != sizeof(r->report))
		return -E_INVAL;
	size = tdx_quote_make(td->platform, &r->report, quote, sizeof(quote));
	if (size < 0)
		return size;
	if ((u64)size > r->size - sizeof(r->header))
		return -E_NOSPC;
	if (td->machine->write(context, r->gpa + sizeof(r->header), quote, (size_t)size))
		return -E_FAULT;
	return size;
}

/* A processor that polls the status may go on as soon as it changes. */
static int put_header(struct tdx_td *td, void *context, const struct tdx_quote_request *r,
		      u64 status)
{
	const u64 at = r->gpa + offsetof(struct tdx_quote_header, status);

	if (td->machine->write(context, r->gpa, &r->header, sizeof(r->header)))
		return -E_FAULT;
	return td->machine->write(context, at, &status, sizeof(status));
}

void tdx_quote_answer(struct tdx_td *td, void *context, struct tdx_quote_request *r)
{
	u64 status;
	int size;

	r->is_pending = false;
	if (!tdx_host_reaches(td, r->gpa | tdx_shared_mask(td), r->size))
		return; /* the guest took it back: whoever waits there waits for nothing */
	size = answer(td, context, r);
	status = size < 0 ? TDX_QUOTE_ERROR : TDX_QUOTE_SUCCESS;
	r->header.out_size = size < 0 ? 0 : (u32)size;
	r->header.status = put_header(td, context, r, status) ? TDX_QUOTE_ERROR : status;
}
