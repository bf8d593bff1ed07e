/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See td_hob.h.
 */
#include "monitor/host/td_hob.h"

#include "lib/string.h"

struct list {
	u8 *to;
	size_t size, used;
};

static void *add(struct list *l, u16 type, size_t length)
{
	struct hob_header header = { .type = type, .length = (u16)length };
	u8 *block = l->to + l->used;

	if (length > l->size - l->used)
		return NULL;
	memset(block, 0, length);
	memcpy(block, &header, sizeof(header));
	l->used += length;
	return block;
}

static int add_range(struct list *l, u64 start, u64 end, bool accepted)
{
	struct hob_resource *r = add(l, HOB_TYPE_RESOURCE, sizeof(*r));

	if (!r)
		return -E_NOSPC;
	r->type = accepted ? HOB_RESOURCE_SYSTEM_MEMORY : HOB_RESOURCE_MEMORY_UNACCEPTED;
	r->attributes = HOB_ATTRIBUTE_PRESENT | HOB_ATTRIBUTE_INITIALIZED | HOB_ATTRIBUTE_TESTED;
	r->start = start;
	r->length = end - start;
	return 0;
}

/* Whether @address was accepted at launch; in @end, where that ends, if before what it was. */
static bool is_accepted(const struct firmware *f, u64 address, u64 *end)
{
	for (unsigned int i = 0; i < f->tdvf_count; i++) {
		const struct tdvf_section *s = &f->tdvf[i];
		bool inside = address - s->gpa < s->size;
		u64 border = inside ? s->gpa + s->size : s->gpa;

		if (s->type != TDVF_SECTION_TD_HOB && s->type != TDVF_SECTION_TEMP_MEM)
			continue;
		if (border > address && border < *end)
			*end = border;
		if (inside)
			return true;
	}
	return false;
}

int td_hob_build(const struct memmap *map, const struct firmware *f, u64 gpa, void *to, size_t size)
{
	struct list l = { .to = to, .size = size };
	struct hob_handoff *handoff = add(&l, HOB_TYPE_HANDOFF, sizeof(*handoff));
	int error = handoff ? 0 : -E_NOSPC;

	for (unsigned int i = 0; i < map->count && !error; i++) {
		const struct hvm_memmap_entry *e = &map->entries[i];
		u64 end = e->addr + e->size, next;

		if (e->type != HVM_MEMMAP_RAM)
			continue;
		for (u64 at = e->addr; at < end && !error; at = next) {
			bool accepted;

			next = end;
			accepted = is_accepted(f, at, &next);
			error = add_range(&l, at, next, accepted);
		}
	}
	if (!error && !add(&l, HOB_TYPE_END, sizeof(struct hob_header)))
		error = -E_NOSPC;
	if (error)
		return error;
	handoff->version = HOB_HANDOFF_VERSION;
	handoff->end_of_list = gpa + l.used;
	return 0;
}
