/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See end.h.
 */
#define _GNU_SOURCE
#include "host/end.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "abi/exit_code.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool is_set;
static enum end_status status;

static void set(enum end_status new_status, const char *text)
{
	pthread_mutex_lock(&lock);
	if (!is_set) {
		is_set = true;
		status = new_status;
		if (*text)
			fprintf(stderr, "postern-vmm: %s\n", text);
		pthread_cond_signal(&changed);
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

bool end_is_set(void)
{
	bool result;

	pthread_mutex_lock(&lock);
	result = is_set;
	pthread_mutex_unlock(&lock);
	return result;
}

enum end_status end_wait(unsigned int seconds)
{
	struct timespec until;
	int error = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += seconds;
	pthread_mutex_lock(&lock);
	while (!is_set && error != ETIMEDOUT)
		error = seconds ? pthread_cond_clockwait(&changed, &lock, CLOCK_MONOTONIC, &until)
				: pthread_cond_wait(&changed, &lock);
	if (!is_set) {
		is_set = true;
		status = END_TIMEOUT;
		fprintf(stderr, "postern-vmm: no end after %u seconds\n", seconds);
	}
	pthread_mutex_unlock(&lock);
	return status;
}
