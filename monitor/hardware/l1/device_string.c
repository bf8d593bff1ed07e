/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See device_string.h. Of 64-bit code, upwards. Spec: APM3 MOVS.
 */
#include "monitor/hardware/l1/device_string.h"

#include "monitor/svm/exit_context.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/walk.h"

#define PREFIX_REP   0xf3
#define PREFIX_REX_W 0x48
#define PREFIX_WORD  0x66
#define MOVSB        0xa4
#define MOVS         0xa5

struct string {
	bool rep;
	unsigned int size;   /* of an element */
	unsigned int length; /* of the instruction */
};

static bool decode(const u8 *bytes, size_t count, struct string *s)
{
	unsigned int i = 0;
	bool wide = false, word = false;

	*s = (struct string){ 0 };
	while (i < count && (bytes[i] == PREFIX_REP || bytes[i] == PREFIX_WORD)) {
		s->rep |= bytes[i] == PREFIX_REP;
		word |= bytes[i] == PREFIX_WORD;
		i++;
	}
	if (i < count && bytes[i] == PREFIX_REX_W) {
		wide = true;
		i++;
	}
	if (i == count || (bytes[i] != MOVSB && bytes[i] != MOVS))
		return false;
	s->size = bytes[i] == MOVSB ? 1 : wide ? 8 : word ? 2 : 4;
	s->length = i + 1;
	return true;
}

bool l1_device_string(struct vcpu *v, const struct l1_device *d, u64 gpa)
{
	u64 *rsi = &v->gpr[REG_RSI], *rdi = &v->gpr[REG_RDI], *rcx = &v->gpr[REG_RCX];
	struct string s;
	u32 error_code;
	u64 value = 0;

	if (!decode(v->exit.bytes, v->exit.count, &s) || !vcpu_is_64bit(v) ||
	    v->vmcb->save.rflags & RFLAGS_DF)
		return false;
	if (walk_read(v, *rsi, &value, s.size, &error_code)) {
		v->vmcb->save.cr2 = *rsi;
		inject_exception_error(v, VEC_PF, error_code);
		return true;
	}
	*rsi += s.size;
	*rdi += s.size;
	v->exit.insn.length = (u8)s.length;
	if (s.rep && --*rcx)
		exit_repeat(v);
	else
		exit_finish(v);
	d->write(gpa - d->gpa, s.size, value);
	return true;
}
