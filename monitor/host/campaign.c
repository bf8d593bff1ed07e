/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See campaign.h.
 */
#include "monitor/host/campaign.h"

#include "abi/tdx.h"
#include "lib/compiler.h"
#include "lib/format.h"
#include "lib/log.h"
#include "monitor/hardware/tdx_td.h"
#include "monitor/host/doing.h"
#include "monitor/host/ghcb_scratch.h"
#include "monitor/host/leak.h"
#include "monitor/host/state.h"
#include "monitor/machine/end.h"
#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/smp.h"

/* Of a processor: more than a guest's patience, as inject=cpu-start-late has it. */
#define LATEST U64_C(14000000000)

bool campaigning;

static struct points points;
static bool counting; /* the option `points` */
static u32 budget;    /* requests since the last lie */
static u64 since_lie; /* ... so far */
static bool has_lied;

static void told(const struct lie *lie, u64 occurrence, u64 honest, u64 said)
{
	has_lied = true;
	since_lie = 0;
	if (tracing) {
		char text[160];

		format(text, sizeof(text), "point=%s/%s n=%#lx honest=%#lx said=%#lx",
		       point_field_name(lie->field), point_request_name(lie->request), occurrence,
		       honest, said);
		transcript_apart(&transcript, 0, EVENT_LIE, text);
	}
}

static void (*last_lines_before)(void);

/* Where a second writer can write: the shared pages, by runs of them. */
static void tell_shared(void)
{
	const struct hvm_memmap_entry *e = guest.map.entries;
	u64 run = 0;
	char text[96];

	for (; e < guest.map.entries + guest.map.count; e++)
		for (u64 at = e->addr; e->type == HVM_MEMMAP_RAM && at <= e->addr + e->size;
		     at += PAGE_SIZE) {
			bool shared = at < e->addr + e->size && guest.hardware->is_shared(at);

			if (shared) {
				run += PAGE_SIZE;
			} else if (run) {
				format(text, sizeof(text), "shared=%#lx size=%#lx", at - run, run);
				transcript_apart(&transcript, 0, EVENT_POINT, text);
				run = 0;
			}
		}
}

/* The field is that of the group's first; what occurs is the request. */
static void last_lines(void)
{
	static const char *const groups[] = {
		[POINT_GHCB] = "ghcb",     [POINT_MSR] = "msr",       [POINT_TD] = "td",
		[POINT_DEVICE] = "device", [POINT_STRING] = "string", [POINT_ANY] = "any",
		[POINT_PAGE] = "page",     [POINT_CPU] = "cpu",
	};
	char text[96];

	leak_look_everywhere();
	if (last_lines_before)
		last_lines_before();
	if (counting)
		tell_shared();
	for (unsigned int i = 0; counting && i < POINT_REQUEST_COUNT; i++) {
		if (!points.seen[i])
			continue;
		format(text, sizeof(text), "group=%s request=%s count=%#lx",
		       groups[point_request_group(i)], point_request_name(i), points.seen[i]);
		transcript_apart(&transcript, 0, EVENT_POINT, text);
	}
}

int campaign_init(const struct options *o)
{
	points = (struct points){ .told = told };
	for (unsigned int i = 0; i < o->lie_count; i++) {
		int error = points_add(&points, o->lies[i].text, o->lies[i].length);
		char text[64];

		if (!error)
			continue;
		format(text, sizeof(text), "%.*s", (int)o->lies[i].length, o->lies[i].text);
		log_error("lie=%s: %s", text,
			  error == -E_NOSPC ? "too many lies" : "no point of an answer says so");
		return -E_INVAL;
	}
	if ((o->lie_count || o->points || o->secrets) && guest.hardware->is_state_open) {
		log_error("lie=, points and secrets are for an SEV-ES or SNP guest or a TD");
		return -E_INVAL;
	}
	budget = o->budget;
	counting = o->points;
	campaigning = counting || points.lie_count || o->secrets;
	if (o->secrets)
		leak_init();
	if (campaigning && tracing && end_last_lines != last_lines) {
		last_lines_before = end_last_lines;
		end_last_lines = last_lines;
	}
	return 0;
}

/* A guest that was lied to and asks for ever has not ended by itself. */
static void count_request(struct vcpu *v)
{
	since_lie++;
	if (!has_lied || !budget || since_lie <= budget)
		return;
	end_begin();
	log_error("campaign: hang: %u requests since the last lie, at rip=%#lx", budget,
		  v->vmcb->save.rip);
	end_run(EXIT_CODE_PANIC);
}

/* ---- what is done */

static void do_now(struct vcpu *v, struct lie *lie)
{
	u64 before, after;

	if (doing_do(v, lie, &before, &after))
		points_done(&points, lie, before, after);
}

/* Behind a request; what comes instructions later, one at a time. */
static void do_due(struct vcpu *v, enum point_request request)
{
	struct lie *lie;

	points_see(&points, request);
	for (unsigned int i = 0; (lie = points_due(&points, request, &i));) {
		if (!lie->steps)
			do_now(v, lie);
		if (!lie->steps || v->steps)
			continue;
		v->steps = lie->steps;
		v->host->stepped = lie;
	}
}

void campaign_stepped(struct vcpu *v) { do_now(v, v->host->stepped); }

/* A host without pages of its guest's takes none: what it does to an SEV-ES guest's is not told. */
static bool has_pages(void) { return !guest.hardware->is_cipher; }

static void after_request(struct vcpu *v)
{
	do_due(v, POINT_ANY_REQUEST);
	if (has_pages())
		do_due(v, POINT_PAGE_REQUEST);
	count_request(v);
}

void campaign_start(struct vcpu *v)
{
	if (!campaigning)
		return;
	do_due(v, POINT_ANY_START);
	if (has_pages())
		do_due(v, POINT_PAGE_START);
}

bool campaign_starts_processor(struct vcpu *v)
{
	u64 late;

	points_see(&points, POINT_CPU_START);
	if (points_tell(&points, POINT_CPU_NEVER, POINT_CPU_START, 0))
		return false;
	late = points_tell(&points, POINT_CPU_LATE, POINT_CPU_START, 0);
	if (late)
		smp_pause(v, late < LATEST ? late : LATEST);
	return true;
}

/* ---- by page */

static enum point_request page_request_of(u64 code, u64 info_1)
{
	bool string = info_1 & IOIO_TYPE_STR, in = info_1 & IOIO_TYPE_IN;

	switch (code) {
	case SVM_EXIT_CPUID: return POINT_GHCB_CPUID;
	case SVM_EXIT_IOIO:
		if (string)
			return in ? POINT_GHCB_STRING_IN : POINT_GHCB_STRING_OUT;
		return in ? POINT_GHCB_PORT_IN : POINT_GHCB_PORT_OUT;
	case SVM_EXIT_MSR: return info_1 ? POINT_GHCB_MSR_WRITE : POINT_GHCB_MSR_READ;
	case SVM_EXIT_VMMCALL: return POINT_GHCB_VMMCALL;
	case SVM_EXIT_RDTSC:
	case SVM_EXIT_RDTSCP: return POINT_GHCB_RDTSC;
	case SVM_VMGEXIT_MMIO_READ: return POINT_GHCB_MMIO_READ;
	case SVM_VMGEXIT_MMIO_WRITE: return POINT_GHCB_MMIO_WRITE;
	case SVM_VMGEXIT_NMI_COMPLETE: return POINT_GHCB_NMI_COMPLETE;
	case SVM_VMGEXIT_AP_HLT_LOOP: return POINT_GHCB_AP_HLT_LOOP;
	case SVM_VMGEXIT_AP_JUMP_TABLE: return POINT_GHCB_AP_JUMP_TABLE;
	case SVM_VMGEXIT_PSC: return POINT_GHCB_PSC;
	case SVM_VMGEXIT_GUEST_REQUEST: return POINT_GHCB_GUEST_REQUEST;
	case SVM_VMGEXIT_EXT_GUEST_REQUEST: return POINT_GHCB_EXT_GUEST_REQUEST;
	case SVM_VMGEXIT_AP_CREATION: return POINT_GHCB_AP_CREATION;
	case SVM_VMGEXIT_HV_DOORBELL_PAGE: return POINT_GHCB_HV_DOORBELL_PAGE;
	case SVM_VMGEXIT_APIC_ID_LIST: return POINT_GHCB_APIC_ID_LIST;
	case SVM_VMGEXIT_HV_FEATURES: return POINT_GHCB_HV_FEATURES;
	default: return POINT_GHCB_OTHER;
	}
}

/* The first words of the shared buffer, where the request has one. */
static void tell_buffer(const struct ghcb_request *r, enum point_request request)
{
	u64 *words;

	if (!points_has(&points, POINT_GHCB_BUFFER, request) &&
	    !points_has(&points, POINT_GHCB_ENTRY, request))
		return;
	words = (u64 *)r->page->shared_buffer;
	WRITE_ONCE(words[0], points_tell(&points, POINT_GHCB_BUFFER, request, READ_ONCE(words[0])));
	WRITE_ONCE(words[1], points_tell(&points, POINT_GHCB_ENTRY, request, READ_ONCE(words[1])));
}

void campaign_page(struct vcpu *v, const struct ghcb_request *r, u64 code, u64 info_1)
{
	enum point_request request = page_request_of(code, info_1);
	struct ghcb_save_area *s = &r->ghcb->save;
	u64 valid[2];

	leak_look(v, "the GHCB", (const volatile u64 *)r->page, PAGE_SIZE / sizeof(u64));
	points_see(&points, request);
	__builtin_memcpy(valid, s->valid_bitmap, sizeof(valid));
	s->rax = points_tell(&points, POINT_GHCB_RAX, request, s->rax);
	s->rbx = points_tell(&points, POINT_GHCB_RBX, request, s->rbx);
	s->rcx = points_tell(&points, POINT_GHCB_RCX, request, s->rcx);
	s->rdx = points_tell(&points, POINT_GHCB_RDX, request, s->rdx);
	s->sw_exit_info_1 = points_tell(&points, POINT_GHCB_INFO1, request, s->sw_exit_info_1);
	s->sw_exit_info_2 = points_tell(&points, POINT_GHCB_INFO2, request, s->sw_exit_info_2);
	valid[0] = points_tell(&points, POINT_GHCB_VALID_LOW, request, valid[0]);
	valid[1] = points_tell(&points, POINT_GHCB_VALID_HIGH, request, valid[1]);
	__builtin_memcpy(s->valid_bitmap, valid, sizeof(valid));
	tell_buffer(r, request);
	after_request(v);
}

/* ---- by MSR */

static enum point_request msr_request_of(u64 request)
{
	switch (ghcb_msr_info(request)) {
	case GHCB_MSR_SEV_INFO_REQ: return POINT_MSR_SEV_INFO;
	case GHCB_MSR_CPUID_REQ: return POINT_MSR_CPUID;
	case GHCB_MSR_AP_RESET_HOLD_REQ: return POINT_MSR_AP_RESET_HOLD;
	case GHCB_MSR_PREFERRED_GPA_REQ: return POINT_MSR_PREFERRED_GPA;
	case GHCB_MSR_REGISTER_GPA_REQ: return POINT_MSR_REGISTER_GPA;
	case GHCB_MSR_PSC_REQ: return POINT_MSR_PSC;
	case GHCB_MSR_HV_FEATURES_REQ: return POINT_MSR_HV_FEATURES;
	default: return POINT_MSR_OTHER;
	}
}

u64 campaign_msr(struct vcpu *v, u64 request, u64 response)
{
	enum point_request class = msr_request_of(request);
	u64 code, data;

	leak_look(v, "the GHCB's MSR", &request, 1);
	points_see(&points, class);
	code = points_tell(&points, POINT_MSR_CODE, class, response & GHCB_MSR_INFO_MASK);
	data = points_tell(&points, POINT_MSR_DATA, class, response >> PAGE_SHIFT);
	after_request(v);
	return data << PAGE_SHIFT | (code & GHCB_MSR_INFO_MASK);
}

/* ---- of a TD */

static enum point_request td_request_of(const struct tdx_vmcall *r)
{
	bool write = r->args[1] == TDVMCALL_WRITE;

	if (r->action == TDX_VMCALL_HYPERCALL)
		return POINT_TD_VMCALL;
	switch (r->function) {
	case TDVMCALL_CPUID: return POINT_TD_CPUID;
	case TDVMCALL_HLT: return POINT_TD_HLT;
	case TDVMCALL_IO: return write ? POINT_TD_PORT_OUT : POINT_TD_PORT_IN;
	case TDVMCALL_RDMSR: return POINT_TD_MSR_READ;
	case TDVMCALL_WRMSR: return POINT_TD_MSR_WRITE;
	case TDVMCALL_MMIO: return write ? POINT_TD_MMIO_WRITE : POINT_TD_MMIO_READ;
	case TDVMCALL_GET_TD_VM_CALL_INFO: return POINT_TD_CALL_INFO;
	case TDVMCALL_MAP_GPA: return POINT_TD_MAP_GPA;
	case TDVMCALL_GET_QUOTE: return POINT_TD_GET_QUOTE;
	case TDVMCALL_SETUP_EVENT_NOTIFY: return POINT_TD_EVENT_NOTIFY;
	default: return POINT_TD_OTHER;
	}
}

void campaign_tdvmcall(struct vcpu *v, const struct tdx_vmcall *r, u64 *gpr)
{
	enum point_request request = td_request_of(r);

	for (unsigned int i = TDX_RDX; i < TDX_GPR_COUNT; i++)
		if (gpr[TDX_RCX] & BIT(i))
			leak_look(v, "a TDVMCALL's registers", &gpr[i], 1);
	points_see(&points, request);
	for (unsigned int i = 0; i <= TDX_R15 - TDX_R10; i++)
		gpr[TDX_R10 + i] = points_tell(&points, (enum point_field)(POINT_TD_R10 + i),
					       request, gpr[TDX_R10 + i]);
	after_request(v);
}

/* ---- devices */

struct port_range {
	u16 first, last;
	enum point_request request;
};

static const struct port_range port_ranges[] = {
	{ 0x20, 0x21, POINT_DEVICE_PIC },      { 0xa0, 0xa1, POINT_DEVICE_PIC },
	{ 0x40, 0x43, POINT_DEVICE_PIT },      { 0x70, 0x71, POINT_DEVICE_RTC },
	{ 0x3f8, 0x3ff, POINT_DEVICE_UART },   { 0xcf8, 0xcff, POINT_DEVICE_PCI },
	{ 0x510, 0x51b, POINT_DEVICE_FW_CFG }, { 0x608, 0x60b, POINT_DEVICE_PM_TIMER },
};

static enum point_request port_request_of(u16 port)
{
	for (unsigned int i = 0; i < array_count(port_ranges); i++)
		if (port >= port_ranges[i].first && port <= port_ranges[i].last)
			return port_ranges[i].request;
	return POINT_DEVICE_PORT;
}

u32 campaign_port(u16 port, u32 value)
{
	enum point_request request = port_request_of(port);

	points_see(&points, request);
	return (u32)points_tell(&points, POINT_READ, request, value);
}

u64 campaign_mmio(u64 gpa, u64 value)
{
	enum point_request request = POINT_DEVICE_MMIO;

	switch (gpa >> PAGE_SHIFT) {
	case APIC_BASE_DEFAULT >> PAGE_SHIFT: request = POINT_DEVICE_APIC; break;
	case 0xfec00: request = POINT_DEVICE_IO_APIC; break;
	case 0xfed00: request = POINT_DEVICE_HPET; break;
	default: break;
	}
	points_see(&points, request);
	return points_tell(&points, POINT_READ, request, value);
}

void campaign_bytes(u16 port, u8 *data, u64 count)
{
	enum point_request request = port_request_of(port) == POINT_DEVICE_FW_CFG
					     ? POINT_STRING_FW_CFG
					     : POINT_STRING_PORT;

	for (u64 i = 0; i < count; i++) {
		points_see(&points, request);
		data[i] = (u8)points_tell(&points, POINT_BYTE, request, data[i]);
	}
}
