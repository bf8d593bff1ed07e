/* SPDX-License-Identifier: Apache-2.0 */
/*
 * With Secure TSC nothing that could be the host's word stands in for what the firmware does not
 * tell: no answer, a status, a scale of 0, a rate of 0, a factor that makes it less than that.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/cpu.h"

static u64 mhz;
#define rdmsr(msr)          (assert((msr) == MSR_GUEST_TSC_FREQ), mhz)
#define launch_secrets_page page
#include "early/launch_pages.h"
#undef launch_secrets_page
static struct snp_secrets_page secrets_page;
#define launch_secrets_page secrets_page
#include "../../paravirt/secure_tsc.c"

struct entry_record entry_record = { .sev_status = SEV_STATUS_SECURE_TSC };
const struct snp_message_way snp_message_early;

static struct snp_tsc_info_response answer;
static int error;
static char said[96];
static jmp_buf end;

bool cc_has(enum cc_attr attr) { return (void)attr, true; }

int snp_message_ask(const struct snp_message_text *message, const struct snp_message_way *way,
		    u64 *status)
{
	assert(message->type == SNP_MSG_TSC_INFO_REQ && way == &snp_message_early);
	*status = error ? 5 : 0;
	memcpy(message->text, &answer, sizeof(answer));
	return error;
}

noreturn_t fatal(unsigned int why, const char *fmt, ...)
{
	va_list args;

	assert(why == TERM_CLOCK);
	va_start(args, fmt);
	vsnprintf(said, sizeof(said), fmt, args);
	va_end(args);
	longjmp(end, 1);
}

static u64 khz;

static void ask_rate(void) { khz = secure_tsc_khz(); }

/* With what sentence it ends, "": it does not. */
static const char *end_of(void (*body)(void))
{
	said[0] = '\0';
	if (!setjmp(end))
		body();
	return said;
}

int main(void)
{
	struct vmsa vmsa = { 0 };

	answer = (struct snp_tsc_info_response){ .scale = 0x180000000, .offset = 77 };
	error = -E_IO;
	assert(strstr(end_of(secure_tsc_init),
		      "Secure TSC: the firmware does not tell it: -5, 0x5, 0"));
	error = 0;
	answer.status = 3;
	assert(strstr(end_of(secure_tsc_init),
		      "Secure TSC: the firmware does not tell it: 0, 0, 3"));
	answer.status = 0;
	answer.scale = 0;
	assert(strstr(end_of(secure_tsc_init), "Secure TSC: the firmware's scale is 0"));
	answer.scale = 0x180000000;
	assert(!end_of(secure_tsc_init)[0]);
	secure_tsc_fill(&vmsa);
	assert(vmsa.guest_tsc_scale == answer.scale && vmsa.guest_tsc_offset == 77);

	assert(strstr(end_of(ask_rate), "Secure TSC: it does not run"));
	mhz = 2000;
	assert(!end_of(ask_rate)[0] && khz == 2000000);
	secrets_page.tsc_factor = TSC_FACTOR_UNIT / 2; /* of no meaning in an old page */
	assert(!end_of(ask_rate)[0] && khz == 2000000);
	secrets_page.version = SECRETS_WITH_FACTOR;
	assert(!end_of(ask_rate)[0] && khz == 1000000);
	secrets_page.tsc_factor = TSC_FACTOR_UNIT;
	assert(strstr(end_of(ask_rate), "Secure TSC: a factor of "));
	entry_record.sev_status = 0;
	assert(!end_of(ask_rate)[0] && !khz); /* asked elsewhere */
	return 0;
}
