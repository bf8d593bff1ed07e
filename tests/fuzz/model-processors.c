/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever guest and host do to a processor in whatever order: one whose state is the guest's own
 * is never reset or put into real mode by others, what starts it is what its kind knows, and who
 * does not run has nothing to start from. An interrupt reaches nobody that its command does not
 * name. A VMSA that is taken is one that hardware takes.
 * The suite's run is short and always the same. A long one: the lines below with
 * `-max_total_time=3600 CORPUS` in place of -runs and -seed.
 *
 * RUN: clang @%build/lists/flags-native -fsanitize=fuzzer %s \
 * RUN:   %root/monitor/hardware/msr_value.c -o %t
 * RUN: %t -seed=1 -runs=40000 -max_len=512 -artifact_prefix=%t- 2>&1
 */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "../../monitor/svm/apic_ipi.c"
#include "../../monitor/svm/startup.c"
#include "../../monitor/hardware/vmsa.c"
#include "../../monitor/host/vmsa_request.c"

#define CPUS 8

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static const u8 *bytes;
static size_t left;

/* Zeros when there is no more. */
static void take(void *to, size_t size)
{
	size_t n = size < left ? size : left;

	memset(to, 0, size);
	memcpy(to, bytes, n);
	bytes += n;
	left -= n;
}

/* ---- startup */

static bool starts(enum startup_action action)
{
	return action == STARTUP_AT_VECTOR || action == STARTUP_FIRST || action == STARTUP_RESUME ||
	       action == STARTUP_CREATE;
}

static void check(const struct startup *s)
{
	enum startup_action a = s->action;

	if (starts(a)) /* or INIT came behind it, and its state is loaded while it waits */
		assert(s->state == STARTUP_RUNNING ||
		       (s->state == STARTUP_WAIT_SIPI && s->way != STARTUP_BY_SIPI));
	if (a == STARTUP_STOP || a == STARTUP_DESTROY || a == STARTUP_RESET)
		assert(s->state != STARTUP_RUNNING);
	if (s->way != STARTUP_BY_SIPI)
		assert(a != STARTUP_STOP && a != STARTUP_RESET && a != STARTUP_AT_VECTOR);
	if (a == STARTUP_CREATE)
		assert(s->way == STARTUP_BY_CREATION && s->vmsa_gpa);
	if (a == STARTUP_DESTROY)
		assert(!s->vmsa_gpa); /* the next one may be there already */
	if (a == STARTUP_RESUME)
		assert(s->started && s->way != STARTUP_BY_SIPI && s->way != STARTUP_BY_MAILBOX);
	if (s->way != STARTUP_BY_CREATION)
		assert(!s->vmsa_gpa && s->request == STARTUP_NO_REQUEST);
}

static void one(struct startup *s, u8 code, u8 argument)
{
	struct startup before = *s;
	u64 gpa = (argument + U64_C(1)) << PAGE_SHIFT;
	bool acts = false, said = true;

	switch (code % 7) {
	case 0: acts = startup_on_init(s); break;
	case 1: acts = startup_on_sipi(s, argument); break;
	case 2: acts = startup_release(s); break;
	case 3:
		if (s->way == STARTUP_BY_SIPI || s->way == STARTUP_BY_MAILBOX ||
		    s->state != STARTUP_RUNNING || s->action)
			return; /* only who runs can ask */
		startup_hold(s);
		said = false;
		break;
	case 4:
	case 5:
		if (s->way != STARTUP_BY_CREATION)
			return; /* the host refuses the request */
		acts = code % 7 == 4 ? startup_create(s, gpa, argument & 1) : startup_destroy(s);
		break;
	default: assert(startup_take(s) == before.action && !s->action); said = false;
	}
	if (said)
		assert(acts || (s->action == before.action && s->state == before.state));
	/* INIT does not touch a state that only the guest can make: it can but wait */
	assert(!acts || s->action || s->way == STARTUP_BY_HOLD || s->way == STARTUP_BY_CREATION);
	if (before.action == STARTUP_RESET && code % 7 < 2) /* of it nothing comes back */
		assert(s->action == STARTUP_RESET);
	check(s);
}

static void fuzz_startup(void)
{
	struct startup s;
	u8 kind, op[2];

	take(&kind, 1);
	startup_init(&s, kind & 3, kind & 4);
	s.has_first = s.way == STARTUP_BY_CREATION && !s.is_boot && kind & 8;
	assert((s.state == STARTUP_RUNNING) == s.is_boot && !s.action);
	for (int i = 0; i < 64; i++) {
		take(op, sizeof(op));
		one(&s, op[0], op[1]);
	}
}

/* ---- interrupts */

static void fuzz_ipi(void)
{
	struct apic_address cpus[CPUS];
	u32 low, dest;
	u8 self, count;
	u64 targets;

	take(cpus, sizeof(cpus));
	take(&low, sizeof(low));
	take(&dest, sizeof(dest));
	take(&self, 1);
	take(&count, 1);
	count = count % CPUS + 1;
	self %= count;
	targets = apic_targets(low, dest, self, cpus, count);
	assert(!(targets & ~bits_mask(count)));
	if (bits_get(low, 19, 18) == 3)
		assert(targets == (bits_mask(count) & ~BIT(self)));
	if (bits_get(low, 19, 18) || low & APIC_ICR_LOGICAL)
		return;
	for (unsigned int i = 0; i < count; i++)
		assert(!(targets & BIT(i)) ==
		       ((dest & 0xff) != APIC_BROADCAST && cpus[i].id != (dest & 0xff)));
}

/* ---- AP creation */

static void fuzz_vmsa(void)
{
	static struct ghcb ghcb;
	static struct vmsa vmsa;
	struct vmsa_request r;
	const char *why;
	u64 features;

	take(&ghcb.save.sw_exit_info_1, 8);
	take(&ghcb.save.sw_exit_info_2, 8);
	take(&ghcb.save.rax, 8);
	take(&features, 8);
	if (!vmsa_request(&ghcb, CPUS, features, &r)) {
		assert(r.apic_id < CPUS && r.type <= SVM_VMGEXIT_AP_DESTROY);
		assert(r.type == SVM_VMGEXIT_AP_DESTROY ||
		       (ghcb.save.rax == features && is_aligned(r.gpa, PAGE_SIZE) &&
			!is_aligned(r.gpa, PAGE_2M_SIZE)));
	}
	take(&vmsa, sizeof(vmsa));
	if (vmsa_check(&vmsa, features, 7, &why) == VIOLATION_NONE)
		assert(vmsa.sev_features == features && vmsa.efer & EFER_SVME && !vmsa.vmpl &&
		       !(vmsa.cr0 >> 32));
	else
		assert(why && *why);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u8 what;

	bytes = data;
	left = size;
	take(&what, 1);
	switch (what % 3) {
	case 0: fuzz_startup(); break;
	case 1: fuzz_ipi(); break;
	default: fuzz_vmsa();
	}
	return 0;
}
