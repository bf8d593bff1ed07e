/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See channel.h.
 */
#include "kernel/channel.h"

#include "abi/x86.h"
#include "kernel/time.h"
#include "lib/deadline.h"
#include "lib/serial.h"
#include "paravirt/pv_ops.h"

#define LINE_SECONDS 60

static struct serial serial;

static u8 com2_in(u16 port) { return (u8)pv_io_in(port, 1); }

static void com2_out(u16 port, u8 value) { pv_io_out(port, 1, value); }

static void com2_out_string(u16 port, const void *data, size_t size)
{
	pv_io_out_string(port, data, size);
}

bool channel_init(void)
{
	static const struct serial_io io = { com2_in, com2_out, com2_out_string };

	serial_init(&serial, &io, PORT_COM2);
	serial_read(&serial);
	return !serial.is_dead;
}

void channel_write(const char *text, size_t size) { serial_write(&serial, text, size); }

int channel_read_line(char *line, size_t size)
{
	struct deadline deadline = deadline_in(LINE_SECONDS * 1000 * time_tsc_khz());
	size_t used = 0;

	while (used < size) {
		int byte = serial_read(&serial);

		if (byte == '\n') {
			line[used] = 0;
			return 0;
		}
		if (byte >= 0)
			line[used++] = (char)byte;
		else if (serial.is_dead || deadline_is_over(&deadline))
			return -E_AGAIN;
		else
			cpu_relax();
	}
	return -E_NOSPC;
}
