// SPDX-License-Identifier: Apache-2.0
/*
 * The first process of a Linux that starts another: /vmlinuz with /initrd, by kexec_file_load(2).
 */
#include <fcntl.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char words[] = "console=ttyS0 quiet panic=-1 second";

int main(void)
{
	int kernel = open("/vmlinuz", O_RDONLY), initrd = open("/initrd", O_RDONLY);

	setvbuf(stdout, NULL, _IONBF, 0);
	puts("first: user space");
	if (kernel < 0 || initrd < 0 ||
	    syscall(SYS_kexec_file_load, kernel, initrd, sizeof(words), words, 0L))
		perror("first: kexec_file_load");
	else
		puts("first: goes on to the second");
	reboot(LINUX_REBOOT_CMD_KEXEC);
	perror("first: reboot");
	reboot(LINUX_REBOOT_CMD_POWER_OFF);
	return 1;
}
