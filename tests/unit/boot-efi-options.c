/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An EFI application's words: without the program's own name, whoever gave them, and refused by a
 * sentence where they are not plain text or too many.
 * RUN: %unit-cc %s -o %t
 */
#include "early/boot_efi_options.c"
#include "early/boot_ranges.c"
#include "lib/format.c"

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static u16 options[BOOT_EFI_OPTIONS_MAX + 1];
static struct boot_info info;
static struct boot_error error;

/* As UCS-2, with @ends zeros behind. */
static int parse(const char *text, unsigned int ends)
{
	u32 count = (u32)strlen(text);

	memset(&info, 0x55, sizeof(info));
	memset(&error, 0, sizeof(error));
	memset(options, 0, sizeof(options));
	for (u32 i = 0; i < count; i++)
		options[i] = (u8)text[i];
	return boot_efi_options_parse(options, (count + ends) * 2, &info, &error);
}

static void is(const char *text, const char *words)
{
	for (unsigned int ends = 0; ends < 3; ends++) {
		assert(!parse(text, ends) && !error.text[0]);
		if (strcmp(info.cmdline, words)) {
			printf("\"%s\": \"%s\", not \"%s\"\n", text, info.cmdline, words);
			exit(1);
		}
	}
}

static void is_refused(const char *text, const char *sentence)
{
	assert(parse(text, 1) == -E_INVAL);
	if (strcmp(error.text, sentence)) {
		printf("\"%s\", not \"%s\"\n", error.text, sentence);
		exit(1);
	}
}

int main(void)
{
	char big[BOOT_EFI_OPTIONS_MAX + 2];

	is("", "");
	is("accept=eager -- hello", "accept=eager -- hello");
	is("postern.efi", "");
	is("FS0:\\EFI\\BOOT\\BOOTX64.EFI  -- hello", "-- hello");
	is("  -- hello x.efi", "-- hello x.efi");
	is(".efi", "");
	is("efi a", "efi a");
	is_refused("a\tb", "efi load options: character 1 is 0x9");
	is_refused("\x80", "efi load options: character 0 is 0x80");

	memset(big, 'a', sizeof(big));
	big[BOOT_CMDLINE_MAX - 1] = '\0';
	is(big, big);
	big[BOOT_CMDLINE_MAX - 1] = 'a';
	big[BOOT_CMDLINE_MAX] = '\0';
	is_refused(big, "efi load options: 1024 bytes are more than 1023");
	big[BOOT_CMDLINE_MAX] = 'a';
	big[BOOT_EFI_OPTIONS_MAX + 1] = '\0';
	is_refused(big, "efi load options: 4100 bytes are no words");

	assert(boot_efi_options_parse(options, 3, &info, &error) == -E_INVAL);
	options[0] = 0x100 | 'a'; /* no cast makes an a of it */
	assert(boot_efi_options_parse(options, 2, &info, &error) == -E_INVAL);
	return 0;
}
