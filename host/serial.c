/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See serial.h. Behind the sandbox it reads, writes and polls this one descriptor.
 */
#define _GNU_SOURCE
#include "host/serial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "abi/bits.h"
#include "host/end.h"
#include "lib/errno.h"

#define UNIX    "unix:"
#define POLL_MS 100 /* between looks whether the run has ended */

static int descriptor = -1;
static u8 buffer[256];
static size_t filled, taken;

static int open_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t size = strlen(path) + 1;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (size > sizeof(address.sun_path)) {
		close(fd);
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, size);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    fcntl(fd, F_SETFL, O_NONBLOCK)) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static int open_terminal(const char *path)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	struct termios raw;

	if (fd < 0)
		return -1;
	if (tcgetattr(fd, &raw) == 0) {
		cfmakeraw(&raw);
		if (tcsetattr(fd, TCSANOW, &raw) == 0)
			return fd;
	}
	close(fd);
	errno = ENOTTY;
	return -1;
}

int serial_open(const char *where, struct why *why)
{
	bool is_socket = !strncmp(where, UNIX, strlen(UNIX));

	descriptor = is_socket ? open_socket(where + strlen(UNIX)) : open_terminal(where);
	if (descriptor < 0)
		return why_set(why, -E_INVAL, "--serial %s: %s", where, why_error(errno));
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

int serial_descriptor(void) { return descriptor; }

int serial_receive(void *context __unused)
{
	if (taken == filled) {
		ssize_t size = read(descriptor, buffer, sizeof(buffer));

		taken = 0;
		filled = size > 0 ? (size_t)size : 0;
	}
	return taken < filled ? buffer[taken++] : -1;
}

static void wait_for_room(void)
{
	struct pollfd poll_one = { .fd = descriptor, .events = POLLOUT };

	poll(&poll_one, 1, POLL_MS);
}

void serial_send(void *context __unused, const void *data, size_t size)
{
	const u8 *bytes = data;

	while (size && !end_is_set()) {
		ssize_t written = write(descriptor, bytes, size);

		if (written > 0) {
			bytes += written;
			size -= (size_t)written;
		} else if (written < 0 && errno == EAGAIN) {
			wait_for_room();
		} else if (!(written < 0 && errno == EINTR)) {
			return;
		}
	}
}
