/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See host.h.
 */
#include "monitor/host/host.h"

#include "monitor/host/doorbell.h"
#include "monitor/host/ghcb.h"
#include "monitor/host/msr_host.h"
#include "monitor/host/plain.h"
#include "monitor/host/port.h"
#include "monitor/host/port_guard.h"
#include "monitor/host/tdx_host.h"

const struct host_ops host_kvm = {
	.exit = plain_host_exit,
	.vmmcall = plain_vmmcall,
	.msr = msr_host,
	.vmgexit = ghcb_vmgexit,
	.can_tell = doorbell_can_tell,
	.tell = doorbell_tell,
	.tdvmcall = tdx_host_vmcall,
	.mmio_write = mmio_write_or_drop,
	.close_ports = port_guard_close,
};
