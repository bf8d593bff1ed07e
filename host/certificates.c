/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See certificates.h.
 */
#include "host/certificates.h"

#include <errno.h>
#include <string.h>

#include "host/convert.h"
#include "host/kvm_uapi.h"
#include "host/vm_sev.h"

int certificates_enable(struct machine *m, struct why *why)
{
	int error;

	if (!m->certificates)
		return 0;
	error = sev_command(m, HOST_SNP_ENABLE_REQ_CERTS, NULL, "KVM_SEV_SNP_ENABLE_REQ_CERTS",
			    why);
	return error == -EINVAL ? why_set(why, error,
					  "--certificates: this KVM does not ask for them: it "
					  "needs Linux 7.0 or newer")
				: error;
}

/* How KVM is to answer the guest. */
static u64 give(struct machine *m, struct host_snp_req_certs *r)
{
	u64 page_count = align_up(m->certificates_size, PAGE_SIZE) >> PAGE_SHIFT;
	u64 size = page_count << PAGE_SHIFT;
	u8 *to;

	if (r->npages < page_count) {
		r->npages = page_count;
		return ENOSPC;
	}
	to = memory_shared(&m->memory, r->gpa, size);
	if (!to || !convert_is(&m->memory, r->gpa, size, false))
		return EIO;
	memcpy(to, m->certificates, m->certificates_size);
	memset(to + m->certificates_size, 0, size - m->certificates_size);
	return 0;
}

void certificates_exit(struct machine *m, struct vcpu *v)
{
	struct host_snp_req_certs r;
	u64 asked;

	memcpy(&r, v->run->padding, sizeof(r));
	asked = r.npages;
	r.ret = give(m, &r);
	memcpy(v->run->padding, &r, sizeof(r));
	transcript_line(&m->trace, v->index, EVENT_VMGEXIT,
			"code=0x80000012 gpa=%#lx pages=%#lx needed=%#lx result=%#lx", r.gpa, asked,
			r.npages, r.ret);
}
