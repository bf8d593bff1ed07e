/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TDG.SYS.RDALL: the module's fields from one on, as a list of sequences, each of fields whose
 * codes follow each other. The list has room for all of them.
 * Spec: TDX-ABI 5.5 (TDG.SYS.RDALL), 3.10 (metadata lists).
 */
#include "lib/compiler.h"
#include "monitor/hardware/tdx_td.h"

#define FIELDS_MAX 16

struct list {
	struct tdx_field_list head;
	u64 words[2 * FIELDS_MAX]; /* at worst an identifier for each */
};

/* Whether a field @id goes on with the sequence that @last ends. */
static bool follows(u64 last, u64 id)
{
	return TDX_FIELD_CLASS(id) == TDX_FIELD_CLASS(last) &&
	       TDX_FIELD_SIZE(id) == TDX_FIELD_SIZE(last) &&
	       TDX_FIELD_CODE(id) == TDX_FIELD_CODE(last) + 1;
}

static size_t append(struct list *list, size_t at, u64 *sequence, u64 last, u64 id, u64 value)
{
	if (list->head.sequence_count && follows(last, id)) {
		list->words[*sequence] += BIT(TDX_FIELD_LAST_SHIFT);
	} else {
		*sequence = at;
		list->words[at++] = id;
		list->head.sequence_count++;
	}
	list->words[at++] = value;
	return at;
}

/* From @first on; false: there is no such field. */
static bool build(const struct tdx_call *call, u64 first, struct list *list)
{
	bool is_all = (first | TDX_FIELD_CONTEXT_MASK) == TDX_FIELD_NA, found = is_all;
	u64 id, value, last = 0, sequence = 0;
	size_t at = 0;

	*list = (struct list){ 0 };
	for (size_t i = 0; i < FIELDS_MAX && tdx_sys_field(call, i, &id, &value); i++) {
		found |= !((id ^ first) & TDX_FIELD_KEY_MASK);
		if (!found)
			continue;
		at = append(list, at, &sequence, last, id, value);
		last = id;
	}
	list->head.size = (u16)(sizeof(list->head) + at * sizeof(u64));
	return found;
}

static struct tdx_result finish(struct tdx_call *call, u64 status)
{
	call->gpr[TDX_RAX] = status;
	return (struct tdx_result){ 0 };
}

struct tdx_result tdx_sys_rdall(struct tdx_call *call)
{
	u64 gpa = call->gpr[TDX_RDX], first = call->gpr[TDX_R8];
	struct tdx_result result;
	struct list list;

	call->gpr[TDX_R8] = TDX_FIELD_NA; /* nothing is left over */
	if (gpa & tdx_shared_mask(call->td))
		return finish(call, TDX_OPERAND_INVALID | TDX_OPERAND_RDX);
	if (!tdx_buffer_ok(call, gpa, PAGE_SIZE, ACCESS_WRITE, TDX_OPERAND_RDX, &result))
		return result;
	if (!build(call, first, &list))
		return finish(call, TDX_METADATA_FIELD_ID_INCORRECT);
	if (call->td->machine->write(call->context, gpa, &list, list.head.size))
		return finish(call, TDX_OPERAND_INVALID | TDX_OPERAND_RDX);
	return finish(call, TDX_SUCCESS);
}
