/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second serial port's other end: what comes is had byte by byte and never waited for, what
 * goes is not lost while somebody is there, and harms nobody when he is gone.
 * RUN: %host-cc %s -o %t
 */
#define _GNU_SOURCE
#undef NDEBUG
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/serial.h"

#define LONG (4 << 20) /* more than a socket holds */

static struct sockaddr_un address = { .sun_family = AF_UNIX };
static char where[128];
static struct why why;

static int listen_at(const char *folder)
{
	int server = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", folder);
	snprintf(where, sizeof(where), "unix:%s", address.sun_path);
	assert(server >= 0 && !bind(server, (struct sockaddr *)&address, sizeof(address)));
	assert(!listen(server, 1));
	return server;
}

static void refused(const char *what, const char *reason)
{
	assert(serial_open(what, &why) == -22 && strstr(why.text, what) &&
	       strstr(why.text, reason));
	assert(serial_descriptor() == -1);
}

static void *read_all(void *context)
{
	static char bytes[4096];
	size_t total = 0;
	ssize_t size;

	while (total < LONG && (size = read(*(int *)context, bytes, sizeof(bytes))) > 0)
		total += (size_t)size;
	return total == LONG ? context : NULL;
}

static void test_long(int peer)
{
	char *data = calloc(LONG, 1);
	pthread_t reader;
	void *whole;

	assert(data && !pthread_create(&reader, NULL, read_all, &peer));
	serial_send(NULL, data, LONG);
	assert(!pthread_join(reader, &whole) && whole);
	free(data);
}

int main(void)
{
	char folder[] = "/tmp/serial.XXXXXX", text[8] = "";
	int server, peer;

	assert(mkdtemp(folder));
	refused("/dev/null", "Inappropriate ioctl for device");
	refused("/nowhere/tty", "No such file or directory");
	refused("unix:/nowhere/socket", "No such file or directory");
	server = listen_at(folder);
	assert(!serial_open(where, &why) && serial_descriptor() >= 0);
	peer = accept(server, NULL, NULL);
	assert(peer >= 0 && serial_receive(NULL) == -1);
	assert(write(peer, "\xff\0z", 3) == 3);
	assert(serial_receive(NULL) == 0xff && !serial_receive(NULL) &&
	       serial_receive(NULL) == 'z');
	assert(serial_receive(NULL) == -1);
	serial_send(NULL, "hello", 5);
	assert(read(peer, text, sizeof(text)) == 5 && !strcmp(text, "hello"));
	test_long(peer);
	close(peer);
	serial_send(NULL, "hello", 5);
	serial_send(NULL, "hello", 5);
	assert(serial_receive(NULL) == -1);
	unlink(address.sun_path);
	rmdir(folder);
	return 0;
}
