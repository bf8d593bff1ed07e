/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of a visibility change; what each step does is the platform's, and here where pages
 * have no states.
 */
#include "paravirt/visibility.h"

#include "abi/sev.h"
#include "early/early_pgtable.h"
#include "early/memory_map.h"
#include "early/platform.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "paravirt/pv_ops.h"

#define LINE_SIZE 64 /* of every processor with SEV */

static bool tells_host __ro_after_init;
bool sev_is_coherent __ro_after_init; /* CPUID_SEV_EAX_COHERENT */

int page_enc_status_change(va_t start, u64 page_count, bool private,
			   page_private_setter_t set_private)
{
	int rc;

	CHECK(is_aligned(start.value, PAGE_SIZE));
	rc = pv_page_enc_status_prepare(start, page_count, private);
	if (rc)
		return rc;
	set_private(start, page_count, private);
	return pv_notify_page_enc_status_changed(start, page_count, private);
}

int early_set_memory_decrypted(va_t start, u64 page_count)
{
	int error = memory_map_set_shared(start.value, page_count * PAGE_SIZE, true);

	return error ? error
		     : page_enc_status_change(start, page_count, false, early_pgtable_set_private);
}

int early_set_memory_encrypted(va_t start, u64 page_count)
{
	int error = page_enc_status_change(start, page_count, true, early_pgtable_set_private);

	return error ? error : memory_map_set_shared(start.value, page_count * PAGE_SIZE, false);
}

int visibility_share(va_t start, u64 page_count, const char *user, visibility_setter_t share)
{
	u64 size = page_count * PAGE_SIZE;
	int error = memory_map_claim(start.value, size, MEMORY_IN_IMAGE, user);

	if (error)
		return error;
	error = share(start, page_count);
	if (error)
		memory_map_release(start.value, size);
	else
		memset(va_ptr(start), 0, size);
	return error;
}

int visibility_unshare(va_t start, u64 page_count, visibility_setter_t unshare)
{
	struct memory_claim claim;
	int error;

	if (!memory_map_claim_of(start.value, &claim))
		return 0;
	error = unshare(start, page_count);
	if (!error)
		memory_map_release(start.value, page_count * PAGE_SIZE);
	return error;
}

/* ---- where pages have no states: what the host is told, and what caches hold */

static int tell(pa_t start, u64 page_count, bool private)
{
	u64 attributes = KVM_MAP_GPA_RANGE_PAGE_SZ_4K |
			 (private ? KVM_MAP_GPA_RANGE_ENCRYPTED : KVM_MAP_GPA_RANGE_DECRYPTED);
	s64 rc = kvm_hypercall3(KVM_HC_MAP_GPA_RANGE, start.value, page_count, attributes);

	if (!rc)
		return 0;
	log_error("the host refused MAP_GPA_RANGE of %#lx: %ld", start.value, rc);
	return -E_IO;
}

/* What was shared before the host could be told: the GHCB, by which it is. */
static void tell_all(void)
{
	struct memory_claim claim;

	for (u64 from = 0; memory_map_next_claim(from, &claim); from = claim.end) {
		if (claim.shared &&
		    tell(pa(claim.start), (claim.end - claim.start) / PAGE_SIZE, false))
			log_error("the host does not know of the page for %s", claim.user);
	}
}

/* Does not: undo what an earlier owner of this memory told the host, as Linux does for kexec. */
void map_gpa_init(void)
{
	tells_host = platform.kvm_features & BIT(KVM_FEATURE_MIGRATION_CONTROL) &&
		     platform.kvm_features & BIT(KVM_FEATURE_HC_MAP_GPA_RANGE);
	if (!tells_host)
		return;
	tell_all();
	if (pv_msr_write(MSR_KVM_MIGRATION_CONTROL, KVM_MIGRATION_READY))
		log_error("the host refused MIGRATION_CONTROL");
}

int map_gpa_notify_page_enc_status_changed(va_t start, u64 page_count, bool private)
{
	return tells_host ? tell(va_to_pa(start), page_count, private) : 0;
}

void sev_set_coherent(u32 sev_eax) { sev_is_coherent = sev_eax & CPUID_SEV_EAX_COHERENT; }

void sev_pages_init(void)
{
	sev_set_coherent(pv_cpuid(CPUID_SEV, 0).eax);
	map_gpa_init();
}

/* Lines of the old mapping, written back later, would overwrite what the new one writes. */
int sev_page_enc_status_prepare(va_t start, u64 page_count, bool private)
{
	(void)private;
	if (sev_is_coherent)
		return 0;
	for (u64 p = start.value; p < start.value + page_count * PAGE_SIZE; p += LINE_SIZE)
		clflush((const void *)(uintptr_t)p);
	mfence();
	return 0;
}
