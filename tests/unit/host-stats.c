/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What KVM counted becomes a line of JSON for each processor, of the counts that are not 0;
 * whatever a kernel gives, it stays one.
 * RUN: %host-cc %s -o %t
 */
#include "Inputs/fake-kvm.h"

#include "host/stats.h"

#define NAME_SIZE 48
#define COUNTS    200
#define START     "{\"kind\":\"kvm\",\"cpu\":3"

struct count {
	u32 flags;
	s16 exponent;
	u16 size;
	u32 offset;
	u32 bucket_size;
	char name[NAME_SIZE];
};
_Static_assert(sizeof(struct count) == sizeof(struct kvm_stats_desc) + NAME_SIZE, "a description");

static struct {
	struct kvm_stats_header head;
	struct count counts[COUNTS];
	u64 data[COUNTS];
} file;

static struct machine machine;
static char said[8192];

static void to_results(void *context, const void *data, size_t size)
{
	(void)context;
	assert(strlen(said) + size < sizeof(said));
	strncat(said, data, size);
}

static void start(void)
{
	fake_reset();
	memset(&file, 0, sizeof(file));
	file.head =
		(struct kvm_stats_header){ .name_size = NAME_SIZE,
					   .desc_offset = sizeof(file.head),
					   .data_offset = (u32)((u8 *)file.data - (u8 *)&file) };
	fake_stats = (const u8 *)&file;
	fake_stats_size = sizeof(file);
	machine.sys = &fake_sys;
	machine.vcpu_count = 1;
	machine.devices.results = to_results;
	machine.vcpus[0] = (struct vcpu){ .index = 3, .stats = 300 };
}

static void count(const char *name, u32 flags, u16 size, u64 value)
{
	u32 i = file.head.num_desc++;

	file.counts[i] = (struct count){ .flags = flags, .size = size, .offset = i * 8 };
	strncpy(file.counts[i].name, name, NAME_SIZE);
	file.data[i] = value;
}

static const char *report(void)
{
	said[0] = '\0';
	stats_report(&machine);
	return said;
}

static void test_counts(void)
{
	start();
	count("exits", 0, 1, 1234);
	count("none", 0, 1, 0);
	count("peak", KVM_STATS_TYPE_PEAK, 1, 5);
	count("halt_wait_ns", KVM_STATS_UNIT_SECONDS, 1, 5);
	count("histogram", 0, 32, 5);
	count("hypercalls", 0, 1, ~U64_C(0));
	assert(!strcmp(report(), START ",\"exits\":1234,\"hypercalls\":18446744073709551615}\n"));
}

/* Data behind the end of it, an absurd header, and more than a line takes. */
static void test_wrong(void)
{
	char name[NAME_SIZE + 1];

	start();
	count("exits", 0, 1, 1);
	file.counts[0].offset = ~0U;
	assert(!strcmp(report(), START "}\n"));
	file.head.name_size = ~0U;
	assert(!strcmp(report(), START "}\n"));
	file.head.name_size = NAME_SIZE;
	file.head.num_desc = ~0U;
	file.head.desc_offset = ~0U;
	assert(!strcmp(report(), START "}\n"));
	fake_stats_size = 3;
	assert(!strcmp(report(), START "}\n"));
	start();
	memset(name, 'n', sizeof(name));
	name[NAME_SIZE] = '\0';
	for (int i = 0; i < COUNTS; i++)
		count(name, 0, 1, ~U64_C(0));
	report();
	assert(strlen(said) > 3900 && strlen(said) < 4096 && !strcmp(strrchr(said, '}'), "}\n"));
}

static void test_none(void)
{
	start();
	machine.vcpus[0].stats = -1;
	assert(!*report());
	machine.vcpus[0].stats = 300;
	machine.devices.results = NULL;
	assert(!*report());
	machine.vcpus[0].fd = 300;
	assert(stats_open(&machine, &machine.vcpus[0]) >= 100 && fake.fds == 1);
	fake_close(&fake_sys, 100);
	fake.fail_at = fake.calls + 1;
	assert(stats_open(&machine, &machine.vcpus[0]) == -1);
}

int main(void)
{
	test_counts();
	test_wrong();
	test_none();
	return 0;
}
