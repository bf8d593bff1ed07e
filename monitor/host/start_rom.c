/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See start_rom.h. In QEMU's order, which the measurements depend on: SEV takes the whole image,
 * SEV-ES then the processors; SNP has the sections in between; TDX takes the sections, of which the
 * image is one.
 */
#include "monitor/host/start_rom.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/log.h"
#include "lib/string.h"
#include "monitor/hardware/hardware.h"
#include "monitor/hardware/launch.h"
#include "monitor/hardware/launch_digest.h"
#include "monitor/host/td_hob.h"
#include "monitor/hardware/tdx_cpuid.h"
#include "monitor/hardware/tdx_launch.h"
#include "monitor/hardware/tdx_mrtd.h"
#include "monitor/host/state.h"
#include "monitor/hardware/snp_message.h"
#include "monitor/hardware/state.h"
#include "monitor/machine/options.h"
#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/smp.h"

#define RESET_VECTOR 0xfffffff0

static int refuse(const char *why)
{
	log_error("cannot start the guest: %s", why);
	return -E_INVAL;
}

int rom_init(const void *image, u64 size)
{
	if (!size || size % FIRMWARE_UNIT || size > U64_C(16) << 20)
		return -E_INVAL;
	guest.rom_gpa = (U64_C(1) << 32) - size;
	guest.rom_size = size;
	guest.rom_host = (u64)image;
	return 0;
}

static u32 signature(void) { return cpuid_raw(CPUID_FEATURES, 0).eax; }

static int launch_plain(struct vcpu *v)
{
	launch_vmsa_reset(&v->vmcb->save, RESET_VECTOR, signature());
	return 0;
}

static void log_digest(const char *name, const u8 *digest, size_t size)
{
	char text[DIGEST_TEXT_SIZE];

	digest_text(digest, size, text);
	log_info("%s %s", name, text);
}

union vmsa_page {
	struct vmsa vmsa;
	u8 bytes[PAGE_SIZE];
};

/* What is measured of processor @cpu: all but the first start at the reset block. */
static const union vmsa_page *vmsa_page(const struct firmware *firmware, unsigned int cpu,
					u64 features)
{
	static union vmsa_page page;

	launch_vmsa_reset(&page.vmsa, cpu ? firmware->sev_es_reset : RESET_VECTOR, signature());
	page.vmsa.sev_features = features;
	return &page;
}

/* The machine has it in one piece, as the guest does. */
static bool is_one_piece(u64 gpa, u64 size)
{
	for (u64 at = 0; at < size; at += PAGE_SIZE)
		if (page_host(gpa + at) != page_host(gpa) + at)
			return false;
	return true;
}

static int clear_section(u64 gpa, u64 size)
{
	if (!memmap_is_ram(&guest.map, gpa, size))
		return refuse("a section of its metadata is not in memory");
	if (!is_one_piece(gpa, size))
		return refuse("a section of its metadata is over an edge of the PC's hole");
	memset(page_pointer(gpa), 0, size);
	return guest.hardware->assign(gpa, size, LAUNCH_MEASURED);
}

/* What the page has beside them, zeroes, is not measured. */
static int put_hashes(const struct firmware *firmware)
{
	u64 gpa = firmware->hash_area.gpa;

	if (!firmware->hashes)
		return 0;
	if (firmware->hashes_size > firmware->hash_area.size)
		return refuse("its firmware has no room for the hashes of a kernel");
	if (clear_section(align_down(gpa, (u64)PAGE_SIZE), PAGE_SIZE))
		return -E_INVAL;
	memcpy(page_pointer(gpa), firmware->hashes, firmware->hashes_size);
	return 0;
}

/* The image and, where there are some, the hashes. */
static int measure_sev(const struct firmware *firmware, struct sev_digest *digest)
{
	sev_digest_init(digest);
	sev_digest_data(digest, firmware->image, firmware->size);
	if (firmware->hashes)
		sev_digest_data(digest, firmware->hashes, firmware->hashes_size);
	return put_hashes(firmware);
}

static int launch_sev(struct vcpu *v, const struct firmware *firmware)
{
	struct sev_digest digest;
	u8 bytes[SHA256_SIZE];

	if (measure_sev(firmware, &digest))
		return -E_INVAL;
	sev_digest_final(&digest, bytes);
	launch_vmsa_reset(&v->vmcb->save, RESET_VECTOR, signature());
	log_digest("SEV launch digest", bytes, sizeof(bytes));
	return 0;
}

static int launch_sev_es(struct vcpu *v, const struct firmware *firmware)
{
	struct sev_digest digest;
	u8 bytes[SHA256_SIZE];

	if (!firmware->sev_es_reset)
		return refuse("its firmware has no SEV-ES reset block");
	if (measure_sev(firmware, &digest))
		return -E_INVAL;
	for (unsigned int i = 0; i < guest.cpu_count; i++)
		sev_digest_data(&digest, vmsa_page(firmware, i, 0), PAGE_SIZE);
	sev_digest_final(&digest, bytes);
	v->vmcb->save = vmsa_page(firmware, 0, 0)->vmsa;
	host.ap_reset_vector = firmware->sev_es_reset;
	log_digest("SEV-ES launch digest", bytes, sizeof(bytes));
	return 0;
}

static unsigned int snp_page_type(u32 section_type)
{
	switch (section_type) {
	case SEV_SECTION_SECRETS: return SNP_PAGE_SECRETS;
	case SEV_SECTION_CPUID: return SNP_PAGE_CPUID;
	default: return SNP_PAGE_ZERO;
	}
}

/* With its contents, once it has some. */
static int launch_snp_hashes(const struct launch_section *s, const struct firmware *firmware,
			     struct snp_digest *digest)
{
	if (s->size != PAGE_SIZE || firmware->hash_area.gpa - s->gpa >= PAGE_SIZE)
		return refuse("its room for hashes of a kernel is not where its metadata says");
	if (put_hashes(firmware))
		return -E_INVAL;
	snp_digest_page(digest, SNP_PAGE_NORMAL, s->gpa, NULL, page_pointer(s->gpa));
	return 0;
}

static bool has_hash_section(const struct firmware *firmware)
{
	for (unsigned int i = 0; i < firmware->sev_count; i++)
		if (firmware->sev[i].type == SEV_SECTION_HASHES)
			return true;
	return false;
}

static int launch_snp_section(const struct launch_section *s, const struct firmware *firmware,
			      struct snp_digest *digest)
{
	int error;

	if (s->type == SEV_SECTION_HASHES && firmware->hashes)
		return launch_snp_hashes(s, firmware, digest);
	error = clear_section(s->gpa, s->size);
	if (!error)
		error = guest.hardware->fill_section(s);
	for (u64 p = s->gpa; !error && p < s->gpa + s->size; p += PAGE_SIZE)
		snp_digest_page(digest, snp_page_type(s->type), p, NULL, NULL);
	return error;
}

/* The image's owner may have said which launch it is to be. */
static int finish_snp(const u8 digest[SHA384_SIZE])
{
	switch (snp_launch_finish(digest)) {
	case PSP_SUCCESS: return 0;
	case PSP_BAD_MEASUREMENT: return refuse("its id block is of another launch digest");
	case PSP_POLICY_FAILURE: return refuse("its policy is none, or not its id block's");
	case PSP_BAD_SIGNATURE: return refuse("its id block is not signed by the keys it names");
	default: return refuse("its id block names no key of P-384");
	}
}

static int launch_snp(struct vcpu *v, const struct firmware *firmware)
{
	struct snp_digest digest = { 0 };

	if (!firmware->sev_count || !firmware->sev_es_reset)
		return refuse("its firmware has no SEV metadata or no SEV-ES reset block");
	if (firmware->hashes && !has_hash_section(firmware))
		return refuse("its firmware has no room for the hashes of a kernel");
	for (u64 at = 0; at < firmware->size; at += PAGE_SIZE)
		snp_digest_page(&digest, SNP_PAGE_NORMAL, guest.rom_gpa + at, NULL,
				firmware->image + at);
	for (unsigned int i = 0; i < firmware->sev_count; i++)
		if (launch_snp_section(&firmware->sev[i], firmware, &digest))
			return -E_INVAL;
	for (unsigned int i = 0; i < guest.cpu_count; i++)
		snp_digest_page(&digest, SNP_PAGE_VMSA, SNP_VMSA_GPA, NULL,
				vmsa_page(firmware, i, guest.sev_features));
	for (unsigned int i = 1; i < guest.cpu_count; i++)
		guest.cpus[i].startup.has_first = true;
	v->vmcb->save = vmsa_page(firmware, 0, guest.sev_features)->vmsa;
	host.ap_reset_vector = firmware->sev_es_reset;
	log_digest("SNP launch digest", digest.bytes, sizeof(digest.bytes));
	return finish_snp(digest.bytes);
}

/* With inject=hob-lie of a firmware that accepts nothing (0), or all that there is. */
static int build_hob(const struct firmware *firmware, const struct tdvf_section *s)
{
	struct firmware said = *firmware;

	if (guest.inject[INJECT_HOB_LIE] >= 0)
		said.tdvf_count = (unsigned int)guest.inject[INJECT_HOB_LIE];
	if (said.tdvf_count != firmware->tdvf_count)
		said.tdvf[0] =
			(struct tdvf_section){ .type = TDVF_SECTION_TEMP_MEM, .size = ~U64_C(0) };
	return td_hob_build(&guest.map, &said, s->gpa, page_pointer(s->gpa), s->size);
}

static int launch_tdx_section(const struct firmware *firmware, const struct tdvf_section *s,
			      struct tdx_mrtd *mrtd)
{
	bool rom = s->gpa >= guest.rom_gpa && s->gpa + s->size <= U64_C(1) << 32;

	if (rom && page_host(s->gpa) != (u64)firmware->image + s->data_offset)
		return refuse("a section of its firmware is not where the image is");
	if (!rom && clear_section(s->gpa, s->size))
		return -E_INVAL;
	if (!rom)
		memcpy(page_pointer(s->gpa), firmware->image + s->data_offset, s->raw_size);
	if (s->type == TDVF_SECTION_TD_HOB && (rom || build_hob(firmware, s)))
		return refuse("its firmware has no room for the TD HOB");
	tdx_mrtd_section(mrtd, s->gpa, page_pointer(s->gpa), s->size,
			 s->attributes & TDVF_ATTR_EXTENDMR);
	return 0;
}

void rom_vmsa_tdx(const struct vcpu *v, struct vmsa *vmsa)
{
	tdx_launch_vmsa(vmsa, hardware.td.gpaw, TDX_CPUID_FMS, v->id, host.td_hob);
}

static int launch_tdx(struct vcpu *v, const struct firmware *firmware)
{
	struct tdx_mrtd mrtd;

	if (!firmware->tdvf_count)
		return refuse("its firmware has no TDVF descriptor");
	tdx_mrtd_init(&mrtd);
	for (unsigned int i = 0; i < firmware->tdvf_count; i++) {
		if (firmware->tdvf[i].type == TDVF_SECTION_TD_HOB)
			host.td_hob = firmware->tdvf[i].gpa;
		if (launch_tdx_section(firmware, &firmware->tdvf[i], &mrtd))
			return -E_INVAL;
	}
	tdx_mrtd_final(&mrtd, hardware.td.info.mrtd);
	rom_vmsa_tdx(v, &v->vmcb->save);
	smp_release(v); /* all at once */
	log_digest("MRTD", hardware.td.info.mrtd, sizeof(hardware.td.info.mrtd));
	return 0;
}

int rom_launch(struct vcpu *v, const struct firmware *firmware)
{
	static const struct {
		const struct hardware_ops *hardware;
		int (*launch)(struct vcpu *v, const struct firmware *firmware);
	} launches[] = {
		{ &hardware_sev, launch_sev },
		{ &hardware_sev_es, launch_sev_es },
		{ &hardware_snp, launch_snp },
		{ &hardware_tdx, launch_tdx },
	};

	for (size_t i = 0; i < array_count(launches); i++)
		if (launches[i].hardware == guest.hardware)
			return launches[i].launch(v, firmware);
	return launch_plain(v);
}
