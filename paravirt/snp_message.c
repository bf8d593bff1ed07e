/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See snp_message.h. A message is made and opened in memory of ours: what is shared is copied out
 * whole, once, and the host may have changed any of it.
 */
#include "paravirt/snp_message.h"

#include "early/entry.h"
#include "early/launch_pages.h"
#include "lib/aes_gcm.h"
#include "lib/deadline.h"
#include "lib/panic.h"
#include "lib/spinlock.h"
#include "lib/string.h"
#include "paravirt/ghcb.h"

#define VMPCK     0
#define AAD_START offsetof(struct snp_message_header, algorithm)
#define AAD_SIZE  (sizeof(struct snp_message_header) - AAD_START)

/* Of a busy host: waits in ticks of the TSC, each twice the last, some ten seconds in all */
#define BUSY_FIRST (U64_C(1) << 20)
#define BUSY_TRIES 15

static struct {
	struct snp_message request, response;
} pages __shared_page;

static struct snp_certificates shared_certificates __shared_page;

static __aligned_page struct snp_message message;

static void make_iv(u8 iv[AES_GCM_IV_SIZE], u64 sequence)
{
	memset(iv, 0, AES_GCM_IV_SIZE);
	memcpy(iv, &sequence, sizeof(sequence));
}

static struct aes_gcm_text text_of_message(const u8 *iv, u16 size)
{
	return (struct aes_gcm_text){ .key = launch_secrets_page.vmpck[VMPCK],
				      .iv = iv,
				      .aad = (const u8 *)&message.header + AAD_START,
				      .aad_size = AAD_SIZE,
				      .text = message.payload,
				      .size = size };
}

static void make_request(const struct snp_message_text *t, u64 sequence)
{
	u8 iv[AES_GCM_IV_SIZE];
	struct aes_gcm_text text = text_of_message(iv, t->size);

	memset(&message, 0, sizeof(message));
	message.header = (struct snp_message_header){
		.sequence = sequence,
		.algorithm = SNP_MESSAGE_ALGO_AES_256_GCM,
		.header_version = SNP_MESSAGE_HEADER_VERSION,
		.header_size = sizeof(message.header),
		.type = t->type,
		.version = 1,
		.size = t->size,
		.vmpck = VMPCK,
	};
	memcpy(message.payload, t->text, t->size);
	make_iv(iv, sequence);
	aes_256_gcm_encrypt(&text, message.header.auth_tag);
}

/* Whether what lies in @message is the answer with number @sequence; its text is out then. */
static bool open_response(const struct snp_message_text *t, u64 sequence)
{
	const struct snp_message_header *h = &message.header;
	u8 iv[AES_GCM_IV_SIZE];
	struct aes_gcm_text text = text_of_message(iv, t->answer_size);

	if (h->sequence != sequence || h->algorithm != SNP_MESSAGE_ALGO_AES_256_GCM ||
	    h->header_version != SNP_MESSAGE_HEADER_VERSION || h->header_size != sizeof(*h) ||
	    h->type != t->type + 1 || h->size != t->answer_size || h->vmpck != VMPCK)
		return false;
	make_iv(iv, sequence);
	if (aes_256_gcm_decrypt(&text, h->auth_tag))
		return false;
	memcpy(t->text, message.payload, t->answer_size);
	memset(message.payload, 0, t->answer_size); /* it may be a key */
	return true;
}

/* GHCB 4.1.8: the extended form has pages for certificates. */
static void begin_exit(struct ghcb *g, bool extended)
{
	if (!extended)
		return;
	ghcb_set(g, rax, pa_of(&shared_certificates).value);
	ghcb_set(g, rbx, SNP_CERTIFICATES_SIZE / PAGE_SIZE);
}

/* One exit. The host has had the answer's page too, and may change the request at any time. */
static int carry_once(bool extended, u64 *status)
{
	u64 code = extended ? SVM_VMGEXIT_EXT_GUEST_REQUEST : SVM_VMGEXIT_GUEST_REQUEST;
	struct host_exception exception;
	struct ghcb_request r;
	int rc;

	memset(&pages, 0, sizeof(pages));
	memcpy(&pages.request, &message, sizeof(message));
	r = ghcb_begin();
	begin_exit(r.ghcb, extended);
	rc = ghcb_exit(r.ghcb, code, pa_of(&pages.request).value, pa_of(&pages.response).value,
		       &exception);
	*status = rc ? ~U64_C(0) : ghcb_get(r.ghcb, sw_exit_info_2);
	ghcb_end(&r);
	return rc || *status ? -E_IO : 0;
}

static void pause_for(u64 ticks)
{
	struct deadline deadline = deadline_in(ticks);

	while (!deadline_is_over(&deadline))
		spin_poll();
}

/*
 * A host that is busy is asked again, and one with more certificates than fit without them, for the
 * same bytes: with another text the number would serve two messages. If it lied, and the firmware
 * has answered, the firmware refuses the second.
 */
static int carry_patiently(bool *extended, u64 *status)
{
	int busy = 0, err;

	while ((err = carry_once(*extended, status))) {
		if (*extended && *status == GHCB_GUEST_REQUEST_INVALID_LENGTH)
			*extended = false;
		else if (*status == GHCB_GUEST_REQUEST_BUSY && busy < BUSY_TRIES)
			pause_for(BUSY_FIRST << busy++);
		else
			break;
	}
	return err;
}

static void unshare(const struct snp_message_way *way, bool certificates)
{
	int error = visibility_unshare(va_of(&pages), 2, way->unshare);

	if (!error && certificates)
		error = visibility_unshare(va_of(&shared_certificates),
					   SNP_CERTIFICATES_SIZE / PAGE_SIZE, way->unshare);
	CHECK(!error);
}

/* All of them or, with an error, none. */
static int share(const struct snp_message_way *way, bool certificates)
{
	int error = visibility_share(va_of(&pages), 2, "guest message", way->share);

	if (error || !certificates)
		return error;
	error = visibility_share(va_of(&shared_certificates), SNP_CERTIFICATES_SIZE / PAGE_SIZE,
				 "certificates", way->share);
	if (error)
		unshare(way, false);
	return error;
}

/* What is carried is ciphertext: the pages are the host's from share() until they are not. */
static int carry(const struct snp_message_text *t, const struct snp_message_way *way, u64 *status)
{
	bool extended = t->certificates;
	int err = carry_patiently(&extended, status);

	memcpy(&message, &pages.response, sizeof(message));
	if (extended)
		memcpy(t->certificates, &shared_certificates, sizeof(shared_certificates));
	unshare(way, t->certificates);
	return err;
}

static void note_early(u32 *word, u32 value) { *word = value; }

const struct snp_message_way snp_message_early = {
	.share = early_set_memory_decrypted,
	.unshare = early_set_memory_encrypted,
	.note = note_early,
};

/*
 * None: whoever was here before us wiped it, as we do and Linux does. Zeroes are a key that the
 * host knows.
 */
static bool has_key(void)
{
	u8 any = 0;

	for (size_t i = 0; i < SNP_VMPCK_SIZE; i++)
		any |= launch_secrets_page.vmpck[VMPCK][i];
	return any;
}

/* Its next number may have served a message: nor may whoever takes over from us use it. */
static void wipe_key(const struct snp_message_way *way)
{
	u32 *words = (void *)launch_secrets_page.vmpck[VMPCK];

	for (size_t i = 0; i < SNP_VMPCK_SIZE / sizeof(*words); i++)
		way->note(&words[i], 0);
}

bool snp_message_is_possible(void) { return entry_record.sev_status & SEV_STATUS_SEV_SNP; }

/* Both messages have their numbers, whatever becomes of them. */
int snp_message_ask(const struct snp_message_text *t, const struct snp_message_way *way,
		    u64 *status)
{
	u32 *sequence = &launch_secrets_page.os_area.msg_seqno_0;
	u64 number = (u64)*sequence + 1;
	int err;

	CHECK(t->size <= sizeof(message.payload) && t->answer_size <= sizeof(message.payload));
	*status = 0;
	if (!has_key() || number >= ~0U - 1)
		return -E_PERM;
	err = share(way, t->certificates);
	if (err)
		return err;
	make_request(t, number);
	if (t->certificates)
		memset(t->certificates, 0, sizeof(*t->certificates));
	err = carry(t, way, status);
	if (!err && !open_response(t, number + 1))
		err = -E_PERM;
	if (err)
		wipe_key(way);
	else
		way->note(sequence, (u32)number + 1);
	return err;
}
