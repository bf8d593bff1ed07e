/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See run.h.
 */
#define _GNU_SOURCE
#include "host/run.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "host/end.h"
#include "host/exit.h"
#include "host/kvm_uapi.h"

#define SIGNAL_KICK SIGUSR1
#define STACK_SIZE  (256 << 10) /* less than a large page, which the kernel would clear whole */

/* Held by run_start(): a thread that gets through may run. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

/* That it comes is all that it is for: KVM_RUN returns in any case; a write of output goes on. */
static void kicked(int signal __unused) {}

/* A machine's only processor has nobody to wait for. */
static void run_once(struct machine *m, struct vcpu *v)
{
	int error = m->sys->ioctl(m->sys, v->fd, KVM_RUN, NULL);
	bool alone = m->vcpu_count == 1;

	if (!alone)
		pthread_mutex_lock(&m->lock);
	if (error >= 0)
		exit_handle(m, v);
	else if (error != -EINTR && error != -EAGAIN)
		exit_failed(m, v, error);
	if (!alone)
		pthread_mutex_unlock(&m->lock);
}

static void *run_vcpu(void *context)
{
	struct vcpu *v = context;

	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	while (!end_is_set())
		run_once(v->machine, v);
	return NULL;
}

static int start(struct vcpu *v, struct why *why)
{
	pthread_attr_t attributes;
	int error = pthread_attr_init(&attributes);

	if (!error) {
		error = pthread_attr_setstacksize(&attributes, STACK_SIZE);
		if (!error)
			error = pthread_create(&v->thread, &attributes, run_vcpu, v);
		pthread_attr_destroy(&attributes);
	}
	if (error)
		return why_set(why, -error, "a thread for processor %u: %s", v->index,
			       why_error(error));
	v->has_thread = true;
	return 0;
}

int run_start(struct machine *m, struct why *why)
{
	struct sigaction action = { .sa_handler = kicked, .sa_flags = SA_RESTART };

	sigaction(SIGNAL_KICK, &action, NULL);
	pthread_mutex_lock(&gate);
	for (unsigned int i = 0; i < m->vcpu_count; i++) {
		int error = start(&m->vcpus[i], why);

		if (!error)
			continue;
		end_run(END_CANNOT_RUN, "");
		pthread_mutex_unlock(&gate);
		run_stop(m);
		return error;
	}
	return 0;
}

void run_release(void) { pthread_mutex_unlock(&gate); }

void run_stop(struct machine *m)
{
	for (unsigned int i = 0; i < m->vcpu_count; i++) {
		struct vcpu *v = &m->vcpus[i];

		if (!v->has_thread)
			continue;
		__atomic_store_n(&v->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
		pthread_kill(v->thread, SIGNAL_KICK);
		pthread_join(v->thread, NULL);
		v->has_thread = false;
	}
}
