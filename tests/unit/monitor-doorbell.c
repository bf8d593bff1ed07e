/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host tells each interrupt and NMI once, the highest vector first, never over one that the
 * guest has not taken without keeping it, and signals only while NoFurtherSignal is clear.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <string.h>

#include "../../monitor/host/doorbell.c"

#define GPA 0x7000
#define NFS HV_EVENT_NO_FURTHER_SIGNAL

struct guest guest;
static struct hv_doorbell_page page;
static bool is_shared = true;
static struct vcpu cpu;

void *page_of_host(u64 gpa, u64 size)
{
	return is_shared && gpa == GPA && size == PAGE_SIZE ? &page : NULL;
}

static void queue(unsigned int vector) { cpu.doorbell.queued[vector / 64] |= BIT(vector % 64); }

/* Tells; whether #HV became due, which is then injected. */
static bool rings(void)
{
	bool due;

	(void)!doorbell_tell(&cpu);
	due = cpu.doorbell.is_due;
	cpu.doorbell.is_due = false;
	return due;
}

static u16 take(void)
{
	u16 event = page.pending_event;

	page.pending_event = 0;
	return event;
}

static void test_request(void)
{
	u64 answer;

	cpu.doorbell.gpa = HV_DOORBELL_NONE;
	assert(!doorbell_request(&cpu, HV_DOORBELL_GET_PREFERRED, 0, &answer) && !~answer);
	assert(!doorbell_request(&cpu, HV_DOORBELL_QUERY, 0, &answer) && !~answer);
	assert(!doorbell_can_tell(&cpu) && !doorbell_tell(&cpu));
	assert(!doorbell_request(&cpu, HV_DOORBELL_SET, GPA, &answer) && answer == GPA);
	assert(!doorbell_request(&cpu, HV_DOORBELL_QUERY, 0, &answer) && answer == GPA);
	assert(doorbell_can_tell(&cpu));
	assert(!doorbell_request(&cpu, HV_DOORBELL_CLEAR, GPA, &answer) && !answer);
	assert(!doorbell_can_tell(&cpu));
	/* What is refused leaves no page. */
	for (u64 action = HV_DOORBELL_SET; action <= HV_DOORBELL_CLEAR + 1; action += 3) {
		assert(!doorbell_request(&cpu, HV_DOORBELL_SET, GPA, &answer));
		assert(doorbell_request(&cpu, action, GPA + 8, &answer) == -E_INVAL);
		assert(!doorbell_can_tell(&cpu));
	}
	is_shared = false;
	assert(doorbell_request(&cpu, HV_DOORBELL_SET, GPA, &answer) == -E_INVAL);
	is_shared = true;
	assert(!doorbell_request(&cpu, HV_DOORBELL_SET, GPA, &answer));
}

static void test_vectors(void)
{
	assert(!rings() && !page.pending_event && !doorbell_tell(&cpu));
	queue(0x51);
	queue(0xf3);
	assert(rings() && page.pending_event == (NFS | 0xf3) && doorbell_tell(&cpu));
	/* The guest was told of one already: a higher one takes its place, a lower one waits. */
	page.pending_event = NFS | 0x51;
	cpu.doorbell.queued[0] = cpu.doorbell.queued[1] = 0;
	queue(0x40);
	assert(!rings() && page.pending_event == (NFS | 0x51));
	queue(0x81);
	assert(!rings() && take() == (NFS | 0x81));
	assert(rings() && take() == (NFS | 0x51));
	assert(rings() && take() == (NFS | 0x40));
	assert(!rings() && !page.pending_event);
}

static void test_signal(void)
{
	/* Its handler runs, and has taken the vector alone. */
	page.pending_event = NFS;
	queue(0x51);
	assert(!rings() && page.pending_event == (NFS | 0x51) && doorbell_tell(&cpu));
	/* ... or the signal alone. */
	page.pending_event = 0x51;
	queue(0x81);
	assert(!rings() && take() == 0x81);
	assert(rings() && take() == (NFS | 0x51));
	/* Whatever else the guest or the host has there stays. */
	page.pending_event = HV_EVENT_MC;
	queue(0x51);
	assert(rings() && take() == (NFS | HV_EVENT_MC | 0x51));
}

static void test_nmi(void)
{
	cpu.nmi_pending = true;
	queue(0x51);
	assert(rings() && page.pending_event == (NFS | HV_EVENT_NMI | 0x51) && !cpu.nmi_pending);
	cpu.nmi_pending = true;
	assert(!rings() && cpu.nmi_pending);
	take();
	assert(rings() && !cpu.nmi_pending && take() == (NFS | HV_EVENT_NMI));
}

/* A page that is private again: nothing is written, nothing lost. */
static void test_private(void)
{
	is_shared = false;
	queue(0x51);
	cpu.nmi_pending = true;
	assert(!rings() && !page.pending_event && cpu.nmi_pending && !doorbell_can_tell(&cpu));
	is_shared = true;
	assert(rings() && take() == (NFS | HV_EVENT_NMI | 0x51));
}

int main(void)
{
	test_request();
	test_vectors();
	test_signal();
	test_nmi();
	test_private();
	assert(!page.no_eoi_required);
	return 0;
}
