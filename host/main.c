/* SPDX-License-Identifier: Apache-2.0 */
/*
 * postern-vmm: boots a guest on the machine's KVM. This file is the order of steps, and where what
 * the guest says goes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/end.h"
#include "host/run.h"
#include "host/sandbox.h"
#include "host/serial.h"
#include "host/stats.h"
#include "host/vm_type.h"

#define OUTPUT_BUFFER 65536

static struct machine machine;

struct outputs {
	FILE *trace;
	FILE *json;
};

/* At once, as on a line: a guest may wait for an answer in the middle of one. */
static void write_console(void *context __unused, const void *data, size_t size)
{
	fwrite(data, 1, size, stdout);
}

static void write_results(void *context, const void *data, size_t size)
{
	fwrite(data, 1, size, ((struct outputs *)context)->json);
}

static void write_trace(void *context, const char *text, size_t size)
{
	fwrite(text, 1, size, ((struct outputs *)context)->trace);
}

/* With a buffer, since later none can be had. */
static int open_output(const char *path, char *buffer, FILE **file, struct why *why)
{
	if (!path)
		return 0;
	*file = fopen(path, "we");
	if (!*file)
		return why_set(why, -errno, "%s: %s", path, why_error(errno));
	setvbuf(*file, buffer, _IOFBF, OUTPUT_BUFFER);
	return 0;
}

static int open_input(const char *path, const void **bytes, u64 *size, struct why *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error = 0;
	struct stat stat;
	void *mapped;

	if (fd < 0 || fstat(fd, &stat) < 0)
		return why_set(why, -errno, "%s: %s", path, why_error(errno));
	if (!S_ISREG(stat.st_mode) || !stat.st_size) {
		close(fd);
		return why_set(why, -E_INVAL, "%s: %s", path,
			       S_ISREG(stat.st_mode) ? "the file is empty" : "no regular file");
	}
	mapped = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (mapped == MAP_FAILED)
		error = why_set(why, -errno, "%s: %s", path, why_error(errno));
	close(fd);
	*bytes = mapped;
	*size = (u64)stat.st_size;
	return error;
}

static void connect(struct outputs *out, u32 trace_events)
{
	bool two = serial_descriptor() >= 0;

	machine.devices = (struct devices){
		.serial = { { .write = write_console },
			    { .write = two ? serial_send : NULL, .read = serial_receive } },
		.results = out->json ? write_results : NULL,
		.context = out,
	};
	transcript_init(&machine.trace, out->trace ? write_trace : NULL, out);
	machine.trace.events = trace_events;
}

/* What is lost was lost whenever the buffer was written. */
static bool close_output(FILE *file, const char *path)
{
	bool lost = file && ferror(file);

	if (file && fclose(file))
		lost = true;
	if (lost)
		end_note("%s: not all of it could be written", path);
	return !lost;
}

static bool close_outputs(const struct options *options, struct outputs *out)
{
	bool trace = close_output(out->trace, options->trace);
	bool json = close_output(out->json, options->json);

	return close_output(stdout, "the console") && trace && json;
}

static enum end_status run(const struct options *options, struct outputs *out)
{
	enum end_status status = end_wait(options->timeout);

	run_stop(&machine);
	transcript_total(&machine.trace);
	stats_report(&machine);
	if (!close_outputs(options, out) && status == END_SUCCESS)
		status = END_CANNOT_RUN;
	machine_release(&machine);
	return status;
}

static int start(const struct options *options, struct outputs *out, struct why *why)
{
	static char cmdline[CMDLINE_SIZE], buffers[2][OUTPUT_BUFFER];
	struct load load = { .cmdline = cmdline,
			     .memory = options->memory,
			     .processors = options->smp };
	struct sys *sys = &sys_linux;
	int error = options_cmdline(options, cmdline, why);

	setvbuf(stdout, NULL, _IONBF, 0);
	if (options->inject)
		sys = sys_inject(sys, options->inject, options->inject_nth, options->inject_rest);
	if (options->inject_no_memfd)
		sys = sys_inject_no_memfd(sys);
	if (!sys)
		return why_set(why, -E_INVAL, "--inject: there is no request %s", options->inject);
	if (!error)
		error = open_output(options->trace, buffers[0], &out->trace, why);
	if (!error)
		error = open_output(options->json, buffers[1], &out->json, why);
	if (!error)
		error = open_input(options->image, &load.image, &load.image_size, why);
	if (!error && options->serial)
		error = serial_open(options->serial, why);
	if (!error && options->certificates)
		error = open_input(options->certificates, &load.certificates,
				   &load.certificates_size, why);
	if (!error)
		error = machine_create(&machine, sys, options, &load, why);
	if (error)
		return error;
	connect(out, options->trace_events);
	if (out->json)
		(void)sys->used_memory(sys); /* while files can be opened */
	error = sandbox_drop_privileges(why);
	if (!error)
		error = run_start(&machine, why);
	return error ? error : sandbox_close(serial_descriptor(), why);
}

int main(int argc __unused, char **argv)
{
	struct options options;
	struct outputs out = { NULL, NULL };
	struct why why = { "" };
	int error = options_parse(argv, &options, &why);

	if (!error && options.help) {
		fputs(options_help, stdout);
		return END_SUCCESS;
	}
	end_init();
	if (!error)
		error = start(&options, &out, &why);
	if (error) {
		fprintf(stderr, "postern-vmm: %s\n", why.text);
		return END_CANNOT_RUN;
	}
	run_release();
	return run(&options, &out);
}
