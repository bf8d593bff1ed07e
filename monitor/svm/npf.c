/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See npf.h. What SEV forgives is in lenient.h. In a TD instruction fetches and page-table walks
 * may not be shared at all; a walk through a page that is shared as data goes unseen.
 */
#include "monitor/svm/npf.h"

#include "lib/compiler.h"
#include "monitor/machine/end.h"
#include "monitor/machine/options.h"
#include "monitor/svm/guarded.h"
#include "monitor/svm/host_ops.h"
#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/lenient.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/stop.h"

static __aligned_page u8 zero_page[PAGE_SIZE];

/* In the shared view, executable. */
static void map(struct npt *npt, u64 gpa, u64 size)
{
	u64 first = align_down(gpa, size);

	npt_map(npt, NPT_SHARED, first, page_host(first), size, true, true);
}

static void map_lenient(struct vcpu *v, u64 gpa, enum access_kind kind)
{
	u64 page = align_down(gpa, (u64)PAGE_SIZE);

	page_poison(page, PAGE_SIZE);
	lenient_note(v, page, kind);
	map(v->npt, page, PAGE_SIZE);
}

/*
 * With its neighbours, where one mapping is right for all: else a guest that shares one page of 2M
 * takes a fault for each of the others.
 */
static void map_alike(struct npt *npt, enum npt_view view, u64 gpa)
{
	u64 size, first = page_alike(gpa, &size);

	page_poison(first, size);
	npt_map(npt, view, first, page_host(first), size, !guest.hardware->is_read_only(gpa),
		view == NPT_PRIVATE);
}

/* Everything is the plain guest's but the monitor's memory. */
static void npf_plain(struct vcpu *v, u64 gpa, u64 info)
{
	enum page_class class = page_class(gpa);

	if (page_is_own(gpa))
		stop_crashed(v, "it touched the monitor's memory");
	if (guarded_has(gpa)) {
		guarded_fault(v, gpa, info);
		return;
	}
	if (guest.host->page_fault(v, gpa, info))
		return;
	map(v->npt, gpa, page_class_is_uniform_2m(gpa, class) ? PAGE_2M_SIZE : PAGE_SIZE);
}

/* Behind a firmware image's shared alias there is no flash that could be written: zeroes. */
static bool is_flash(u64 gpa, bool shared, enum access_kind kind)
{
	return shared && kind == ACCESS_READ && guest.lenient & LENIENT_CONVERT &&
	       gpa - guest.rom_gpa < guest.rom_size;
}

static void npf_encrypted(struct vcpu *v, u64 address, u64 info)
{
	bool shared = kind_is_shared(v, address);
	u64 gpa = address & ~v->npt->alias_bit;
	enum access_kind kind = npf_kind(info);

	if (page_class(gpa) == PAGE_DEVICE && shared && kind != ACCESS_WALK &&
	    kind != ACCESS_EXECUTE) {
		guest.hardware->device(v, address, info);
		return;
	}
	if (page_class(gpa) == PAGE_DEVICE && (kind == ACCESS_READ || kind == ACCESS_WRITE) &&
	    guest.lenient & LENIENT_DEVICE) {
		guest.hardware->device(v, address, info);
		return;
	}
	if (page_class(gpa) == PAGE_DEVICE && (kind == ACCESS_READ || kind == ACCESS_WRITE))
		stop_violation(v, VIOLATION_ACCESS_PRIVATE_DEVICE, "gpa=%#lx", gpa);
	if (is_flash(gpa, shared, kind)) {
		npt_map(v->npt, NPT_SHARED, gpa, (u64)zero_page, PAGE_SIZE, false, false);
		return;
	}
	if (!guest.hardware->access(v, address, kind))
		return;
	if (page_class(gpa) == PAGE_DEVICE)
		stop_crashed(v, "it touched a device, or nothing, as its own memory");
	if (guest.host->page_fault(v, gpa, info))
		return;
	if (shared && !guest.hardware->is_shared(gpa))
		map_lenient(v, gpa, kind);
	else
		map_alike(v->npt, shared ? NPT_SHARED : NPT_PRIVATE, gpa);
}

void npf_handle(struct vcpu *v)
{
	u64 info = v->vmcb->control.exit_info_1;
	u64 address = v->vmcb->control.exit_info_2 & ~v->npt->ignored_bit;

	TRACE(v->id, NPF, "gpa=%#lx info=%#lx rip=%#lx", address, info, v->vmcb->save.rip);
	if (guest.hardware->is_encrypted)
		npf_encrypted(v, address, info);
	else
		npf_plain(v, address, info);
}
