/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest with encrypted state asks its host for: one table for each way there, over which go
 * the hooks below and whatever #VC and #VE ask in an instruction's place.
 * Not in it is what differs by more than the way: CPUID, HLT and hypercalls are hooks themselves.
 */
#pragma once

#include "lib/addr.h"
#include "lib/compiler.h"
#include "lib/errno.h"
#include "lib/panic.h"

/* An exception that the host answers with, to be raised where the instruction was. */
struct host_exception {
	u8 vector;
	bool has_error_code;
	u32 error_code;
};

/*
 * Requests: 0, or -E_FAULT when the host answers with an exception, in *e. A malformed answer ends
 * the guest. Any interrupt state; an NMI inside one may make its own.
 */
struct host_requests {
	/* 1, 2 or 4 bytes. */
	int (*io_in)(u16 port, unsigned int size, u32 *value, struct host_exception *e);
	int (*io_out)(u16 port, unsigned int size, u32 value, struct host_exception *e);
	/* @count units of @size bytes, in as few exits as can be. */
	int (*io_in_string)(u16 port, unsigned int size, void *data, size_t count,
			    struct host_exception *e);
	int (*io_out_string)(u16 port, unsigned int size, const void *data, size_t count,
			     struct host_exception *e);
	size_t string_size; /* bytes that one exit takes */
	int (*msr_read)(u32 msr, u64 *value, struct host_exception *e);
	int (*msr_write)(u32 msr, u64 value, struct host_exception *e);
	/* 1, 2, 4 or 8 bytes, not across a page. */
	int (*mmio_read)(pa_t address, unsigned int size, u64 *value, struct host_exception *e);
	int (*mmio_write)(pa_t address, unsigned int size, u64 value, struct host_exception *e);
	int (*wbinvd)(struct host_exception *e);
};

/* Callers' bugs, looked for by each table's functions. */
static inline void host_check_io(unsigned int size) { CHECK(size == 1 || size == 2 || size == 4); }

static inline void host_check_mmio(pa_t address, unsigned int size)
{
	CHECK(size == 1 || size == 2 || size == 4 || size == 8);
	CHECK(address.value % PAGE_SIZE + size <= PAGE_SIZE);
}

extern const struct host_requests ghcb_requests; /* SEV-ES, SNP: ghcb_requests.c */
extern const struct host_requests tdx_requests;  /* TDX: tdx_requests.c */

/*
 * Ways to make KVM's hypercall, all with its own register convention (RAX = number, RBX RCX RDX
 * RSI = arguments, RAX = result, every other register kept): values of the hook `hypercall`, not
 * to be called from C.
 */
void hypercall_early(void);    /* asks which platform this is, every time */
void hypercall_none(void);     /* -KVM_ENOSYS */
void hypercall_vmmcall(void);  /* AMD's instruction */
void hypercall_vmcall(void);   /* Intel's instruction */
void hypercall_ghcb(void);     /* VMMCALL's exit through the GHCB */
void hypercall_tdvmcall(void); /* R10 = number */

/* What the assembly calls. */
void (*hypercall_select(void))(void);
s64 hypercall_by_ghcb(u64 nr, u64 a, u64 b, u64 c, u64 d);
s64 hypercall_by_tdvmcall(u64 nr, u64 a, u64 b, u64 c, u64 d);

/* Hooks of every platform that has a table. Where no instruction could have raised it, an
 * exception from the host ends the guest. */
u32 host_io_in(u16 port, unsigned int size);
void host_io_out(u16 port, unsigned int size, u32 value);
void host_io_in_string(u16 port, void *data, size_t count);
void host_io_out_string(u16 port, const void *data, size_t count);
int host_msr_read(u32 msr, u64 *value);
int host_msr_write(u32 msr, u64 value);
u64 host_mmio_read(pa_t address, unsigned int size);
void host_mmio_write(pa_t address, unsigned int size, u64 value);
void host_wbinvd(void);
