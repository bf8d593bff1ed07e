/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a host of an SEV-ES or SNP guest may answer to the hooks' requests and to those that start a
 * processor: an exception where no instruction could raise one ends the guest; a jump table that
 * cannot be one, a refusal to create a processor, and a page that RMPADJUST does not take, cost the
 * processor only. Each try has a VMSA page of its own, none at a 2M boundary.
 * RUN: %unit-cc -include %S/Inputs/ghcb-host.h %s %S/Inputs/ghcb-host.c \
 * RUN:   %root/early/ghcb_msr.c %root/paravirt/ghcb.c %root/paravirt/ghcb_requests.c \
 * RUN:   %root/paravirt/host.c %root/early/memory_map.c %root/lib/spinlock.c -o %t
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static u32 fake_rmpadjust(u64 address, u64 size, u64 attributes);
static u64 read_status(u32 msr);

#define rmpadjust fake_rmpadjust
#undef rdmsr
#define rdmsr read_status
#include "../../paravirt/es_cpus.c"
#include "early/platform.h"
#include "paravirt/host.h"
#include "paravirt/pv_ops.h"
#include "Inputs/no-end.h"

struct pv_ops pv_ops = { .host = &ghcb_requests };
struct percpu percpus[CPU_MAX];
const char __image_start[1], __image_end[1];
struct ap_start ap_start = { .cr3 = 0x400000, .cr4 = 0x620 };
volatile u32 ap_gate[2];

void ap_entry64(void) {}

/* What the firmware gave to each processor alike. */
void secure_tsc_fill(struct vmsa *vmsa) { vmsa->guest_tsc_offset = 0x7ace; }

static u64 status = 0x7, features;

static u64 read_status(u32 msr)
{
	assert(msr == MSR_SEV_STATUS);
	return status;
}

/* ---- hooks */

#define GP (EVENT_VALID | (u64)EVENT_TYPE_EXCEPTION << EVENT_TYPE_SHIFT | VEC_GP)

static void host_raises(struct ghcb *g) { host_answer(g, GHCB_RESULT_EXCEPTION, GP); }

static void port_in(void) { host_io_in(0x3f8, 1); }
static void port_out(void) { host_io_out(0x3f8, 1, 0); }
static void port_in_string(void)
{
	u8 byte;

	host_io_in_string(0x3f8, &byte, 1);
}

static void port_out_string(void) { host_io_out_string(0x3f8, "x", 1); }
static void device_read(void) { host_mmio_read(pa(APIC_BASE_DEFAULT), 4); }
static void device_write(void) { host_mmio_write(pa(APIC_BASE_DEFAULT), 4, 0); }

static void test_hooks(void)
{
	static const struct {
		void (*hook)(void);
		const char *sentence;
	} hooks[] = {
		{ port_in, "the host refused input from port 0x3f8" },
		{ port_in_string, "the host refused input from port 0x3f8" },
		{ port_out, "the host refused output to port 0x3f8" },
		{ port_out_string, "the host refused output to port 0x3f8" },
		{ device_read, "the host refused a read of device memory at 0xfee00000" },
		{ device_write, "the host refused a write of device memory at 0xfee00000" },
		{ host_wbinvd, "the host refused WBINVD 0" },
		{ ghcb_nmi_complete, "the host refused NMI complete" },
	};
	u64 value;

	host_page = host_raises;
	for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++) {
		assert(host_terminates(hooks[i].hook) == TERM_RESPONSE);
		assert(!strcmp(host_sentence, hooks[i].sentence));
	}
	/* An instruction that may raise it: the caller decides. */
	assert(host_msr_read(0x1234, &value) == -E_FAULT);
	assert(host_msr_write(0x1234, 0) == -E_FAULT);
}

/* ---- the jump table */

static u64 table_address;
static int map_error;
static unsigned int mapped, shared, unshared;

static void host_has_table(struct ghcb *g)
{
	assert(g->save.sw_exit_code == SVM_VMGEXIT_AP_JUMP_TABLE);
	assert(g->save.sw_exit_info_1 == GHCB_JUMP_TABLE_GET);
	host_answer(g, 0, table_address);
}

static int share(va_t start, u64 page_count)
{
	(void)start;
	shared += (unsigned int)page_count;
	return 0;
}

static int unshare(va_t start, u64 page_count)
{
	(void)start;
	unshared += (unsigned int)page_count;
	return 0;
}

static int map(pa_t page, bool is_mapped)
{
	(void)page;
	mapped += is_mapped;
	return map_error;
}

static int prepare(u64 address)
{
	const struct cpus_services services = { .share = share,
						.map = map,
						.trampoline = pa(0x9e000) };

	table_address = address;
	ap_gate[0] = 0;
	mapped = 0;
	host_page = host_has_table;
	return sev_es_cpus_prepare(1, 2, &services);
}

static void test_jump_table(void)
{
	u16 *page = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	assert(page != MAP_FAILED);
	memory_map = (struct memory_map){
		.count = 3,
		.ranges = { { 0, 0xa0000, MEMORY_RAM, false, "test" },
			    { 0x100000, 0x1000, MEMORY_RAM, false, "test" },
			    { (u64)page, PAGE_SIZE, MEMORY_RESERVED, false, "test" } }
	};
	assert(!memory_map_claim(0x9e000, PAGE_SIZE, MEMORY_IN_RAM, "processors' start"));
	assert(!prepare((u64)page) && mapped == 1 && shared == 2);
	assert(page[0] == 0 && page[1] == 0x9e00 && !ap_gate[0]);
	assert(prepare((u64)page) == -E_RANGE && !mapped); /* it is in use */
	assert(prepare((u64)page + 4) == -E_RANGE && !mapped);
	assert(prepare(BIT(32)) == -E_RANGE && !mapped);
	/* RAM, low or not, ours already or not. */
	assert(prepare(0x9e000) == -E_RANGE && !mapped);
	assert(prepare(0x9f000) == -E_RANGE && !mapped);
	assert(prepare(0x1000) == -E_RANGE && !mapped);
	assert(prepare(0x100000) == -E_RANGE && !mapped);
	/* No map has it, or a device is there. */
	assert(prepare((u64)page + PAGE_SIZE) == -E_RANGE && !mapped);
	assert(prepare(0xfec00000) == -E_RANGE && !mapped);
	memory_map_release((u64)page, PAGE_SIZE);
	map_error = -E_NOMEM;
	page[1] = 0;
	assert(prepare((u64)page) == -E_NOMEM && !page[1]);
	map_error = 0;
	assert(!prepare(0) && !mapped && ap_gate[0]); /* no firmware before us */
}

/* What was shared before it failed is given back, and what was not is left alone. */
static void test_release(void)
{
	const struct cpus_services services = { .unshare = unshare };

	assert(prepare(1) == -E_RANGE && !unshared);
	assert(!ghcb_unshare_others(1, 2, &services) && unshared == 2);
	assert(!ghcb_unshare_others(1, 2, &services) && unshared == 2);
}

/* ---- AP creation */

static u64 created[CPU_MAX + 1], answer;
static unsigned int creations;
static u32 adjusted;

static u32 fake_rmpadjust(u64 address, u64 size, u64 attributes)
{
	assert(is_aligned(address, PAGE_SIZE) && !is_aligned(address, PAGE_2M_SIZE) && !size);
	assert(attributes == (1 | RMPADJUST_VMSA));
	return adjusted;
}

static void host_creates(struct ghcb *g)
{
	const struct vmsa *v = (const struct vmsa *)(uintptr_t)g->save.sw_exit_info_2;

	assert(g->save.sw_exit_code == SVM_VMGEXIT_AP_CREATION);
	assert(g->save.sw_exit_info_1 == (U64_C(5) << 32 | SVM_VMGEXIT_AP_CREATE_ON_INIT));
	assert(g->save.rax == features && v->sev_features == features);
	assert(v->guest_tsc_offset == 0x7ace);
	assert(v->efer & EFER_SVME && v->cr3 == ap_start.cr3 && v->cr4 == ap_start.cr4);
	created[creations++] = (u64)v;
	host_answer(g, answer, answer ? GHCB_ERR_INVALID_INPUT : 0);
}

static void test_creation(void)
{
	percpus[3].apic_id = 5;
	features = status >> 2;
	host_page = host_creates;
	adjusted = 3;
	assert(snp_cpu_wake(3) == -E_PERM && !creations);
	adjusted = 0;
	answer = GHCB_RESULT_ERROR;
	assert(snp_cpu_wake(3) == -E_IO && creations == 1);
	answer = 0;
	for (unsigned int i = 2; i < CPU_MAX; i++)
		assert(snp_cpu_wake(3) == -E_NOSYS); /* INIT and SIPI follow */
	for (unsigned int i = 0; i < creations; i++)
		for (unsigned int j = 0; j < i; j++)
			assert(created[i] != created[j]);
	while (snp_cpu_wake(3) != -E_NOMEM) /* the one that lay badly, or not */
		assert(creations <= CPU_MAX);
}

/* ---- no creation at all */

static u64 host_lacks_creation(u64 request)
{
	assert(ghcb_msr_info(request) == GHCB_MSR_HV_FEATURES_REQ);
	return GHCB_HV_FEATURE_SNP << 12 | GHCB_MSR_HV_FEATURES_RESP;
}

static void test_features(void)
{
	const struct cpus_services services = { .share = share };

	shared = 0;
	host_msr = host_lacks_creation;
	assert(snp_cpus_prepare(1, 2, &services) == -E_NOENT && !shared);
}

int main(void)
{
	host_setup();
	test_hooks();
	test_jump_table();
	test_release();
	test_creation();
	test_features();
	return 0;
}
