/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See files.h.
 */
#include "monitor/files.h"

#include "lib/compiler.h"
#include "lib/log.h"
#include "monitor/hardware/state.h"
#include "monitor/host/start_rom.h"
#include "monitor/machine/end.h"
#include "monitor/machine/file.h"
#include "monitor/machine/test_root.h"

static noreturn_t no_room(const char *what, const struct file *file)
{
	log_error("cannot run: there is no room for the %s, of %lu KiB", what,
		  align_up(file->source.size, (u64)1024) >> 10);
	end_run(EXIT_CODE_CANNOT_RUN);
}

static bool find(const struct machine *machine, const char *file_name, const char *module_name,
		 struct file *file)
{
	int error = file_find(machine, file_name, module_name, file);

	if (error == -E_NOSPC)
		no_room(module_name, file);
	return !error;
}

/* Returns the end of memory, a firmware image's pages included. */
u64 files_firmware(const struct machine *machine, struct payload *payload, u64 memory)
{
	static struct file file;

	if (!find(machine, "opt/postern/firmware", "firmware", &file))
		return memory;
	payload->firmware_size = file.source.size;
	payload->firmware = file_load(&file);
	if (!payload->firmware)
		no_room("firmware", &file);
	if (rom_init(payload->firmware, payload->firmware_size))
		end_cannot_run("the firmware image has a wrong size");
	return memory > U64_C(1) << 32 ? memory : U64_C(1) << 32;
}

/* The command line is a file too, so that it takes no room from ours, nor ours from it. */
void files_take(const struct machine *machine, struct payload *payload, const char *cmdline)
{
	static struct file file;

	if (!find(machine, "opt/postern/guest", "guest", &payload->image) && !payload->firmware)
		end_cannot_run("no guest: neither opt/postern/guest nor a module 'guest'");
	(void)find(machine, "opt/postern/initrd", "initrd", &payload->initrd);
	if (find(machine, "opt/postern/kernel-hashes", "kernel-hashes", &file)) {
		payload->hashes = file_load(&file);
		payload->hashes_size = file.source.size;
		if (!payload->hashes)
			no_room("kernel-hashes", &file);
	}
	payload->cmdline = cmdline;
	if (find(machine, "opt/postern/cmdline", "cmdline", &file))
		payload->cmdline = file_load(&file);
	if (!payload->cmdline)
		no_room("cmdline", &file);
}

/* What the owner of a TD has its launch say of it: MRCONFIGID, MROWNER, MROWNERCONFIG. TDX-ABI */
void files_td_ids(const struct machine *machine)
{
	static struct file file;
	struct tdx_td_info *info = &hardware.td.info;

	if (!find(machine, "opt/postern/td-ids", "td-ids", &file))
		return;
	if (file.source.size != 3 * TDX_HASH_SIZE)
		end_cannot_run("the ids of a TD have a wrong size");
	source_read(&file.source, 0, info->mrconfigid, TDX_HASH_SIZE);
	source_read(&file.source, TDX_HASH_SIZE, info->mrowner, TDX_HASH_SIZE);
	source_read(&file.source, 2 * TDX_HASH_SIZE, info->mrownerconfig, TDX_HASH_SIZE);
}

static struct guid_data load(const char *what, const struct file *file)
{
	const void *bytes = file_load(file);

	if (!bytes)
		no_room(what, file);
	return (struct guid_data){ bytes, file->source.size };
}

/* Both, or the one that is built in: keys of one and certificates of another would fit nobody. */
void files_test_root(const struct machine *machine)
{
	static const char *const names[] = { "test-root-firmware", "test-root-certificates" };
	static struct file firmware, certificates;
	bool has_firmware = find(machine, "opt/postern/test-root-firmware", names[0], &firmware);

	if (find(machine, "opt/postern/test-root-certificates", names[1], &certificates) !=
	    has_firmware)
		end_cannot_run("a test root is two files: firmware.bin and certificates.bin");
	if (!has_firmware)
		return;
	test_root.firmware = load(names[0], &firmware);
	test_root.certificates = load(names[1], &certificates);
}

void files_snp_launch(const struct machine *machine)
{
	static struct file file;

	if (!find(machine, "opt/postern/snp-launch", "snp-launch", &file))
		return;
	if (file.source.size != sizeof(*hardware.snp_launch))
		end_cannot_run("the words of an SNP launch have a wrong size");
	hardware.snp_launch = file_load(&file);
	if (!hardware.snp_launch)
		no_room("snp-launch", &file);
}
