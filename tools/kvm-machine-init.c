/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first process of the stock-KVM machine (tools/kvm-machine): loads KVM, runs the jobs of
 * /jobs one after another, and sends what they say and leave behind to the debug console, framed.
 *
 * /jobs is a list of jobs; a job is {seconds allowed, argument...} as strings that end with NUL,
 * and an empty string ends it. A job's working directory is its own and empty; the files that it
 * leaves there are sent. Does not: pass input to a job.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PORT_FRAMES 0x40a /* tools/kvm-machine puts an isa-debugcon there */
#define PORT_EXIT   0xf4
#define EXIT_DONE   0x10

#define JOB_SIZE_MAX     (1 << 20)
#define ARGUMENT_MAX     256
#define STATUS_TIMEOUT   124
#define STATUS_NOT_FOUND 127

/* A frame: this header, then `size` bytes. Little endian on both sides. */
struct frame {
	char magic[2];
	uint8_t kind;
	uint8_t job;
	uint32_t size;
};

enum frame_kind {
	FRAME_STDOUT = 'o',
	FRAME_STDERR = 'e',
	FRAME_FILE_NAME = 'n', /* the FRAME_FILE that follow belong to it */
	FRAME_FILE = 'f',
	FRAME_STATUS = 's',  /* a byte: the exit status */
	FRAME_FAILURE = 'x', /* a sentence: no job can run */
	FRAME_END = '.',     /* the last frame: u32 number of frames before it */
};

static uint32_t frame_count;

static void send_frame(enum frame_kind kind, unsigned int job, const void *data, size_t size)
{
	const struct frame head = { { 'K', 'M' }, (uint8_t)kind, (uint8_t)job, (uint32_t)size };

	outsb(PORT_FRAMES, &head, sizeof(head));
	outsb(PORT_FRAMES, data, size);
	frame_count++;
}

static void __attribute__((noreturn)) end(void)
{
	const uint32_t count = frame_count;

	send_frame(FRAME_END, 0, &count, sizeof(count));
	outb(EXIT_DONE, PORT_EXIT);
	for (;;)
		pause();
}

static void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	send_frame(FRAME_FAILURE, 0, text, strlen(text));
	end();
}

static void must(int result, const char *what)
{
	if (result < 0)
		fail("%s: %s", what, strerror(errno));
}

/* The kernel's command line has them as for built-in code: "kvm_amd.npt=0" of kvm-amd. */
static void find_parameters(const char *module, char *parameters, size_t size)
{
	static char line[4096];
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
	size_t length = strlen(module), used = 0;

	must((int)got, "/proc/cmdline");
	close(fd);
	line[got] = '\0';
	*parameters = '\0';
	for (char *rest, *word = strtok_r(line, " \n", &rest); word;
	     word = strtok_r(NULL, " \n", &rest)) {
		if (strlen(word) <= length || word[length] != '.')
			continue;
		word[length] = '\0';
		for (char *dash = word; (dash = strchr(dash, '_'));)
			*dash = '-';
		if (!strcmp(word, module) && used < size)
			used += (size_t)snprintf(parameters + used, size - used, "%s ",
						 word + length + 1);
	}
}

/* One that is not there is built in, which /dev/kvm will tell. */
static void load_module(const char *name)
{
	char path[64], parameters[256];
	int fd;

	snprintf(path, sizeof(path), "/modules/%s.ko", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return;
	must(fd, path);
	find_parameters(name, parameters, sizeof(parameters));
	must((int)syscall(SYS_finit_module, fd, parameters, 0), path);
	close(fd);
}

/* In the order of their dependencies. */
static void load_kvm(void)
{
	static const char *const modules[] = { "irqbypass", "kvm", "ccp", "kvm-amd" };

	for (size_t i = 0; i < sizeof(modules) / sizeof(*modules); i++)
		load_module(modules[i]);
	must(access("/dev/kvm", R_OK | W_OK), "/dev/kvm");
}

/*
 * The kernel and KVM patch their text when the first VM comes and when the last one goes, the first
 * processor with and the first one without an APIC (static keys: preempt_notifier_key,
 * apic_sw_disabled, kvm_has_noapic_vcpu). QEMU before 8.1 may translate one processor's code while
 * another one changes it, and keep the old translation for good: a breakpoint in __schedule(), or a
 * notifier that is never called. So all of them are here, for as long as the machine runs, before
 * there is another processor.
 */
static void hold_vms(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	must(kvm, "/dev/kvm");
	for (int apic = 0; apic < 2; apic++) {
		int vm = ioctl(kvm, KVM_CREATE_VM, 0);

		must(vm, "KVM_CREATE_VM");
		must(apic ? ioctl(vm, KVM_CREATE_IRQCHIP) : 0, "KVM_CREATE_IRQCHIP");
		must(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	}
	close(kvm);
}

/* The kernel was told to start with one. */
static void start_processors(void)
{
	for (unsigned int cpu = 1;; cpu++) {
		char path[64];
		int fd;

		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online", cpu);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			return;
		must((int)write(fd, "1", 1), path);
		close(fd);
	}
}

static void mount_all(void)
{
	must(mount("dev", "/dev", "devtmpfs", 0, ""), "/dev");
	must(mount("proc", "/proc", "proc", 0, ""), "/proc");
	must(mount("sys", "/sys", "sysfs", 0, ""), "/sys");
	must(mount("tmp", "/tmp", "tmpfs", 0, ""), "/tmp");
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Sends what there is to read; false at the end of it. */
static bool forward(int fd, enum frame_kind kind, unsigned int job)
{
	static char buffer[65536];
	ssize_t size = read(fd, buffer, sizeof(buffer));

	if (size > 0)
		send_frame(kind, job, buffer, (size_t)size);
	return size > 0;
}

static void send_file(const char *name, unsigned int job)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return;
	send_frame(FRAME_FILE_NAME, job, name, strlen(name));
	while (forward(fd, FRAME_FILE, job))
		;
	close(fd);
}

/* The working directory's regular files; they are deleted, since memory is what they lie in. */
static void send_files(unsigned int job)
{
	DIR *folder = opendir(".");
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		if (entry->d_type != DT_REG)
			continue;
		send_file(entry->d_name, job);
		unlink(entry->d_name);
	}
	if (folder)
		closedir(folder);
}

struct job {
	unsigned int number;
	uint64_t seconds;
	char *arguments[ARGUMENT_MAX + 1];
};

struct output {
	pid_t pid;
	struct pollfd fds[2]; /* standard output and error; -1 when at its end */
};

static void __attribute__((noreturn)) become(const struct job *job, int out, int err)
{
	int null = open("/dev/null", O_RDONLY);

	setsid();
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	execvp(job->arguments[0], job->arguments);
	fprintf(stderr, "%s: %s\n", job->arguments[0], strerror(errno));
	_exit(STATUS_NOT_FOUND);
}

static struct output start(const struct job *job)
{
	int out[2], err[2];
	struct output o;

	must(pipe2(out, O_CLOEXEC), "pipe");
	must(pipe2(err, O_CLOEXEC), "pipe");
	o.pid = fork();
	must(o.pid, "fork");
	if (!o.pid)
		become(job, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	o.fds[0] = (struct pollfd){ .fd = out[0], .events = POLLIN };
	o.fds[1] = (struct pollfd){ .fd = err[0], .events = POLLIN };
	return o;
}

/* Until both are at their end, or time is up: false. */
static bool forward_all(struct output *o, const struct job *job)
{
	static const enum frame_kind kinds[] = { FRAME_STDOUT, FRAME_STDERR };
	const uint64_t until = now_ms() + job->seconds * 1000;

	while (o->fds[0].fd >= 0 || o->fds[1].fd >= 0) {
		uint64_t now = now_ms();

		if (now >= until || poll(o->fds, 2, (int)(until - now)) == 0)
			return false;
		for (int i = 0; i < 2; i++) {
			if (!o->fds[i].revents || forward(o->fds[i].fd, kinds[i], job->number))
				continue;
			close(o->fds[i].fd);
			o->fds[i].fd = -1;
		}
	}
	return true;
}

static uint8_t run(const struct job *job)
{
	struct output o = start(job);
	bool in_time = forward_all(&o, job);
	int status;

	if (!in_time)
		kill(-o.pid, SIGKILL);
	waitpid(o.pid, &status, 0);
	kill(-o.pid, SIGKILL); /* what it left running; orphans, thus ours now */
	while (waitpid(-o.pid, NULL, 0) > 0)
		;
	for (int i = 0; i < 2; i++) {
		if (o.fds[i].fd >= 0)
			close(o.fds[i].fd);
	}
	if (!in_time)
		return STATUS_TIMEOUT;
	return WIFEXITED(status) ? (uint8_t)WEXITSTATUS(status) : (uint8_t)(128 + WTERMSIG(status));
}

static void do_job(const struct job *job)
{
	char folder[32];
	uint8_t status;

	snprintf(folder, sizeof(folder), "/tmp/job%u", job->number);
	must(mkdir(folder, 0777), folder);
	must(chmod(folder, 0777), folder); /* a job may drop its privileges */
	must(chdir(folder), folder);
	status = run(job);
	send_files(job->number);
	send_frame(FRAME_STATUS, job->number, &status, sizeof(status));
}

/* Takes the job at @at, or nothing at the end of the list. */
static char *next_job(char *at, const char *list_end, struct job *job)
{
	int count = 0;

	if (at >= list_end)
		return NULL;
	if (++job->number > UINT8_MAX)
		fail("there are more than %d jobs", UINT8_MAX);
	job->seconds = strtoull(at, NULL, 10);
	for (at += strlen(at) + 1; at < list_end && *at; at += strlen(at) + 1) {
		if (count == ARGUMENT_MAX)
			fail("a job has more than %d arguments", ARGUMENT_MAX);
		job->arguments[count++] = at;
	}
	job->arguments[count] = NULL;
	if (!count || at >= list_end)
		fail("the list of jobs is cut short");
	return at + 1;
}

static void do_jobs(void)
{
	static char list[JOB_SIZE_MAX + 1];
	struct job job = { .number = 0 };
	int fd = open("/jobs", O_RDONLY | O_CLOEXEC);
	ssize_t size;
	char *at = list;

	must(fd, "/jobs");
	size = read(fd, list, JOB_SIZE_MAX);
	must((int)size, "/jobs");
	close(fd);
	while ((at = next_job(at, list + size, &job)))
		do_job(&job);
}

int main(void)
{
	if (iopl(3))
		return 1; /* nobody can be told; the kernel panics */
	mount_all();
	setenv("PATH", "/bin", 1);
	load_kvm();
	hold_vms();
	start_processors();
	do_jobs();
	end();
}
