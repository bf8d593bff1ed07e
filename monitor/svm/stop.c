/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See stop.h.
 */
#include "monitor/svm/stop.h"

#include "lib/format.h"
#include "lib/log.h"
#include "monitor/machine/end.h"

noreturn_t stop_violation(struct vcpu *v, enum violation violation, const char *fmt, ...)
{
	const struct violation_info *info = violation_info(violation);
	char keys[160];
	va_list args;

	va_start(args, fmt);
	vformat(keys, sizeof(keys), fmt, args);
	va_end(args);
	end_begin();
	transcript_abandon(&transcript);
	TRACE(v->id, VIOLATION, "name=%s rip=%#lx %s", info->name, v->vmcb->save.rip, keys);
	log_error("violation %s: %s rip=%#lx %s", info->name, info->sentence, v->vmcb->save.rip,
		  keys);
	end_run(EXIT_CODE_VIOLATION);
}

static const char *general_reason(unsigned int code)
{
	switch (code) {
	case GHCB_TERM_GENERAL: return "general";
	case GHCB_TERM_PROTOCOL_RANGE: return "protocol range not supported";
	case GHCB_TERM_SNP_FEATURES: return "SNP features not supported";
	default: return "unknown";
	}
}

noreturn_t stop_terminated(struct vcpu *v, unsigned int set, unsigned int code)
{
	end_begin();
	log_error("the guest terminated itself: reason set %#x code %#x (%s) at rip=%#lx", set,
		  code, set == GHCB_TERM_SET_GENERAL ? general_reason(code) : "the guest's own",
		  v->vmcb->save.rip);
	end_run(EXIT_CODE_TERMINATED);
}

noreturn_t stop_fatal(struct vcpu *v, u64 code, const char *message)
{
	end_begin();
	log_error("the guest terminated itself: fatal error code %#lx \"%s\" at rip=%#lx", code,
		  message, v->vmcb->save.rip);
	end_run(EXIT_CODE_TERMINATED);
}

noreturn_t stop_crashed(struct vcpu *v, const char *why)
{
	const struct vmsa *s = &v->vmcb->save;
	const struct vmcb_control_area *c = &v->vmcb->control;

	if (v->crashed)
		v->crashed(v);
	end_begin();
	log_error("the guest crashed: %s at rip=%#lx", why, s->rip);
	log_error("exit %#lx info1 %#lx info2 %#lx intinfo %#lx", c->exit_code, c->exit_info_1,
		  c->exit_info_2, c->exit_int_info);
	log_error("cs %#x ss %#x rflags %#lx cr0 %#lx cr2 %#lx cr3 %#lx cr4 %#lx efer %#lx",
		  s->cs.selector, s->ss.selector, s->rflags, s->cr0, s->cr2, s->cr3, s->cr4,
		  s->efer);
	log_error("rax %#lx rbx %#lx rcx %#lx rdx %#lx", s->rax, v->gpr[3], v->gpr[1], v->gpr[2]);
	log_error("rsi %#lx rdi %#lx rbp %#lx rsp %#lx", v->gpr[6], v->gpr[7], v->gpr[5], s->rsp);
	log_error("idt %#lx/%#x gdt %#lx/%#x tr %#x", s->idtr.base, s->idtr.limit, s->gdtr.base,
		  s->gdtr.limit, s->tr.selector);
	end_run(EXIT_CODE_PANIC);
}
