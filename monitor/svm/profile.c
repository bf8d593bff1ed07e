/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See profile.h. Nothing here changes what the guest sees, or judges it: of its stack that is seen
 * which it has mapped, since RSP and RBP may be anything.
 */
#include "monitor/svm/profile.h"

#include "lib/cpu.h"
#include "lib/format.h"
#include "lib/string.h"
#include "monitor/machine/end.h"
#include "monitor/svm/vmcb.h"
#include "monitor/svm/walk.h"

#define LINUX_TEXT  U64_C(0xffffffff80000000)
#define LINUX_END   U64_C(0xffffffffff000000)
#define STACK_REACH U64_C(0x4000) /* Linux's stacks; ours are smaller */

bool profiling;

static struct vcpu *now;

struct vcpu *profile_now(void) { return now; }

static void note_frames(struct vcpu *v, struct profile_mark *m)
{
	u64 at = v->gpr[5], low = v->vmcb->save.rsp, high = low + STACK_REACH;
	const u64 *next, *caller;

	m->frame_count = 0;
	while (m->frame_count < PROFILE_STACK_MAX && at >= low && at < high && !(at & 7)) {
		next = walk_peek(v, at);
		caller = walk_peek(v, at + sizeof(u64));
		if (!next || !caller)
			return;
		m->frames[m->frame_count++] = READ_ONCE(*caller);
		low = at + 2 * sizeof(u64);
		at = READ_ONCE(*next);
	}
}

/* To the end of the 16K that Linux's stacks are aligned to, or of what is mapped of them. */
static void note_words(struct vcpu *v, struct profile_mark *m)
{
	u64 rsp = align_down(v->vmcb->save.rsp, sizeof(u64)), end = align_down(rsp, STACK_REACH);
	const u64 *words = NULL;
	u64 word;

	m->word_count = 0;
	if (m->rip < LINUX_TEXT && rsp < LINUX_TEXT)
		return;
	end += STACK_REACH;
	for (u64 at = rsp; at < end && m->word_count < PROFILE_STACK_MAX; at += sizeof(u64)) {
		if (!words || is_aligned(at, PAGE_SIZE))
			words = walk_peek(v, at);
		if (!words)
			return;
		word = READ_ONCE(*words);
		words++;
		if (word < LINUX_TEXT || word >= LINUX_END)
			continue;
		m->words[m->word_count].at = (u16)((at - rsp) / sizeof(u64));
		m->words[m->word_count++].low = (u32)word;
	}
}

/*
 * A handler runs with interrupts off, on a stack of its own or further down on the interrupted one,
 * and leaves by RDMSR and WRMSR of the GHCB's, VMGEXIT (which is VMMCALL) and TDCALL (#UD) only.
 */
static void judge_cause(struct vcpu *v, struct profile_mark *m)
{
	bool handler = m->exit_code == SVM_EXIT_MSR || m->exit_code == SVM_EXIT_VMMCALL ||
		       (m->exit_code == SVM_EXIT_EXCP_BASE + VEC_UD && guest.npt.alias_is_shared);

	if (!handler || v->vmcb->save.rflags & RFLAGS_IF || v->vmcb->save.rsp == m->cause_rsp)
		m->has_cause = false;
}

void profile_begin(struct vcpu *v)
{
	struct profile_mark *m = &v->profile;

	now = v;
	m->rip = v->vmcb->save.rip;
	m->cpl = v->vmcb->save.cpl;
	m->exit_code = v->vmcb->control.exit_code;
	m->event = -1;
	m->frame_count = m->word_count = 0;
	if (m->has_cause)
		judge_cause(v, m);
	if (!m->cpl && vcpu_is_64bit(v)) {
		note_frames(v, m);
		note_words(v, m);
	}
	m->start = rdtsc();
	m->tsc = vcpu_tsc(v);
}

void profile_cause(struct vcpu *v)
{
	v->profile.cause_rip = v->vmcb->save.rip;
	v->profile.cause_rsp = v->vmcb->save.rsp;
	v->profile.has_cause = true;
}

/* As much text as there is room for: more callers are more detail, and no more. */
struct text {
	size_t used;
	char line[TRANSCRIPT_APART_MAX];
};

static void add(struct text *t, const char *fmt, ...) printf_like(2, 3);
static void add(struct text *t, const char *fmt, ...)
{
	va_list args;

	if (t->used >= sizeof(t->line))
		return;
	va_start(args, fmt);
	t->used += vformat(t->line + t->used, sizeof(t->line) - t->used, fmt, args);
	va_end(args);
}

#define CALLER_MAX 24 /* bytes of text */

/* A part of an address would be another one. */
static bool has_room(const struct text *t) { return t->used + CALLER_MAX <= sizeof(t->line); }

static void add_stack(struct text *t, const struct profile_mark *m)
{
	if (m->word_count) {
		add(t, " stack=");
		for (unsigned int i = 0; i < m->word_count && has_room(t); i++)
			add(t, "%s%x:%x", i ? "," : "", m->words[i].at, m->words[i].low);
	} else if (m->frame_count) {
		add(t, " frames=");
		for (unsigned int i = 0; i < m->frame_count && has_room(t); i++)
			add(t, "%s%lx", i ? "," : "", m->frames[i]);
	}
}

void profile_end(struct vcpu *v)
{
	static struct text t;
	struct profile_mark *m = &v->profile;
	u64 ticks = rdtsc() - m->start;

	if (!(transcript.events & 1U << EVENT_EXIT))
		return;
	t.used = 0;
	add(&t, "code=%#lx rip=%#lx cpl=%u tsc=%#lx ticks=%#lx", m->exit_code, m->rip, m->cpl,
	    m->tsc, ticks);
	if (m->event >= 0)
		add(&t, " asked=%s:%#lx", transcript_event_name((enum transcript_event)m->event),
		    m->code);
	if (m->has_cause && m->rip != m->cause_rip)
		add(&t, " cause=%#lx", m->cause_rip);
	if (m->rip >= LINUX_TEXT)
		add(&t, " lstar=%#lx", rdmsr(MSR_LSTAR));
	add_stack(&t, m);
	transcript_apart(&transcript, v->id, EVENT_EXIT, t.line);
}
