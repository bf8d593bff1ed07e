/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C library in a workload: stdio, the heap, time, setjmp, floating point and SSE across
 * interrupts, and files that are not there.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain %t | FileCheck %s
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 * RUN: %run-guest --platform=tdx %t | FileCheck %s
 *
 * CHECK: printf: 42 -7 0xbeef text 3.14159265 1.000e-10 18446744073709551615
 * CHECK-NEXT: stderr comes at once
 * CHECK-NEXT: scanf: 12 3.5 word
 * CHECK-NEXT: heap: ok
 * CHECK-NEXT: heap exhausted: NULL, errno 12
 * CHECK-NEXT: setjmp: 0 5
 * CHECK-NEXT: time: ok
 * CHECK-NEXT: math: 1.4142135623730951 0.0000000000
 * CHECK-NEXT: stdin: end of file
 * CHECK-NEXT: fopen: NULL, errno 2
 * CHECK-NEXT: write to 7: -1, errno 9
 * CHECK-NEXT: sse across interrupts: ok
 * CHECK-NEXT: atexit
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "kernel/apic.h"
#include "kernel/traps.h"
#include "kernel/workload.h"

#define BLOCKS 200

static void stdio(void)
{
	int a;
	double b;
	char c[8];

	printf("printf: %d %i %#x %s %.8f %.3e %llu\n", 42, -7, 0xbeef, "text", 3.14159265, 1e-10,
	       ~0ULL);
	fprintf(stderr, "stderr comes at once\n");
	sscanf("12 3.5 word", "%d %lf %7s", &a, &b, c);
	printf("scanf: %d %.1f %s\n", a, b, c);
}

/* Blocks of many sizes do not overlap, and are reused. */
static int heap(void)
{
	static unsigned char *block[BLOCKS];
	int bad = 0;

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < BLOCKS; i++) {
			size_t size = (size_t)1 << (i % 17);

			block[i] = realloc(round ? block[i] : NULL, size);
			memset(block[i], i, size);
		}
		for (int i = 0; i < BLOCKS; i++)
			bad += block[i][0] != (unsigned char)i ||
			       block[i][((size_t)1 << (i % 17)) - 1] != (unsigned char)i;
	}
	for (int i = 0; i < BLOCKS; i++)
		free(block[i]);
	return bad;
}

static void exhaust(void)
{
	void *volatile p = malloc((size_t)1 << 40); /* else the compiler knows the answer */

	printf("heap exhausted: %s, errno %d\n", p ? "memory" : "NULL", errno);
}

static void jump(void)
{
	static jmp_buf env;
	int value = setjmp(env);

	printf(value ? " %d\n" : "setjmp: %d", value);
	if (!value)
		longjmp(env, 5);
}

static int time_goes_on(void)
{
	struct timeval start, now;
	clock_t ticks = clock();

	gettimeofday(&start, NULL);
	for (int i = 0; i < 1000000000; i++) {
		gettimeofday(&now, NULL);
		if (now.tv_sec * 1000000 + now.tv_usec >
		    start.tv_sec * 1000000 + start.tv_usec + 2000)
			return clock() > ticks && time(NULL) == now.tv_sec;
	}
	return 0;
}

static volatile int interrupts;

static void tick(struct trap_frame *frame)
{
	(void)frame;
	interrupts++;
	apic_eoi();
}

/* The kernel's code has no vector register to change. */
static int sse(void)
{
	double sum = 0, expected = 0;

	for (int i = 1; i < 1000; i++)
		expected += 1.0 / i;
	irq_register(VEC_TIMER, tick);
	apic_timer_start(VEC_TIMER, 20000, true);
	while (interrupts < 20) {
		sum = 0;
		for (int i = 1; i < 1000; i++)
			sum += 1.0 / i;
		if (sum != expected)
			break;
	}
	apic_timer_stop();
	return sum == expected;
}

static void last(void) { printf("atexit\n"); }

static int test(int argc, char **argv)
{
	volatile double two = 2.0, pi = 3.14159265358979323846;
	FILE *file;

	(void)argc, (void)argv;
	atexit(last);
	stdio();
	printf("heap: %s\n", heap() ? "wrong" : "ok");
	exhaust();
	jump();
	printf("time: %s\n", time_goes_on() ? "ok" : "stands still");
	printf("math: %.16f %.10f\n", sqrt(two), fabs(sin(pi)));
	printf("stdin: %s\n", getchar() == EOF ? "end of file" : "a character");
	file = fopen("/nothing", "r");
	printf("fopen: %s, errno %d\n", file ? "a file" : "NULL", errno);
	printf("write to 7: %d,", (int)write(7, "x", 1));
	printf(" errno %d\n", errno);
	printf("sse across interrupts: %s\n", sse() ? "ok" : "changed");
	return 0;
}

DEFINE_WORKLOAD("test", "uses the C library", test);
