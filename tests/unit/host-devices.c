/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The serial ports that the guest finds, driven by the guest's own driver, and ports that nobody
 * has.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <string.h>

#include "abi/exit_code.h"

#include "../../host/devices.c"
#include "../../lib/serial.c"

static char console[256], results[64];
static size_t console_used;

static void to_console(void *context, const void *data, size_t size)
{
	(void)context;
	assert(size <= sizeof(console) - console_used);
	memcpy(console + console_used, data, size);
	console_used += size;
}

static void to_results(void *context, const void *data, size_t size)
{
	(void)context;
	memcpy(results, data, size);
}

/* What the other end of the second port says. */
static const char *said = "";
static char heard[64];
static size_t heard_used;

static int say(void *context)
{
	(void)context;
	return *said ? *said++ : -1;
}

static void hear(void *context, const void *data, size_t size)
{
	(void)context;
	memcpy(heard + heard_used, data, size);
	heard_used += size;
}

static struct devices devices = { .serial = { { .write = to_console } }, .results = to_results };

static void out(u16 port, u8 value) { device_out(&devices, port, 1, &value, 1); }

static u8 in(u16 port)
{
	u8 value;

	device_in(&devices, port, 1, &value, 1);
	return value;
}

static void out_string(u16 port, const void *data, size_t count)
{
	device_out(&devices, port, 1, data, count);
}

static void test_second(const struct serial_io *io)
{
	struct serial serial;
	u8 bytes[3];

	serial_init(&serial, io, PORT_SERIAL_2);
	assert(serial_read(&serial) == -1 && serial.is_dead); /* nobody is at its other end */
	devices.serial[1].write = hear;
	devices.serial[1].read = say;
	serial_init(&serial, io, PORT_SERIAL_2);
	assert(!heard_used && serial_read(&serial) == -1 && !serial.is_dead);
	said = "nonce";
	serial_write(&serial, "hello\n", 6);
	assert(heard_used == 6 && !memcmp(heard, "hello\n", 6));
	assert(serial_read(&serial) == 'n' && serial_read(&serial) == 'o');
	assert(in(PORT_SERIAL_2 + UART_LSR) & LSR_DATA_READY);
	assert(in(PORT_SERIAL_2 + UART_LSR) & LSR_DATA_READY &&
	       !strcmp(said, "ce")); /* it keeps one */
	assert(device_in(&devices, PORT_SERIAL_2, 1, bytes, 2) && bytes[0] == 'n' && !bytes[1]);
	assert(serial_read(&serial) == 'c' && serial_read(&serial) == 'e');
	assert(serial_read(&serial) == -1 && !serial.is_dead);
	assert(!device_in(&devices, PORT_SERIAL_2 + SERIAL_COUNT, 1, bytes, 1));
	assert(!device_in(&devices, PORT_SERIAL_2 - 1, 1, bytes, 1));
}

int main(void)
{
	static const struct serial_io io = { .in = in, .out = out, .out_string = out_string };
	const char text[] = "a line that is longer than the FIFO\n";
	struct serial serial;
	u32 value;

	serial_init(&serial, &io, PORT_SERIAL);
	assert(!console_used && devices.serial[0].divisor == 1);
	serial_write(&serial, text, strlen(text));
	assert(console_used == strlen(text) && !memcmp(console, text, console_used));
	out(PORT_SERIAL + UART_SCRATCH, 0x5a);
	assert(in(PORT_SERIAL + UART_SCRATCH) == 0x5a);

	test_second(&io);

	assert(in(PORT_RESULTS) == DEBUGCON_PRESENT);
	out_string(PORT_RESULTS, "{}\n", 3);
	assert(!memcmp(results, "{}\n", 3));
	devices.results = NULL;
	assert(in(PORT_RESULTS) == 0xff);

	assert(!device_in(&devices, 0x60, 4, &value, 1) && value == ~0U);
	assert(!device_in(&devices, PORT_SERIAL - 1, 1, &value, 1));
	assert(!device_in(&devices, PORT_SERIAL + SERIAL_COUNT, 1, &value, 1));
	assert(!device_out(&devices, PORT_SERIAL, 2, text, 1));
	return 0;
}
