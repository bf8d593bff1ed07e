/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See served.h. The UART is polled, and nobody but this program's driver is there.
 */
#include "monitor/machine/served.h"

#include "abi/x86.h"
#include "lib/cpu.h"
#include "lib/format.h"
#include "lib/serial.h"
#include "lib/string.h"

static const struct serial_io ports = { inb, outb, outsb };
static struct serial driver;

const char *served_wait(void)
{
	static char line[SERVED_LINE_MAX];
	size_t used = 0;

	serial_init(&driver, &ports, PORT_COM2);
	serial_write(&driver, "ready\n", 6);
	while (!driver.is_dead && used < sizeof(line)) {
		int c = serial_read(&driver);

		if (c < 0)
			continue;
		if (c == '\n') {
			line[used] = 0;
			return line;
		}
		line[used++] = (char)c;
	}
	return NULL;
}

void served_end(u8 exit_code)
{
	char text[24];

	format(text, sizeof(text), "ended %u\n", exit_code);
	serial_write(&driver, text, strlen(text));
}
