/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An SEV or SEV-ES guest by its handle: launch, measurement, activation. SEV-API 6.
 * Without sessions nobody outside knows a guest's transport keys, so each packet of LAUNCH_SECRET
 * is one of a wrong measurement.
 */
#include "lib/compiler.h"
#include "lib/string.h"
#include "monitor/crypto/crypto.h"
#include "monitor/hardware/psp/firmware.h"

#define ALIGN_DATA      16
#define SECRET_MAX      0x4000
#define CONTEXT_MEASURE 0x04

/* The platform is at work, and @handle is a guest's. */
static u32 get(struct psp *psp, u32 handle, struct psp_guest **guest)
{
	if (psp->sev_state != SEV_STATE_WORKING)
		return PSP_INVALID_PLATFORM_STATE;
	*guest = psp_guest_by_handle(psp, handle);
	return *guest ? PSP_SUCCESS : PSP_INVALID_GUEST;
}

/* The same, and it is in @state. */
static u32 get_in(struct psp *psp, u32 handle, enum sev_guest_state state, struct psp_guest **guest)
{
	u32 status = get(psp, handle, guest);

	return status ? status : (*guest)->state == state ? PSP_SUCCESS : PSP_INVALID_GUEST_STATE;
}

static u32 handle_of(const struct psp *psp, const struct psp_guest *guest)
{
	return (u32)(guest - psp->guests) + 1;
}

/* A policy, of the guest whose key is shared: SEV-API, LAUNCH_START. */
static u32 check_sharing(struct psp *psp, u32 handle, u32 policy)
{
	const struct psp_guest *other;

	if (!handle)
		return PSP_SUCCESS;
	other = psp_guest_by_handle(psp, handle);
	if (!other)
		return PSP_INVALID_GUEST;
	return other->policy == policy && !(policy & SEV_POLICY_NOKS) ? PSP_SUCCESS
								      : PSP_POLICY_FAILURE;
}

u32 psp_sev_launch_start(struct psp *psp, union psp_buffer *cmd)
{
	struct sev_cmd_launch_start *c = &cmd->sev_launch_start;
	struct psp_guest *guest;
	u32 status;

	if (psp->sev_state == SEV_STATE_UNINIT)
		return PSP_INVALID_PLATFORM_STATE;
	if (c->dh_cert_paddr)
		return PSP_UNSUPPORTED;
	status = check_sharing(psp, c->handle, c->policy);
	if (status)
		return status;
	guest = psp_guest_new(psp);
	if (!guest)
		return PSP_RESOURCE_LIMIT;
	if (c->policy & SEV_POLICY_ES && !(psp->sev_config & SEV_INIT_ES))
		return PSP_UNSUPPORTED;
	*guest = (struct psp_guest){ .kind = PSP_GUEST_SEV,
				     .state = SEV_GUEST_LUPDATE,
				     .policy = c->policy };
	guest->key = c->handle ? psp_guest_by_handle(psp, c->handle)->key : psp_key_new(psp);
	sev_digest_init(&guest->digest.sev);
	psp->machine->random(psp->machine->context, guest->tik, sizeof(guest->tik));
	psp->sev_state = SEV_STATE_WORKING;
	c->handle = handle_of(psp, guest);
	return PSP_SUCCESS;
}

/* Encrypts in place, with what was there measured. */
static u32 update(struct psp *psp, struct psp_guest *guest, u64 pa, u32 length)
{
	u32 status = PSP_SUCCESS;

	for (u64 at = 0, size; !status && at < length; at += size) {
		size = length - at < PAGE_SIZE ? length - at : PAGE_SIZE;
		status = psp_read(psp, pa + at, 0, psp->page.bytes, size);
		if (status)
			break;
		sev_digest_data(&guest->digest.sev, psp->page.bytes, size);
		status = psp_write(psp, pa + at, guest->asid, psp->page.bytes, size);
	}
	return status;
}

static u32 launch_update(struct psp *psp, const struct sev_cmd_memory *c, bool is_vmsa)
{
	struct psp_guest *guest;
	u32 status = get_in(psp, c->handle, SEV_GUEST_LUPDATE, &guest);

	if (status)
		return status;
	if (is_vmsa && !(guest->policy & SEV_POLICY_ES))
		return PSP_UNSUPPORTED;
	if (!guest->asid)
		return PSP_INACTIVE;
	if (!is_aligned(c->paddr, ALIGN_DATA))
		return PSP_INVALID_ADDRESS;
	if (!is_aligned(c->length, ALIGN_DATA) || !c->length)
		return PSP_INVALID_LENGTH;
	status = psp_writable(psp, c->paddr, c->length);
	return status ? status : update(psp, guest, c->paddr, c->length);
}

u32 psp_sev_launch_update_data(struct psp *psp, union psp_buffer *cmd)
{
	return launch_update(psp, &cmd->sev_memory, false);
}

u32 psp_sev_launch_update_vmsa(struct psp *psp, union psp_buffer *cmd)
{
	if (cmd->sev_memory.length != PAGE_SIZE)
		return PSP_INVALID_LENGTH;
	return launch_update(psp, &cmd->sev_memory, true);
}

/* MEASURE: SEV-API, LAUNCH_MEASURE */
static void measure(struct psp_guest *guest, struct sev_measurement *m)
{
	struct {
		u8 head[4];
		u32 policy;
		u8 digest[SHA256_SIZE];
		u8 nonce[sizeof(m->nonce)];
	} text = { { CONTEXT_MEASURE, PSP_API_MAJOR, PSP_API_MINOR, PSP_BUILD },
		   (u32)guest->policy,
		   { 0 },
		   { 0 } };

	sev_digest_final(&guest->digest.sev, text.digest);
	memcpy(text.nonce, m->nonce, sizeof(text.nonce));
	hmac_sha256(guest->tik, sizeof(guest->tik), &text, sizeof(text), m->measurement);
	memcpy(guest->measurement, m->measurement, sizeof(guest->measurement));
}

u32 psp_sev_launch_measure(struct psp *psp, union psp_buffer *cmd)
{
	struct sev_cmd_memory *c = &cmd->sev_memory;
	struct sev_measurement m = { { 0 }, { 0 } };
	struct psp_guest *guest;
	u32 status = get_in(psp, c->handle, SEV_GUEST_LUPDATE, &guest);
	u8 byte;

	if (status)
		return status;
	if (c->length < sizeof(m)) {
		c->length = sizeof(m);
		return PSP_INVALID_LENGTH;
	}
	status = psp_writable(psp, c->paddr, c->length);
	if (!status)
		status = psp_read(psp, c->paddr + sizeof(m) - 1, 0, &byte, 1);
	if (status)
		return status;
	psp->machine->random(psp->machine->context, m.nonce, sizeof(m.nonce));
	measure(guest, &m);
	guest->state = SEV_GUEST_LSECRET;
	return psp_write(psp, c->paddr, 0, &m, sizeof(m));
}

static u32 check_secret(struct psp *psp, const struct sev_cmd_secret *c, struct psp_guest **guest)
{
	u32 status = get(psp, c->handle, guest);

	if (status)
		return status;
	if (!is_aligned(c->guest_paddr, ALIGN_DATA))
		return PSP_INVALID_ADDRESS;
	if (c->header_length != sizeof(struct sev_packet_header) ||
	    !is_aligned(c->guest_length, ALIGN_DATA) || !c->guest_length ||
	    c->guest_length > SECRET_MAX || c->guest_length != c->transport_length)
		return PSP_INVALID_LENGTH;
	if ((*guest)->state != SEV_GUEST_LSECRET)
		return PSP_INVALID_GUEST_STATE;
	if (!(*guest)->asid)
		return PSP_INACTIVE;
	return psp_writable(psp, c->guest_paddr, c->guest_length);
}

/* The packet's MAC is by a key that only the guest's owner and the firmware know: there is none. */
u32 psp_sev_launch_secret(struct psp *psp, union psp_buffer *cmd)
{
	const struct sev_cmd_secret *c = &cmd->sev_secret;
	struct sev_packet_header header;
	struct psp_guest *guest;
	u32 status = check_secret(psp, c, &guest);
	u8 byte;

	if (!status)
		status = psp_read(psp, c->header_paddr, 0, &header, sizeof(header));
	if (!status)
		status = psp_read(psp, c->transport_paddr, 0, &byte, 1);
	return status ? status : PSP_BAD_MEASUREMENT;
}

u32 psp_sev_launch_finish(struct psp *psp, union psp_buffer *cmd)
{
	struct psp_guest *guest;
	u32 status = get_in(psp, cmd->sev_guest.handle, SEV_GUEST_LSECRET, &guest);

	if (status)
		return status;
	guest->state = SEV_GUEST_RUNNING;
	psp_run(psp, guest);
	memset(guest->tik, 0, sizeof(guest->tik));
	return PSP_SUCCESS;
}

u32 psp_sev_activate(struct psp *psp, union psp_buffer *cmd)
{
	struct psp_guest *guest;
	u32 status = get(psp, cmd->sev_activate.handle, &guest);

	return status ? status : psp_activate(psp, guest, cmd->sev_activate.asid);
}

u32 psp_sev_deactivate(struct psp *psp, union psp_buffer *cmd)
{
	struct psp_guest *guest;
	u32 status = get(psp, cmd->sev_guest.handle, &guest);

	if (status)
		return status;
	if (!guest->asid)
		return PSP_INACTIVE;
	psp_deactivate(psp, guest);
	return PSP_SUCCESS;
}

u32 psp_sev_decommission(struct psp *psp, union psp_buffer *cmd)
{
	struct psp_guest *guest;
	u32 status = get(psp, cmd->sev_guest.handle, &guest);

	if (status)
		return status;
	if (guest->asid)
		return PSP_ACTIVE;
	memset(guest, 0, sizeof(*guest));
	if (!psp_guest_count(psp, PSP_GUEST_SEV))
		psp->sev_state = SEV_STATE_INIT;
	return PSP_SUCCESS;
}

/* A handle that is none has the state of a guest that is none. */
u32 psp_sev_guest_status(struct psp *psp, union psp_buffer *cmd)
{
	struct sev_cmd_guest_status *c = &cmd->sev_guest_status;
	const struct psp_guest *guest = psp_guest_by_handle(psp, c->handle);

	if (psp->sev_state == SEV_STATE_UNINIT)
		return PSP_INVALID_PLATFORM_STATE;
	c->state = guest ? guest->state : (u8)SEV_GUEST_INVALID;
	if (guest) {
		c->asid = guest->asid;
		c->policy = (u32)guest->policy;
	}
	return PSP_SUCCESS;
}

/* A debugger's copy of [source, source + length) between the host's view and the guest's. */
static u32 debug(struct psp *psp, const struct sev_cmd_debug *c, bool encrypt)
{
	struct psp_guest *guest;
	u32 status;

	if (psp->sev_state != SEV_STATE_WORKING)
		return PSP_INVALID_PLATFORM_STATE;
	if (!is_aligned(c->source_paddr | c->target_paddr, ALIGN_DATA))
		return PSP_INVALID_ADDRESS;
	if (!is_aligned(c->length, ALIGN_DATA))
		return PSP_INVALID_LENGTH;
	guest = psp_guest_by_handle(psp, c->handle);
	if (!guest)
		return PSP_INVALID_GUEST;
	if (guest->policy & SEV_POLICY_NODBG)
		return PSP_POLICY_FAILURE;
	status = c->length ? psp_writable(psp, c->target_paddr, c->length) : PSP_SUCCESS;
	if (!status && !guest->asid)
		status = PSP_INACTIVE;
	for (u64 at = 0, size; !status && at < c->length; at += size) {
		size = c->length - at < PAGE_SIZE ? c->length - at : PAGE_SIZE;
		status = psp_read(psp, c->source_paddr + at, encrypt ? 0 : guest->asid,
				  psp->page.bytes, size);
		if (!status)
			status = psp_write(psp, c->target_paddr + at, encrypt ? guest->asid : 0,
					   psp->page.bytes, size);
	}
	return status;
}

u32 psp_sev_dbg_decrypt(struct psp *psp, union psp_buffer *cmd)
{
	return debug(psp, &cmd->sev_debug, false);
}

u32 psp_sev_dbg_encrypt(struct psp *psp, union psp_buffer *cmd)
{
	return debug(psp, &cmd->sev_debug, true);
}
