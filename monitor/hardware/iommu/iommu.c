/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See iommu.h.
 */
#include "monitor/hardware/iommu/iommu.h"

#include "lib/string.h"

#define LENGTH_MIN     8
#define CODE_SHIFT     60
#define CONTROL_WANTED bits_mask(61) /* what can be read back of it */
#define STATUS_CLEARED                                                                             \
	(IOMMU_STATUS_EVENT_OVERFLOW | IOMMU_STATUS_EVENT_INTR | IOMMU_STATUS_WAIT_INTR)

static u64 *reg(const struct iommu *iommu, u64 offset)
{
	return &iommu->registers[offset / sizeof(u64)];
}

static u64 get(const struct iommu *iommu, u64 offset) { return *reg(iommu, offset); }

void iommu_init(struct iommu *iommu)
{
	memset(iommu->registers, 0, IOMMU_REGISTERS_SIZE);
	*reg(iommu, IOMMU_COMMAND_BASE) = (u64)LENGTH_MIN << IOMMU_LENGTH_SHIFT;
	*reg(iommu, IOMMU_EVENT_BASE) = (u64)LENGTH_MIN << IOMMU_LENGTH_SHIFT;
	*reg(iommu, IOMMU_FEATURES) = IOMMU_FEATURES_PLAYED;
}

/* In bytes; 0: a length that is reserved. */
static u64 buffer_size(u64 base)
{
	unsigned int n = (unsigned int)bits_get(base, 59, 56);

	return n < LENGTH_MIN ? 0 : (u64)IOMMU_ENTRY_SIZE << n;
}

static void raise(struct iommu *iommu, u64 status, u64 enable)
{
	*reg(iommu, IOMMU_STATUS) |= status;
	if (get(iommu, IOMMU_CONTROL) & enable)
		iommu->interrupt(iommu->context);
}

/* A full log is not written over: it stops until it is started anew. */
static void log_event(struct iommu *iommu, const u64 event[2])
{
	u64 base = get(iommu, IOMMU_EVENT_BASE), size = buffer_size(base);
	u64 tail = get(iommu, IOMMU_EVENT_TAIL) & IOMMU_POINTER, next = tail + IOMMU_ENTRY_SIZE;

	if (!(get(iommu, IOMMU_STATUS) & IOMMU_STATUS_EVENT_RUN) || tail >= size)
		return;
	next = next == size ? 0 : next;
	if (next == (get(iommu, IOMMU_EVENT_HEAD) & IOMMU_POINTER)) {
		*reg(iommu, IOMMU_STATUS) &= ~IOMMU_STATUS_EVENT_RUN;
		raise(iommu, IOMMU_STATUS_EVENT_OVERFLOW, IOMMU_CONTROL_EVENT_INTR);
		return;
	}
	if (!iommu->write(iommu->context, (base & IOMMU_ADDRESS) + tail, event, IOMMU_ENTRY_SIZE))
		return;
	*reg(iommu, IOMMU_EVENT_TAIL) = next;
	raise(iommu, IOMMU_STATUS_EVENT_INTR, IOMMU_CONTROL_EVENT_INTR);
}

/* The command at @address stops the buffer. */
static void stop(struct iommu *iommu, u64 code, u64 address)
{
	*reg(iommu, IOMMU_STATUS) &= ~IOMMU_STATUS_COMMAND_RUN;
	log_event(iommu, (const u64[2]){ code << CODE_SHIFT, address });
}

/* From SNP_INIT on only between Completion Store Base and Limit: 48882 2.12.2.2 */
static bool may_store(const struct iommu *iommu, u64 address)
{
	u64 first = get(iommu, IOMMU_EXCLUSION_BASE) & IOMMU_ADDRESS;
	u64 last = get(iommu, IOMMU_EXCLUSION_LIMIT) & IOMMU_ADDRESS,
	    page = address & IOMMU_ADDRESS;

	return !iommu->is_locked(iommu->context) || (page >= first && page <= last);
}

static bool completion_wait(struct iommu *iommu, const u64 command[2])
{
	u64 address = command[0] & IOMMU_WAIT_ADDRESS;

	if (command[0] & IOMMU_WAIT_STORE &&
	    (!may_store(iommu, address) ||
	     !iommu->write(iommu->context, address, &command[1], sizeof(command[1]))))
		return false;
	if (command[0] & IOMMU_WAIT_INTR)
		raise(iommu, IOMMU_STATUS_WAIT_INTR, IOMMU_CONTROL_WAIT_INTR);
	return true;
}

/* Nothing is cached, so that invalidations are done as soon as they are read. False: it stopped. */
static bool execute(struct iommu *iommu, u64 address)
{
	u64 command[2], code;

	if (!iommu->read(iommu->context, address, command, sizeof(command))) {
		stop(iommu, IOMMU_EVENT_COMMAND_HW_ERROR, address);
		return false;
	}
	code = command[0] >> CODE_SHIFT;
	if (!code || code > IOMMU_INVALIDATE_ALL) {
		stop(iommu, IOMMU_EVENT_ILLEGAL_COMMAND, address);
		return false;
	}
	if (code == IOMMU_COMPLETION_WAIT && !completion_wait(iommu, command)) {
		stop(iommu, IOMMU_EVENT_COMMAND_HW_ERROR, address);
		return false;
	}
	return true;
}

static void fetch(struct iommu *iommu)
{
	u64 base = get(iommu, IOMMU_COMMAND_BASE), size = buffer_size(base);
	u64 tail = get(iommu, IOMMU_COMMAND_TAIL) & IOMMU_POINTER;
	u64 head = get(iommu, IOMMU_COMMAND_HEAD) & IOMMU_POINTER;

	if (!(get(iommu, IOMMU_STATUS) & IOMMU_STATUS_COMMAND_RUN) || tail >= size || head >= size)
		return;
	while (head != tail && execute(iommu, (base & IOMMU_ADDRESS) + head)) {
		head = head + IOMMU_ENTRY_SIZE == size ? 0 : head + IOMMU_ENTRY_SIZE;
		*reg(iommu, IOMMU_COMMAND_HEAD) = head;
	}
}

static void control(struct iommu *iommu, u64 value)
{
	u64 run = (value & IOMMU_CONTROL_COMMAND ? IOMMU_STATUS_COMMAND_RUN : 0) |
		  (value & IOMMU_CONTROL_EVENT_LOG ? IOMMU_STATUS_EVENT_RUN : 0);
	u64 started = value & ~get(iommu, IOMMU_CONTROL);
	u64 *status = reg(iommu, IOMMU_STATUS);

	*reg(iommu, IOMMU_CONTROL) = value & CONTROL_WANTED;
	if (!(value & IOMMU_CONTROL_ENABLE))
		run = 0;
	if (!(started & (IOMMU_CONTROL_ENABLE | IOMMU_CONTROL_COMMAND)))
		run &= ~IOMMU_STATUS_COMMAND_RUN | (*status & IOMMU_STATUS_COMMAND_RUN);
	if (!(started & (IOMMU_CONTROL_ENABLE | IOMMU_CONTROL_EVENT_LOG)))
		run &= ~IOMMU_STATUS_EVENT_RUN | (*status & IOMMU_STATUS_EVENT_RUN);
	*status = (*status & ~(IOMMU_STATUS_COMMAND_RUN | IOMMU_STATUS_EVENT_RUN)) | run;
	fetch(iommu);
}

/* A whole register, of whose bits software can change @mask. */
static void set(struct iommu *iommu, u64 offset, u64 value, u64 mask)
{
	*reg(iommu, offset) = (get(iommu, offset) & ~mask) | (value & mask);
}

/* Where its own memory lies stays as SNP_INIT found it; a write is ignored: 48882 2.12.2.1 */
static bool keeps(const struct iommu *iommu, u64 offset)
{
	switch (offset) {
	case IOMMU_DEVICE_TABLE:
	case IOMMU_COMMAND_BASE:
	case IOMMU_EVENT_BASE:
	case IOMMU_EXCLUSION_BASE:
	case IOMMU_EXCLUSION_LIMIT: return iommu->is_locked(iommu->context);
	default: return false;
	}
}

static void write_register(struct iommu *iommu, u64 offset, u64 value)
{
	if (keeps(iommu, offset))
		return;
	switch (offset) {
	case IOMMU_DEVICE_TABLE: set(iommu, offset, value, IOMMU_ADDRESS | 0x1ff); break;
	case IOMMU_COMMAND_BASE: /* and it starts at its beginning */
		*reg(iommu, IOMMU_COMMAND_HEAD) = 0;
		*reg(iommu, IOMMU_COMMAND_TAIL) = 0;
		set(iommu, offset, value, IOMMU_ADDRESS | U64_C(0xf) << IOMMU_LENGTH_SHIFT);
		break;
	case IOMMU_EVENT_BASE:
		*reg(iommu, IOMMU_EVENT_HEAD) = 0;
		*reg(iommu, IOMMU_EVENT_TAIL) = 0;
		set(iommu, offset, value, IOMMU_ADDRESS | U64_C(0xf) << IOMMU_LENGTH_SHIFT);
		break;
	case IOMMU_CONTROL: control(iommu, value); break;
	case IOMMU_EXCLUSION_BASE: set(iommu, offset, value, IOMMU_ADDRESS | 3); break;
	case IOMMU_EXCLUSION_LIMIT: set(iommu, offset, value, IOMMU_ADDRESS); break;
	case IOMMU_COMMAND_HEAD:
	case IOMMU_EVENT_HEAD:
	case IOMMU_EVENT_TAIL: set(iommu, offset, value, IOMMU_POINTER); break;
	case IOMMU_COMMAND_TAIL:
		set(iommu, offset, value, IOMMU_POINTER);
		fetch(iommu);
		break;
	case IOMMU_STATUS: *reg(iommu, offset) &= ~(value & STATUS_CLEARED); break;
	}
}

void iommu_write(struct iommu *iommu, u64 offset, unsigned int size, u64 value)
{
	unsigned int shift = 8 * (offset % sizeof(u64));
	u64 mask = bits_mask(8 * size) << shift, whole = offset & ~(u64)(sizeof(u64) - 1), kept;

	if (size > sizeof(u64) || offset % size || offset >= IOMMU_REGISTERS_SIZE)
		return;
	/* of a register where 1 clears, what is not written is 0 */
	kept = whole == IOMMU_STATUS ? 0 : get(iommu, whole) & ~mask;
	write_register(iommu, whole, kept | (value << shift & mask));
}

bool iommu_own_memory(const struct iommu *iommu, unsigned int i, u64 *base, u64 *size)
{
	u64 event = get(iommu, IOMMU_EVENT_BASE);
	u64 first = get(iommu, IOMMU_EXCLUSION_BASE) & IOMMU_ADDRESS;
	u64 last = get(iommu, IOMMU_EXCLUSION_LIMIT) & IOMMU_ADDRESS;

	if (i == 0) {
		*base = event & IOMMU_ADDRESS;
		*size = *base ? buffer_size(event) : 0;
		return true;
	}
	*base = first;
	*size = first && last >= first ? last - first + PAGE_SIZE : 0;
	return i == 1;
}

static u8 checksum(const u8 *bytes, u32 size)
{
	u8 sum = 0;

	while (size--)
		sum += *bytes++;
	return (u8)-sum;
}

u32 iommu_ivrs(void *table, u16 device, u16 capability, u64 base, u16 covers)
{
	struct {
		struct ivrs ivrs;
		struct ivhd ivhd;
		struct ivhd_device device;
	} __attribute__((packed)) t = {
		.ivrs = { .header = { .length = sizeof(t), .revision = 2 },
			  .info = IVRS_INFO_EFR | IVRS_INFO_PASIZE(48) | IVRS_INFO_VASIZE(64) },
		.ivhd = { .type = IVHD_TYPE_11H,
			  .length = sizeof(t.ivhd) + sizeof(t.device),
			  .device = device,
			  .capability = capability,
			  .base = base,
			  .features = IOMMU_FEATURES_PLAYED },
		.device = { .type = IVHD_DEVICE_SELECT, .device = covers },
	};

	memcpy(t.ivrs.header.signature, IVRS_SIGNATURE, sizeof(t.ivrs.header.signature));
	memcpy(t.ivrs.header.oem_id, "POSTRN", sizeof(t.ivrs.header.oem_id));
	memcpy(t.ivrs.header.oem_table_id, "SNPHOST ", sizeof(t.ivrs.header.oem_table_id));
	t.ivrs.header.checksum = checksum((const u8 *)&t, sizeof(t));
	memcpy(table, &t, sizeof(t));
	return sizeof(t);
}
