/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TD's words, by firmware that keeps the log of its measurements: who replays the log has RTMR 2
 * from it. Spec: UEFI 2.10, 38.2 (EFI_CC_MEASUREMENT_PROTOCOL), 38.4.1 (registers of a TD); TCG PC
 * Client Platform Firmware Profile 10.4.1 (EV_IPL: a loader's words).
 */
#include "early/boot_efi.h"
#include "early/efi.h"
#include "lib/string.h"

#define EV_IPL 0xd

/* Its header and the words, as text: what is hashed too. */
static struct {
	struct efi_cc_event event;
	char words[BOOT_CMDLINE_MAX];
} __packed logged;

static bool is_of_td(struct efi_cc_measurement *protocol)
{
	struct efi_cc_capability capability = { .size = sizeof(capability) };

	return protocol->get_capability(protocol, &capability) == EFI_SUCCESS &&
	       capability.cc_type == EFI_CC_TYPE_TDX;
}

int boot_efi_measure(const struct efi_boot_services *services, const char *words, bool *is_measured,
		     struct boot_error *error)
{
	static const struct efi_guid guid = EFI_CC_MEASUREMENT_GUID;
	struct efi_cc_measurement *protocol;
	u32 size = (u32)strlen(words);
	u64 status;

	*is_measured = false;
	if (services->locate_protocol(&guid, NULL, (void **)&protocol) != EFI_SUCCESS ||
	    !is_of_td(protocol))
		return 0;
	logged.event = (struct efi_cc_event){ .size = sizeof(logged.event) + size,
					      .header_size = EFI_CC_EVENT_HEADER_SIZE,
					      .header_version = EFI_CC_EVENT_HEADER_VERSION,
					      .register_index = EFI_CC_REGISTER_RTMR2,
					      .type = EV_IPL };
	memcpy(logged.words, words, size);
	status = protocol->hash_log_extend_event(protocol, 0, (u64)(uintptr_t)logged.words, size,
						 &logged.event);
	/* A full log: the register was extended, and who replays the log sees that it ends. */
	if (status != EFI_SUCCESS && status != EFI_VOLUME_FULL)
		return boot_refuse(error, "efi HashLogExtendEvent: status %#lx", status);
	*is_measured = true;
	return 0;
}
