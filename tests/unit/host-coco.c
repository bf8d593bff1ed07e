/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SEV, SEV-ES, SNP and TDX VMs are made by the commands that KVM documents, in their order and with
 * arguments that it would take; whichever fails, everything is given back; a KVM that has no such
 * VMs is named with what there is to know.
 * RUN: %host-cc %s -o %t
 */
#include "Inputs/fake-kvm.h"
#include "Inputs/small-elf.h"

#include <errno.h>

#include "abi/sev.h"
#include "abi/tdx.h"
#include "host/cpuid.h"
#include "host/launch.h"
#include "host/layout.h"
#include "host/vm_type.h"

#define MIB (U64_C(1) << 20)

static struct machine machine;
static struct options options;
static struct why why;
static struct load load = { .image = &small_elf,
			    .image_size = sizeof(small_elf),
			    .cmdline = "words",
			    .memory = 64 * MIB,
			    .processors = 1 };

/* What was launched, by page: how often, and as which type. */
static u8 launched[FAKE_PAGES], types[FAKE_PAGES];
static unsigned int interrupted; /* so many updates stop early */
static bool firmware_corrects;
static u64 tdx_attributes;
static u32 tdx_leaves;
static bool has_cpuid; /* the processor */
static bool stuck;
static bool asks_for_certificates; /* KVM */

static int create(const char *type, unsigned int smp, bool fallback)
{
	options = (struct options){ .memory = 64 * MIB,
				    .smp = smp,
				    .vm_type = type,
				    .device = "kvm",
				    .fallback = fallback };
	why.text[0] = '\0';
	return machine_create(&machine, &fake_sys, &options, &load, &why);
}

static void reset(void)
{
	fake_reset();
	fake.vm_types = 0x3f;
	memset(launched, 0, sizeof(launched));
	memset(types, 0, sizeof(types));
	interrupted = 0;
	firmware_corrects = false;
	tdx_leaves = 0;
	has_cpuid = stuck = false;
	tdx_attributes = TDX_ATTR_SEPT_VE_DISABLE | TDX_ATTR_DEBUG;
}

static void note(u64 gpa, u64 size, u8 type)
{
	assert(gpa % PAGE_SIZE == 0 && size && size % PAGE_SIZE == 0);
	for (u64 page = gpa / PAGE_SIZE; page < (gpa + size) / PAGE_SIZE; page++) {
		launched[page]++;
		types[page] = type;
	}
}

static int sev_data(const struct host_sev_launch_update_data *d)
{
	u64 offset = d->uaddr - (uintptr_t)machine.memory.slots[0].shared;

	assert(d->uaddr % 16 == 0 && d->len % 16 == 0 && offset + d->len <= 64 * MIB);
	note(offset, d->len, HOST_SNP_PAGE_NORMAL);
	return 0;
}

/*
 * Takes a page a time while it is interrupted, which KVM answers with how far it came and 0, as
 * snp_launch_update() does, and with an error only where that is nowhere.
 */
static int snp_update(struct host_snp_launch_update *u)
{
	u64 gpa = u->gfn_start << PAGE_SHIFT;
	u64 size = interrupted && u->len > PAGE_SIZE ? PAGE_SIZE : u->len;

	if (stuck)
		return -EAGAIN;
	if (interrupted && interrupted % 2 == 0) {
		interrupted--;
		return -EAGAIN;
	}
	assert((const void *)(uintptr_t)u->uaddr == memory_shared(&machine.memory, gpa, u->len));
	assert(!u->flags);
	if (u->type == HOST_SNP_PAGE_CPUID && firmware_corrects) {
		firmware_corrects = false;
		return -EIO;
	}
	for (u64 page = 0; page < size / PAGE_SIZE; page++)
		assert(fake.private[u->gfn_start + page]);
	note(gpa, size, u->type);
	u->gfn_start += size >> PAGE_SHIFT;
	u->uaddr += size;
	u->len -= size;
	if (u->len)
		interrupted--;
	return 0;
}

static int sev_command(struct host_sev_cmd *cmd)
{
	static const struct {
		u32 id;
		const char *name;
	} names[] = { { HOST_SEV_INIT2, "INIT2" },
		      { HOST_SEV_LAUNCH_START, "LAUNCH_START" },
		      { HOST_SEV_LAUNCH_UPDATE_DATA, "LAUNCH_UPDATE_DATA" },
		      { HOST_SEV_LAUNCH_UPDATE_VMSA, "LAUNCH_UPDATE_VMSA" },
		      { HOST_SEV_LAUNCH_MEASURE, "LAUNCH_MEASURE" },
		      { HOST_SEV_LAUNCH_FINISH, "LAUNCH_FINISH" },
		      { HOST_SNP_LAUNCH_START, "SNP_LAUNCH_START" },
		      { HOST_SNP_LAUNCH_UPDATE, "SNP_LAUNCH_UPDATE" },
		      { HOST_SNP_LAUNCH_FINISH, "SNP_LAUNCH_FINISH" },
		      { HOST_SNP_ENABLE_REQ_CERTS, "SNP_ENABLE_REQ_CERTS" } };
	size_t i = 0;

	while (names[i].id != cmd->id)
		assert(++i < array_count(names));
	assert(cmd->sev_fd >= 100 && !cmd->pad0);
	if (fake_call(names[i].name)) {
		cmd->error = 0x16;
		return -E_IO;
	}
	switch (cmd->id) {
	case HOST_SEV_INIT2:
		assert(((struct host_sev_init *)cmd->data)->ghcb_version ==
		       (strcmp(machine.type->name, "sev") ? 2 : 0));
		return 0;
	case HOST_SNP_LAUNCH_START:
		assert(((struct host_snp_launch_start *)cmd->data)->policy & BIT(17));
		return 0;
	case HOST_SEV_LAUNCH_UPDATE_DATA:
		return sev_data((struct host_sev_launch_update_data *)cmd->data);
	case HOST_SNP_LAUNCH_UPDATE: return snp_update((struct host_snp_launch_update *)cmd->data);
	case HOST_SNP_ENABLE_REQ_CERTS: return asks_for_certificates ? 0 : -EINVAL;
	default: return 0;
	}
}

static int tdx_region(const struct host_tdx_cmd *cmd, struct host_tdx_init_mem_region *r)
{
	u64 pages = interrupted && r->nr_pages > 1 ? 1 : r->nr_pages;

	assert(cmd->flags == HOST_TDX_MEASURE_MEMORY_REGION);
	assert((const void *)(uintptr_t)r->source_addr ==
	       memory_shared(&machine.memory, r->gpa, r->nr_pages * PAGE_SIZE));
	assert(fake.private[r->gpa / PAGE_SIZE]);
	note(r->gpa, pages * PAGE_SIZE, HOST_SNP_PAGE_NORMAL);
	r->gpa += pages * PAGE_SIZE;
	r->source_addr += pages * PAGE_SIZE;
	r->nr_pages -= pages;
	if (!r->nr_pages)
		return 0;
	interrupted--;
	return -EINTR;
}

static int tdx_init(const struct host_tdx_init_vm *init)
{
	assert(init->attributes == TDX_ATTR_SEPT_VE_DISABLE && init->xfam == 3);
	return 0;
}

static int tdx_command(struct host_tdx_cmd *cmd)
{
	static const char *const names[] = { "TDX_CAPABILITIES", "TDX_INIT_VM", "TDX_INIT_VCPU",
					     "TDX_INIT_MEM_REGION", "TDX_FINALIZE_VM" };
	struct host_tdx_capabilities *caps = (void *)cmd->data;

	assert(cmd->id < array_count(names) && !cmd->hw_error);
	if (fake_call(names[cmd->id])) {
		cmd->hw_error = TDX_ATTR_PERFMON;
		return -E_IO;
	}
	switch (cmd->id) {
	case HOST_TDX_CAPABILITIES:
		caps->supported_attrs = tdx_attributes;
		caps->supported_xfam = 3;
		((struct cpuid_list *)(caps + 1))->count = tdx_leaves;
		return 0;
	case HOST_TDX_INIT_VM: return tdx_init((void *)cmd->data);
	/* tdx_vcpu_init() sets the APIC to x2APIC, which a processor without CPUID has not */
	case HOST_TDX_INIT_VCPU: return has_cpuid ? 0 : -EINVAL;
	case HOST_TDX_INIT_MEM_REGION: return tdx_region(cmd, (void *)cmd->data);
	default: return 0;
	}
}

int fake_other(unsigned long request, void *argument)
{
	has_cpuid |= request == KVM_SET_CPUID2;
	if (request != HOST_MEMORY_ENCRYPT_OP)
		return 0;
	return strcmp(machine.type->name, "tdx") ? sev_command(argument) : tdx_command(argument);
}

#define OPEN "open KVM_GET_API_VERSION KVM_CREATE_VM "
#define CAPS                                                                                       \
	"KVM_ENABLE_CAP KVM_ENABLE_CAP KVM_ENABLE_CAP KVM_X86_SET_MSR_FILTER KVM_SET_TSS_ADDR "    \
	"KVM_SET_IDENTITY_MAP_ADDR "
#define VCPU  "KVM_CREATE_VCPU KVM_GET_VCPU_MMAP_SIZE map "
#define CPUID "KVM_GET_SUPPORTED_CPUID KVM_SET_CPUID2 "
#define STATE "KVM_GET_SREGS KVM_SET_SREGS KVM_SET_REGS "
#define SLOT  "map KVM_CREATE_GUEST_MEMFD KVM_SET_USER_MEMORY_REGION2 "

/* Exactly what was loaded, and nothing twice. */
static void expect_launched(unsigned int more)
{
	unsigned int pages = 0;

	for (u64 page = 0; page < FAKE_PAGES; page++) {
		assert(launched[page] <= 1);
		pages += launched[page];
	}
	assert(pages == 5 + 2 + 2 + more);
	assert(launched[SMALL_ELF_BASE / PAGE_SIZE] && launched[LAYOUT_ACPI / PAGE_SIZE]);
	assert(launched[LAYOUT_START_INFO / PAGE_SIZE]);
}

static void test_sev(void)
{
	reset();
	assert(!create("sev", 1, false));
	fake_expect(OPEN CAPS
		    "open INIT2 map KVM_SET_USER_MEMORY_REGION KVM_MEMORY_ENCRYPT_REG_REGION " VCPU
			    CPUID STATE
		    "LAUNCH_START LAUNCH_UPDATE_DATA LAUNCH_UPDATE_DATA LAUNCH_UPDATE_DATA "
		    "LAUNCH_UPDATE_DATA LAUNCH_UPDATE_DATA LAUNCH_UPDATE_DATA LAUNCH_MEASURE "
		    "LAUNCH_FINISH ");
	expect_launched(0);
	machine_release(&machine);
	reset();
	assert(!create("sev-es", 2, false));
	assert(strstr(fake.log, "KVM_SET_REGS LAUNCH_START "));
	assert(strstr(fake.log,
		      " LAUNCH_UPDATE_DATA LAUNCH_UPDATE_VMSA LAUNCH_MEASURE LAUNCH_FINISH "));
	expect_launched(0);
	machine_release(&machine);
}

/* Before there is a processor, as KVM wants it; one that is older does not know it. */
static void test_certificates(void)
{
	const struct load none = load;

	load.certificates = "table";
	load.certificates_size = 6;
	reset();
	asks_for_certificates = true;
	assert(!create("snp", 1, false) && machine.certificates_size == 6);
	assert(strstr(fake.log, "INIT2 SNP_ENABLE_REQ_CERTS "));
	machine_release(&machine);
	reset();
	asks_for_certificates = false;
	assert(create("snp", 1, false) == -E_NOSYS && strstr(why.text, "Linux 7.0"));
	load = none;
}

static void test_snp(void)
{
	reset();
	assert(!create("snp", 1, false));
	fake_expect(OPEN CAPS "open INIT2 " SLOT VCPU CPUID STATE
			      "SNP_LAUNCH_START KVM_SET_MEMORY_ATTRIBUTES SNP_LAUNCH_UPDATE "
			      "SNP_LAUNCH_UPDATE SNP_LAUNCH_UPDATE KVM_GET_SUPPORTED_CPUID "
			      "SNP_LAUNCH_UPDATE SNP_LAUNCH_UPDATE SNP_LAUNCH_UPDATE "
			      "SNP_LAUNCH_FINISH discard ");
	expect_launched(0);
	assert(types[SMALL_ELF_CPUID / PAGE_SIZE] == HOST_SNP_PAGE_CPUID);
	assert(types[SMALL_ELF_SECRETS / PAGE_SIZE] == HOST_SNP_PAGE_SECRETS);
	assert(types[SMALL_ELF_BASE / PAGE_SIZE] == HOST_SNP_PAGE_NORMAL);
	machine_release(&machine);

	reset();
	interrupted = 3;
	firmware_corrects = true;
	assert(!create("snp", 1, false) && !interrupted && !firmware_corrects);
	expect_launched(0);
	machine_release(&machine);
}

static void test_tdx(void)
{
	reset();
	assert(!create("tdx", 1, false));
	fake_expect(OPEN CAPS
		    "TDX_CAPABILITIES KVM_GET_SUPPORTED_CPUID TDX_INIT_VM " SLOT VCPU CPUID
		    "TDX_INIT_VCPU " SLOT "KVM_SET_MEMORY_ATTRIBUTES KVM_SET_MEMORY_ATTRIBUTES "
		    "TDX_INIT_MEM_REGION TDX_INIT_MEM_REGION TDX_INIT_MEM_REGION "
		    "TDX_INIT_MEM_REGION TDX_INIT_MEM_REGION TDX_INIT_MEM_REGION "
		    "TDX_INIT_MEM_REGION TDX_FINALIZE_VM discard discard ");
	expect_launched(1);
	assert(launched[LAYOUT_RESET_PAGE / PAGE_SIZE]);
	machine_release(&machine);

	reset();
	interrupted = 3;
	assert(!create("tdx", 1, false) && !interrupted);
	expect_launched(1);
	machine_release(&machine);

	reset();
	assert(create("tdx", 2, false) && strstr(why.text, "more than one processor"));
	reset();
	tdx_attributes = 0;
	assert(create("tdx", 1, false) == -E_NOSYS && strstr(why.text, "SEPT_VE_DISABLE"));
}

/* A KVM that comes no further is not asked for ever. */
static void test_stuck(void)
{
	reset();
	stuck = true;
	assert(create("snp", 1, false) == -E_IO && strstr(why.text, "pages are left"));
	assert(!fake.fds && !fake.maps);
}

/* Memory that could not be given back at the end is no fault; everything else is. */
static void test_failures(const char *type)
{
	int calls;

	reset();
	assert(!create(type, 1, false));
	machine_release(&machine);
	calls = fake.calls;
	for (int call = 1; call <= calls; call++) {
		reset();
		fake.fail_at = call;
		if (!create(type, 1, false)) {
			assert(strstr(fake.log, "discard "));
			machine_release(&machine);
		} else {
			assert(why.text[0]);
		}
		assert(!fake.fds && !fake.maps);
	}
}

static void test_refused(void)
{
	static const char *const all[] = { "sev", "sev-es", "snp", "tdx" };

	for (size_t i = 0; i < array_count(all); i++) {
		reset();
		fake.vm_types = 1;
		assert(create(all[i], 1, false) == -E_NOSYS);
		assert(strstr(why.text, "KVM_CAP_VM_TYPES is 0x1; kvm_"));
		assert(strstr(why.text, strcmp(all[i], "tdx") ? ": N" : ": not there"));
	}
	reset();
	fake.vm_types = 1 | BIT(KVM_X86_SEV_VM);
	assert(!create("snp", 1, true) && !strcmp(machine.type->name, "sev"));
	machine_release(&machine);
	reset();
	fake.vm_types = 1;
	assert(!create("snp", 1, true) && !strcmp(machine.type->name, "default"));
	machine_release(&machine);
	reset();
	assert(fake.fail_at == 0);
	fake.missing_cap = KVM_CAP_GUEST_MEMFD;
	assert(create("snp", 1, false) == -E_NOSYS && strstr(why.text, "KVM_CAP_GUEST_MEMFD"));
}

/* More CPUID leaves than there is room for. */
static void test_leaves(void)
{
	reset();
	fake.leaves = SNP_CPUID_COUNT_MAX;
	assert(!create("snp", 1, false));
	machine_release(&machine);
	reset();
	fake.leaves = SNP_CPUID_COUNT_MAX + 1;
	assert(create("snp", 1, false) && strstr(why.text, "no room for all leaves"));
	assert(!fake.fds && !fake.maps);
	reset();
	tdx_leaves = CPUID_ENTRIES_MAX + 1;
	assert(create("tdx", 1, false) &&
	       strstr(why.text, "more CPUID leaves than were asked for"));
	assert(!fake.fds && !fake.maps);
}

static void test_firmware_error(void)
{
	for (int call = 1;; call++) {
		reset();
		fake.fail_at = call;
		assert(create("sev", 1, false));
		if (strstr(why.text, "KVM_SEV_LAUNCH_START"))
			break;
	}
	assert(strstr(why.text, "Input/output error, firmware's error 0x16"));
}

int main(void)
{
	test_sev();
	test_snp();
	test_certificates();
	test_tdx();
	test_stuck();
	test_failures("sev");
	test_failures("sev-es");
	test_failures("snp");
	test_failures("tdx");
	test_refused();
	test_leaves();
	test_firmware_error();
	return 0;
}
