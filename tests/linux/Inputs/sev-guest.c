/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks Linux's /dev/sev-guest, as programs do: a report, a report with certificates (which become
 * the file /table), keys, and what is refused. Bytes are printed in hexadecimal.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sev-guest.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int device;

static int ask(unsigned long request, void *from, void *to, unsigned long long *status)
{
	struct snp_guest_request_ioctl io = { .msg_version = 1,
					      .req_data = (__u64)from,
					      .resp_data = (__u64)to };
	int error = ioctl(device, request, &io) ? errno : 0;

	*status = io.exitinfo2;
	return error;
}

static void print(const char *name, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	printf("evidence: %s ", name);
	for (size_t i = 0; i < size; i++)
		printf("%02x", bytes[i]);
	printf("\n");
}

static void report(unsigned int vmpl, unsigned char data)
{
	struct snp_report_req request = { .vmpl = vmpl };
	static struct snp_report_resp response;
	unsigned long long status;
	unsigned int head[2];
	int error;

	memset(request.user_data, data, sizeof(request.user_data));
	error = ask(SNP_GET_REPORT, &request, &response, &status);
	memcpy(head, response.data, sizeof(head));
	printf("evidence: VMPL %u: error %d, status %#llx, of the message %#x, %u bytes\n", vmpl,
	       error, status, head[0], head[1]);
	if (!error && head[1])
		print("report", response.data + 32, head[1]);
}

static void save(const char *path, const void *data, size_t size)
{
	FILE *file = fopen(path, "w");

	if (!file || fwrite(data, size, 1, file) != 1 || fclose(file))
		perror(path);
}

static void extended(void)
{
	struct snp_ext_report_req request = { .certs_len = 0 };
	static struct snp_report_resp response;
	unsigned long long status;
	unsigned char *table;
	int error = ask(SNP_GET_EXT_REPORT, &request, &response, &status);

	printf("evidence: certificates: error %d, status %#llx, %u bytes wanted\n", error, status,
	       request.certs_len);
	table = calloc(1, request.certs_len);
	request.certs_address = (__u64)table;
	error = ask(SNP_GET_EXT_REPORT, &request, &response, &status);
	printf("evidence: certificates: error %d, status %#llx\n", error, status);
	print("extended", response.data + 32, 1184);
	save("/table", table, request.certs_len);
}

static void key(unsigned int root, unsigned long long fields, unsigned int svn)
{
	struct snp_derived_key_req request = { .root_key_select = root,
					       .guest_field_select = fields,
					       .guest_svn = svn };
	struct snp_derived_key_resp response;
	unsigned long long status;
	unsigned int own;
	int error = ask(SNP_GET_DERIVED_KEY, &request, &response, &status);

	memcpy(&own, response.data, sizeof(own));
	printf("evidence: key %u %#llx %u: error %d, status %#llx, of the message %#x\n", root,
	       fields, svn, error, status, own);
	if (!error && !own)
		print("key", response.data + 32, 32);
}

int main(void)
{
	device = open("/dev/sev-guest", O_RDWR);
	if (device < 0) {
		printf("evidence: no /dev/sev-guest: %s\n", strerror(errno));
		return 1;
	}
	report(0, 0x11);
	report(3, 0x22);
	report(4, 0x33);
	extended();
	key(0, 0, 0);
	key(0, 0x3f, 0);
	key(1, 0, 0);
	key(0, 0, 1);
	key(0, 0x40, 0);
	report(1, 0x44);
	return 0;
}
