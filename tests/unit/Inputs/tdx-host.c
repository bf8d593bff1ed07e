/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The instructions of tdx-host.h, and TDCALL itself, which checks what every call must keep to.
 */
#include "tdx-host.h"

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../early/tdx.c"
#include "early/memory_map.h"
#include "early/platform.h"
#include "lib/format.h"
#include "lib/log.h"
#include "lib/panic.h"

u64 (*host_module)(u64 leaf, struct tdx_module_args *args);
u64 (*host_vmcall)(struct tdx_module_args *args);
struct cpuid_regs (*host_cpuid)(u32 leaf, u32 subleaf);
unsigned int host_module_calls, host_vmcalls;
struct tdx_module_args host_seen;
char host_message[TDX_FATAL_MESSAGE_SIZE + 1];
unsigned int host_reason;

struct platform platform;

/* There is none. */
bool memory_map_is_ours(u64 address) { return (void)address, false; }

static jmp_buf told;

void fake_nothing(void) {}

struct cpuid_regs fake_cpuid(u32 leaf, u32 subleaf) { return host_cpuid(leaf, subleaf); }

static void take_fatal(const struct tdx_module_args *args)
{
	const u64 words[] = { args->r14, args->r15, args->rbx, args->rdi,
			      args->rsi, args->r8,  args->r9,  args->rdx };

	assert(args->rcx == TDVMCALL_EXPOSE_REGS_MASK);
	assert(!(args->r12 & TDX_FATAL_CODE_MASK) && !(args->r12 & TDX_FATAL_GPA_VALID));
	host_reason = (unsigned int)(args->r12 >> 32);
	memcpy(host_message, words, sizeof(words));
	longjmp(told, 1);
}

/* Only R10 to R15 are the host's to see, whatever else is asked; the rest must not even hold it. */
static u64 vmcall(struct tdx_module_args *args)
{
	host_vmcalls++;
	host_seen = *args;
	if (!args->r10 && args->r11 == TDVMCALL_REPORT_FATAL_ERROR)
		take_fatal(args);
	assert(args->rcx == 0xfc00);
	assert(!(args->rbx | args->rdx | args->rsi | args->rdi | args->r8 | args->r9));
	return host_vmcall(args);
}

u64 tdcall(u64 leaf, struct tdx_module_args *args)
{
	if (leaf == TDG_VP_VMCALL)
		return vmcall(args);
	host_module_calls++;
	return host_module(leaf, args);
}

bool host_is_told(void (*function)(void))
{
	memset(host_message, 0, sizeof(host_message));
	if (setjmp(told))
		return true;
	function();
	return false;
}

noreturn_t fatal(unsigned int reason, const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vformat(text, sizeof(text), fmt, args);
	va_end(args);
	(void)!tdx_report_fatal(reason, text);
	abort();
}

void log_error(const char *fmt, ...) { (void)fmt; }
void log_info(const char *fmt, ...) { (void)fmt; }

noreturn_t panic(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	abort();
}
