/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See host_ports.h.
 */
#include "kernel/host_ports.h"

#include "abi/termination.h"
#include "early/entry.h"
#include "early/fatal.h"
#include "early/platform.h"
#include "paravirt/pv_ops.h"
#include "paravirt/visibility.h"

static u8 page[PAGE_SIZE] __shared_page;

static void string_in(u16 port, void *data, size_t count) { pv_io_in_string(port, data, count); }

static void word_out(u16 port, unsigned int size, u32 value) { pv_io_out(port, size, value); }

void host_ports_ask(void)
{
	struct boot_ports ports = { string_in, word_out, NULL };

	/* A GHCB has string input, which is an exit for many bytes. */
	if (entry_record.loader == ENTRY_LOADER_ROM && !cc_has(CC_GHCB)) {
		if (visibility_share(va_of(page), 1, "fw_cfg", early_set_memory_decrypted))
			fatal(TERM_PSC, "the page for fw_cfg could not be shared");
		ports.shared = page;
	}
	boot_info_ask(&ports);
	if (ports.shared && visibility_unshare(va_of(page), 1, early_set_memory_encrypted))
		fatal(TERM_PSC, "the page for fw_cfg stays shared");
}
