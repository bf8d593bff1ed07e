/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See stats.h. Spec: KVM api.rst 4.133, KVM_GET_STATS_FD: a header, descriptors, and the data.
 */
#include "host/stats.h"

#include <stdio.h>

#define NAME_MAX_SIZE 64
#define COUNTS_MAX    256
#define LINE_SIZE     4096

struct line {
	char text[LINE_SIZE];
	size_t used;
};

int stats_open(const struct machine *m, const struct vcpu *v)
{
	int fd = m->sys->ioctl(m->sys, v->fd, KVM_GET_STATS_FD, NULL);

	return fd < 0 ? -1 : fd;
}

static bool read_all(const struct machine *m, int fd, void *to, size_t size, u64 offset)
{
	return m->sys->read_at(m->sys, fd, to, size, offset) == (s64)size;
}

/* Events since the processor was created: no sizes, no times, no histograms. */
static bool is_count(const struct kvm_stats_desc *d)
{
	return (d->flags & KVM_STATS_TYPE_MASK) == KVM_STATS_TYPE_CUMULATIVE &&
	       (d->flags & KVM_STATS_UNIT_MASK) == KVM_STATS_UNIT_NONE && d->size == 1;
}

static void add(struct line *line, const char *name, u32 name_size, u64 count)
{
	size_t room = sizeof(line->text) - line->used;
	int length = snprintf(line->text + line->used, room, ",\"%.*s\":%llu", (int)name_size, name,
			      (unsigned long long)count);

	if ((size_t)length + sizeof("}\n") < room) /* else it is left out */
		line->used += (size_t)length;
}

/* The count whose description lies at @at; its name follows it. */
static void add_one(const struct machine *m, int fd, const struct kvm_stats_header *head, u64 at,
		    struct line *line)
{
	char name[NAME_MAX_SIZE];
	struct kvm_stats_desc d;
	u64 count;

	if (!read_all(m, fd, &d, sizeof(d), at) || !is_count(&d) ||
	    !read_all(m, fd, name, head->name_size, at + sizeof(d)) ||
	    !read_all(m, fd, &count, sizeof(count), (u64)head->data_offset + d.offset))
		return;
	if (count)
		add(line, name, head->name_size, count);
}

static void add_counts(const struct machine *m, int fd, struct line *line)
{
	struct kvm_stats_header head;

	if (!read_all(m, fd, &head, sizeof(head), 0) || head.name_size > NAME_MAX_SIZE)
		return;
	for (u32 i = 0; i < head.num_desc && i < COUNTS_MAX; i++)
		add_one(m, fd, &head,
			head.desc_offset + i * (sizeof(struct kvm_stats_desc) + head.name_size),
			line);
}

static void report(const struct machine *m, const struct vcpu *v)
{
	struct line line;

	line.used = (size_t)snprintf(line.text, sizeof(line.text), "{\"kind\":\"kvm\",\"cpu\":%u",
				     v->index);
	add_counts(m, v->stats, &line);
	line.used += (size_t)snprintf(line.text + line.used, sizeof(line.text) - line.used, "}\n");
	m->devices.results(m->devices.context, line.text, line.used);
}

void stats_report(const struct machine *m)
{
	for (unsigned int i = 0; i < m->vcpu_count; i++)
		if (m->devices.results && m->vcpus[i].stats >= 0)
			report(m, &m->vcpus[i]);
}
