/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures how long a command takes until it writes its first byte, which bench/first.S does with its
 * first instruction. Prints the times in nanoseconds, a line each, sorted.
 * Usage: start ROUNDS COMMAND [argument...]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS_MAX 1000

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "start: %s: %s\n", what, strerror(errno));
	exit(2);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void __attribute__((noreturn)) become(char **command, int out)
{
	dup2(out, STDOUT_FILENO);
	execvp(command[0], command);
	die(command[0]);
}

static uint64_t measure(char **command)
{
	uint64_t start, first;
	int ends[2], status;
	char byte;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC))
		die("pipe");
	start = now_ns();
	child = fork();
	if (child < 0)
		die("fork");
	if (!child)
		become(command, ends[1]);
	close(ends[1]);
	if (read(ends[0], &byte, 1) != 1) {
		fprintf(stderr, "start: %s ended without a word\n", command[0]);
		exit(1);
	}
	first = now_ns();
	waitpid(child, &status, 0);
	close(ends[0]);
	return first - start;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	static uint64_t times[ROUNDS_MAX];
	long rounds = argc > 2 ? strtol(argv[1], NULL, 10) : 0;

	if (rounds < 1 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: start ROUNDS COMMAND [argument...]\n");
		return 2;
	}
	for (long i = 0; i < rounds; i++)
		times[i] = measure(argv + 2);
	qsort(times, (size_t)rounds, sizeof(*times), compare);
	for (long i = 0; i < rounds; i++)
		printf("%lu\n", (unsigned long)times[i]);
	return 0;
}
