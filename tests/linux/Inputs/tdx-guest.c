/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks Linux's /dev/tdx_guest, as programs do, for a TDREPORT, and prints it in hexadecimal; then
 * the measurement registers where the kernel has them, and extends number 3 (`extend`).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* linux/tdx-guest.h, which Debian 12's headers have not */
struct tdx_report_req {
	unsigned char reportdata[64];
	unsigned char tdreport[1024];
};
#define TDX_CMD_GET_REPORT0 _IOWR('T', 1, struct tdx_report_req)

#define REGISTERS "/sys/class/misc/tdx_guest/measurements/"
#define HASH_SIZE 48

static void print(const char *name, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	printf("evidence: %s ", name);
	for (size_t i = 0; i < size; i++)
		printf("%02x", bytes[i]);
	printf("\n");
}

static void report(void)
{
	static struct tdx_report_req request;
	int device = open("/dev/tdx_guest", O_RDWR), error;

	memset(request.reportdata, 0x77, sizeof(request.reportdata));
	error = ioctl(device, TDX_CMD_GET_REPORT0, &request) ? errno : 0;
	printf("evidence: /dev/tdx_guest: error %d\n", error);
	print("tdreport", request.tdreport, sizeof(request.tdreport));
	close(device);
}

/* Reading gives the value, writing extends by 48 bytes. */
static bool registers(void)
{
	unsigned char hash[HASH_SIZE];
	int file = open(REGISTERS "rtmr3:sha384", O_RDWR);

	if (file < 0) {
		printf("evidence: no registers\n");
		return false;
	}
	memset(hash, 0x88, sizeof(hash));
	printf("evidence: extended by %zd bytes\n", pwrite(file, hash, sizeof(hash), 0));
	close(file);
	file = open(REGISTERS "rtmr3:sha384", O_RDONLY);
	if (pread(file, hash, sizeof(hash), 0) == sizeof(hash))
		print("rtmr3", hash, sizeof(hash));
	close(file);
	return true;
}

int main(void)
{
	report();
	if (registers())
		report();
	return 0;
}
