/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An application's command line: UCS-2, as the shell, a boot option, GRUB's chainloader or QEMU's
 * -kernel give it. Spec: UEFI 2.10, 9.1 (LoadOptions), UEFI Shell 2.2, 3.2 (its first word is
 * the program's name).
 */
#include "early/boot_parse.h"
#include "lib/string.h"

#define SOURCE "efi load options"

static bool is_space(char c) { return c == ' '; }

static bool ends_in_efi(const char *word, size_t length)
{
	static const char suffix[] = ".efi";

	if (length < sizeof(suffix) - 1)
		return false;
	word += length - (sizeof(suffix) - 1);
	for (size_t i = 0; i < sizeof(suffix) - 1; i++)
		if ((word[i] | 0x20) != (suffix[i] | 0x20))
			return false;
	return true;
}

/* Where the words begin, behind the name of the program if it is there. */
static const char *behind_name(const char *text)
{
	size_t length = 0;

	while (text[length] && !is_space(text[length]))
		length++;
	if (ends_in_efi(text, length))
		text += length;
	while (is_space(*text))
		text++;
	return text;
}

int boot_efi_options_parse(const u16 *options, u32 size, struct boot_info *info,
			   struct boot_error *error)
{
	char text[BOOT_EFI_OPTIONS_MAX + 1];
	const char *words;
	u32 count = 0;

	if (size % sizeof(options[0]) || size / sizeof(options[0]) > BOOT_EFI_OPTIONS_MAX)
		return boot_refuse(error, SOURCE ": %u bytes are no words", size);
	for (; count < size / sizeof(options[0]) && options[count]; count++) {
		if (options[count] < ' ' || options[count] > '~')
			return boot_refuse(error, SOURCE ": character %u is %#x", count,
					   options[count]);
		text[count] = (char)options[count];
	}
	text[count] = '\0';
	words = behind_name(text);
	if (strlen(words) >= sizeof(info->cmdline))
		return boot_refuse(error, SOURCE ": %zu bytes are more than %d", strlen(words),
				   BOOT_CMDLINE_MAX - 1);
	memcpy(info->cmdline, words, strlen(words) + 1);
	return 0;
}
