/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See vmcs.h. A field is found by one look at a table: most exits of an L1 are these two.
 */
#include "monitor/hardware/vmx/vmcs.h"

#include "lib/compiler.h"

#define INDEXES   32 /* all that there are are lower */
#define KEY_COUNT (16 * INDEXES)

/* Width, area and index, which follow one another; and what no encoding here has beside. */
#define KEY(encoding)                                                                              \
	(((encoding) >> 13 & 3) << 7 | ((encoding) >> 10 & 3) << 5 | ((encoding) >> 1 & 0x1f))
#define RESERVED (~U64_C(0x6c3f))

/* 1 more than its place in struct vmcs_fields; 0: there is none. */
static const u8 places[KEY_COUNT] = {
#define VMCS_FIELD(NAME, name, encoding)                                                           \
	[KEY(encoding)] = offsetof(struct vmcs_fields, name) / sizeof(u64) + 1,
#include "abi/vmcs.def"
#undef VMCS_FIELD
};

static const u16 encodings[] = {
#define VMCS_FIELD(NAME, name, encoding) (encoding),
#include "abi/vmcs.def"
#undef VMCS_FIELD
};

unsigned int vmcs_index_highest(void)
{
	unsigned int highest = 0;

	for (size_t i = 0; i < array_count(encodings); i++)
		if (vmcs_index(encodings[i]) > highest)
			highest = vmcs_index(encodings[i]);
	return highest;
}

static bool is_high(u64 encoding) { return encoding & VMCS_ENCODING_HIGH; }

/* 0: there is no such field. */
static unsigned int place_of(u64 encoding)
{
	if (encoding & RESERVED ||
	    (is_high(encoding) && vmcs_width((u32)encoding) != VMCS_WIDTH_64))
		return 0;
	return places[KEY(encoding)];
}

static u64 *field_at(struct vmcs *v, unsigned int place)
{
	return (u64 *)((u8 *)&v->f + (place - 1) * sizeof(u64));
}

static unsigned int bits_of(u64 encoding)
{
	static const u8 bits[] = { 16, 64, 32, 64 };

	return bits[vmcs_width((u32)encoding)];
}

int vmcs_read(const struct vmcs *v, u64 encoding, u64 *value)
{
	unsigned int place = place_of(encoding);

	if (!place)
		return -E_NOENT;
	*value = READ_ONCE(*field_at((struct vmcs *)v, place)) & bits_mask(bits_of(encoding));
	if (is_high(encoding))
		*value >>= 32;
	return 0;
}

int vmcs_write(struct vmcs *v, u64 encoding, u64 value)
{
	unsigned int place = place_of(encoding);
	u64 *at;

	if (!place)
		return -E_NOENT;
	if (vmcs_type((u32)encoding) == VMCS_TYPE_READ_ONLY)
		return -E_PERM;
	at = field_at(v, place);
	if (is_high(encoding))
		value = (READ_ONCE(*at) & bits_mask(32)) | value << 32;
	WRITE_ONCE(*at, value & bits_mask(bits_of(encoding)));
	return 0;
}

#define WIDTH_MASK(encoding)                                                                       \
	(((encoding) >> 13 & 3) == VMCS_WIDTH_16   ? U64_C(0xffff)                                 \
	 : ((encoding) >> 13 & 3) == VMCS_WIDTH_32 ? U64_C(0xffffffff)                             \
						   : ~U64_C(0))

void vmcs_take(const struct vmcs *v, struct vmcs_fields *fields)
{
#define VMCS_FIELD(NAME, name, encoding) fields->name = READ_ONCE(v->f.name) & WIDTH_MASK(encoding);
#include "abi/vmcs.def"
#undef VMCS_FIELD
}
