/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's message to its firmware, by a host that carries it or does worse: only the firmware's
 * answer to this very message is taken; after anything else the key is not used again, and what
 * the host sees is neither the text nor any of our memory.
 * RUN: %unit-cc -O1 %s %root/lib/aes_gcm.c %root/lib/spinlock.c -isystem %build/bearssl/inc \
 * RUN:   %root/monitor/crypto/crypto.c %root/monitor/hardware/snp_evidence.c \
 * RUN:   %root/monitor/hardware/snp_key.c %root/monitor/hardware/snp_report.c %root/model/guid_table.c \
 * RUN:   %root/lib/sha384.c @%build/lists/bearssl_native -o %t
 */
/* Time flies. */
#include "lib/cpu.h"

static u64 now;
#define rdtsc() (now += U64_C(1) << 30)
#include "monitor/hardware/guest_message.c"
#undef AAD_START
#undef AAD_SIZE
#define make_iv make_iv_of_guest
#include "paravirt/snp_message.c"
#undef make_iv

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct snp_secrets_page launch_secrets_page;
struct entry_record entry_record = { .sev_status = SEV_STATUS_SEV_SNP };

static struct guest_messages firmware;
static const struct snp_platform platform;
static unsigned int exits, shared_pages;
static u64 answered; /* by the host, as the status */
static void (*lie)(struct snp_message *response);
static struct snp_message last; /* answer, for a replay */
static unsigned int busy;       /* so often the host is */
static bool carries_all_the_same;
static struct snp_message asked; /* when it was busy */
static struct ghcb page;
static struct snp_certificates *wanted, certificates; /* of the guest */
static bool too_many;                                 /* certificates, the host says */
static bool extended;
static unsigned int shares; /* of which the last fails, or 0 */

noreturn_t panic(const char *fmt, ...)
{
	puts(fmt);
	abort();
}

noreturn_t ghcb_terminate(unsigned int reason)
{
	printf("%u\n", reason);
	abort();
}

int early_set_memory_decrypted(va_t start, u64 count) { return (void)start, (void)count, 0; }
int early_set_memory_encrypted(va_t start, u64 count) { return (void)start, (void)count, 0; }

int visibility_share(va_t start, u64 count, const char *user, int (*change)(va_t, u64))
{
	assert((start.value == (u64)(uintptr_t)&pages && count == 2) ||
	       (start.value == (u64)(uintptr_t)&shared_certificates && count == 4 && wanted));
	assert(change == early_set_memory_decrypted);
	if (shares && !--shares)
		return -E_NOMEM;
	memset((void *)start.value, 0, count * PAGE_SIZE);
	shared_pages += count;
	return user ? 0 : -E_INVAL;
}

int visibility_unshare(va_t start, u64 count, int (*change)(va_t, u64))
{
	assert(start.value == (u64)(uintptr_t)&pages ||
	       start.value == (u64)(uintptr_t)&shared_certificates);
	assert(change == early_set_memory_encrypted);
	shared_pages -= count;
	return 0;
}

struct ghcb_request ghcb_begin(void)
{
	memset(&page, 0, sizeof(page));
	return (struct ghcb_request){ &page, 0, 0 };
}

void ghcb_end(struct ghcb_request *request) { assert(request->ghcb == &page); }

int ghcb_exit(struct ghcb *g, u64 code, u64 info1, u64 info2, struct host_exception *exception)
{
	(void)exception;
	extended = code == SVM_VMGEXIT_EXT_GUEST_REQUEST;
	assert(extended || code == SVM_VMGEXIT_GUEST_REQUEST);
	assert(shared_pages == (wanted ? 6 : 2) && (wanted || !extended));
	if (extended) {
		assert(g->save.rax == (u64)(uintptr_t)&shared_certificates && g->save.rbx == 4);
		memset(&shared_certificates, 0x63, sizeof(shared_certificates));
	}
	if (extended && too_many && !busy) {
		exits++;
		asked = pages.request;
		ghcb_set(g, rbx, 5);
		ghcb_set(g, sw_exit_info_2, GHCB_GUEST_REQUEST_INVALID_LENGTH);
		if (carries_all_the_same)
			(void)guest_message(&firmware, &platform, &asked, &pages.response);
		return 0;
	}
	assert(info1 == (u64)(uintptr_t)&pages.request && info2 == info1 + PAGE_SIZE);
	exits++;
	if (busy) {
		assert(asked.header.sequence != pages.request.header.sequence ||
		       !memcmp(&asked, &pages.request, sizeof(asked)));
		asked = pages.request;
		memset(&pages, 0x5a, sizeof(pages));
		if (carries_all_the_same)
			(void)guest_message(&firmware, &platform, &asked, &pages.response);
		busy--;
		ghcb_set(g, sw_exit_info_2, GHCB_GUEST_REQUEST_BUSY);
		return 0;
	}
	assert(asked.header.sequence != pages.request.header.sequence ||
	       !memcmp(&asked, &pages.request, sizeof(asked)));
	answered = answered ? answered
			    : guest_message(&firmware, &platform, &pages.request, &pages.response);
	if (lie)
		lie(&pages.response);
	last = pages.response;
	ghcb_set(g, sw_exit_info_2, answered);
	return 0;
}

static void begin(void)
{
	firmware =
		(struct guest_messages){ .has_secure_tsc = true, .tsc_scale = 3, .tsc_offset = 5 };
	memset(firmware.vmpck, 0x6b, sizeof(firmware.vmpck));
	memset(&launch_secrets_page, 0, sizeof(launch_secrets_page));
	memcpy(launch_secrets_page.vmpck, firmware.vmpck, sizeof(firmware.vmpck));
	answered = exits = busy = 0;
	carries_all_the_same = false;
	lie = NULL;
}

static struct snp_tsc_info_response info;

static int ask(u64 *status)
{
	struct snp_message_text t = { SNP_MSG_TSC_INFO_REQ, &info,
				      sizeof(struct snp_tsc_info_request), sizeof(info), wanted };
	int err;

	memset(&info, 0, sizeof(info));
	err = snp_message_ask(&t, &snp_message_early, status);
	assert(!shared_pages);
	return err;
}

static void is_right(u32 sequence)
{
	u64 status;

	assert(!ask(&status) && !status && info.scale == 3 && info.offset == 5);
	assert(launch_secrets_page.os_area.msg_seqno_0 == sequence);
}

/* The key is nobody's any more; all else is as it was. */
static void is_the_last(int expected, u64 expected_status)
{
	struct snp_secrets_page wiped = launch_secrets_page;
	u64 status;
	unsigned int before = exits;

	memset(wiped.vmpck[0], 0, sizeof(wiped.vmpck[0]));
	assert(ask(&status) == expected && status == expected_status && exits == before + 1);
	answered = 0;
	lie = NULL;
	assert(ask(&status) == -E_PERM && exits == before + 1); /* spent */
	assert(!memcmp(&launch_secrets_page, &wiped, sizeof(wiped)));
}

/* Asked again, in the same words; and no longer than it takes to see that it is never done. */
static void test_busy(void)
{
	u64 status;

	begin();
	busy = 3;
	is_right(2);
	assert(exits == 4 && !busy);
	is_right(4);
	begin();
	busy = 1;
	carries_all_the_same = true;
	assert(ask(&status) == -E_IO && status == PSP_INVALID_PARAM && exits == 2);
	begin();
	busy = ~0U;
	assert(ask(&status) == -E_IO && status == GHCB_GUEST_REQUEST_BUSY);
	assert(exits == 1 + BUSY_TRIES && ask(&status) == -E_PERM && exits == 1 + BUSY_TRIES);
}

static bool has_certificates(u8 value)
{
	for (size_t i = 0; i < sizeof(certificates.table); i++)
		if (certificates.table[i] != value)
			return false;
	return true;
}

/* Taken as they are; where there are too many, the same request once more, and without them. */
static void test_certificates(void)
{
	u64 status;

	begin();
	wanted = &certificates;
	is_right(2);
	assert(exits == 1 && extended && has_certificates(0x63));
	busy = 2;
	is_right(4);
	assert(exits == 4 && has_certificates(0x63));
	too_many = true;
	is_right(6);
	assert(exits == 6 && !extended && has_certificates(0));
	busy = 2; /* first busy, then it has too many */
	is_right(8);
	assert(exits == 10 && !busy && !extended && has_certificates(0));
	carries_all_the_same = true; /* a second answer to the same number there is not */
	assert(ask(&status) == -E_IO && status == PSP_INVALID_PARAM && exits == 12);
	assert(ask(&status) == -E_PERM && exits == 12);
	too_many = false;
	wanted = NULL;
}

/* Pages that cannot be shared: nothing was asked, none is left shared, and the next is heard. */
static void test_no_memory(void)
{
	u64 status;

	begin();
	wanted = &certificates;
	shares = 1;
	assert(ask(&status) == -E_NOMEM && !status && !exits);
	shares = 2;
	assert(ask(&status) == -E_NOMEM && !status && !exits);
	is_right(2);
	wanted = NULL;
}

/* Zeroes are no key: somebody wiped it. */
static void test_no_key(void)
{
	u64 status;

	begin();
	memset(launch_secrets_page.vmpck[0], 0, sizeof(launch_secrets_page.vmpck[0]));
	memset(firmware.vmpck[0], 0, sizeof(firmware.vmpck[0]));
	assert(ask(&status) == -E_PERM && !status && !exits);
}

static unsigned int bit;
static struct snp_message older;

static void turn(struct snp_message *m) { ((u8 *)m)[bit / 8] ^= 1 << bit % 8; }
static void replay(struct snp_message *m) { *m = older; }
static void echo(struct snp_message *m) { *m = pages.request; }

int main(void)
{
	begin();
	is_right(2);
	is_right(4);
	older = last;
	lie = replay;
	is_the_last(-E_PERM, 0);

	begin();
	lie = echo;
	is_the_last(-E_PERM, 0);
	begin();
	answered = 0xffffffff00000000;
	is_the_last(-E_IO, 0xffffffff00000000);
	begin();
	firmware.sequence[0] = 7; /* somebody else has used the key */
	is_the_last(-E_IO, PSP_INVALID_PARAM);
	for (bit = 0; bit < 8 * (0x60 + sizeof(info)); bit++) {
		if (bit / 8 >= 16 && bit / 8 < 0x20)
			continue; /* of the tag only 16 bytes are used */
		if (bit / 8 >= 0x28 && bit / 8 < 0x30)
			continue; /* reserved, and not authenticated */
		begin();
		lie = turn;
		is_the_last(-E_PERM, 0);
		assert(!info.scale && !info.offset);
	}
	test_busy();
	test_certificates();
	test_no_memory();
	test_no_key();
	begin();
	launch_secrets_page.os_area.msg_seqno_0 = ~0U - 1;
	assert(ask(&answered) == -E_PERM && !exits);
	return 0;
}
