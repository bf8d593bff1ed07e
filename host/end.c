/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See end.h.
 */
#define _GNU_SOURCE
#include "host/end.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "abi/exit_code.h"

#define SIGNAL_SET    SIGUSR2
#define NS_PER_SECOND 1000000000L

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_t waiter;
static bool has_waiter;
static sigset_t awaited; /* blocked in every thread: they come to the waiter alone */
static bool is_set;      /* written with the lock held */
static enum end_status status;

void end_init(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGNAL_SET };

	sigemptyset(&awaited);
	for (size_t i = 0; i < array_count(signals); i++)
		sigaddset(&awaited, signals[i]);
	pthread_sigmask(SIG_BLOCK, &awaited, NULL);
	waiter = pthread_self();
	has_waiter = true;
}

static void set(enum end_status new_status, const char *text)
{
	pthread_mutex_lock(&lock);
	if (!is_set) {
		status = new_status;
		__atomic_store_n(&is_set, true, __ATOMIC_RELEASE);
		if (*text)
			fprintf(stderr, "postern-vmm: %s\n", text);
		if (has_waiter)
			pthread_kill(waiter, SIGNAL_SET);
	}
	pthread_mutex_unlock(&lock);
}

void end_run(enum end_status new_status, const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	set(new_status, text);
}

void end_note(const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fprintf(stderr, "postern-vmm: %s\n", text);
}

void end_by_port(unsigned int code)
{
	switch (code) {
	case EXIT_CODE_SUCCESS: set(END_SUCCESS, ""); break;
	case EXIT_CODE_FAILED: set(END_FAILED, ""); break;
	case EXIT_CODE_CANNOT_RUN: set(END_CANNOT_RUN, ""); break;
	case EXIT_CODE_TERMINATED: set(END_TERMINATED, ""); break;
	case EXIT_CODE_VIOLATION: set(END_VIOLATION, ""); break;
	case EXIT_CODE_PANIC: set(END_CRASH, ""); break;
	default: end_run(END_CRASH, "the guest ended with the unknown code %#x", code);
	}
}

bool end_is_set(void) { return __atomic_load_n(&is_set, __ATOMIC_ACQUIRE); }

/* 0 when they are over. */
static struct timespec time_left(const struct timespec *until)
{
	struct timespec now;
	s64 ns;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ns = (until->tv_sec - now.tv_sec) * NS_PER_SECOND + until->tv_nsec - now.tv_nsec;
	ns = ns > 0 ? ns : 0;
	return (struct timespec){ .tv_sec = ns / NS_PER_SECOND, .tv_nsec = ns % NS_PER_SECOND };
}

enum end_status end_wait(unsigned int seconds)
{
	struct timespec until, left;
	int signal;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += seconds;
	while (!end_is_set()) {
		left = time_left(&until);
		signal = sigtimedwait(&awaited, NULL, seconds ? &left : NULL);
		if (signal < 0 && errno == EAGAIN)
			end_run(END_TIMEOUT, "no end after %u seconds", seconds);
		else if (signal > 0 && signal != SIGNAL_SET)
			end_run((enum end_status)(END_BY_SIGNAL + signal), "stopped by a signal");
	}
	return status;
}
