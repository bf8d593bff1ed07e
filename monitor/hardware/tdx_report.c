/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measurement registers of a TD: TDG.MR.RTMR.EXTEND, TDG.MR.REPORT and TDG.MR.VERIFYREPORT.
 * Spec: TDX-ABI 5.5 (leaves).
 */
#include "lib/compiler.h"
#include "lib/string.h"
#include "lib/sha384.h"
#include "monitor/hardware/tdx_td.h"

static struct tdx_result finish(struct tdx_call *call, u64 status)
{
	call->gpr[TDX_RAX] = status;
	return (struct tdx_result){ 0 };
}

bool tdx_buffer_ok(struct tdx_call *call, u64 gpa, u64 size, enum access_kind kind, u32 operand,
		   struct tdx_result *result)
{
	if (!is_aligned(gpa, size) || !tdx_gpa_valid(call->td, gpa, size)) {
		*result = finish(call, TDX_OPERAND_INVALID | operand);
		return false;
	}
	*result = tdx_access(call->td, gpa, kind);
	return result->outcome == TDX_OUTCOME_RESUME;
}

static int buffer_read(struct tdx_call *call, u64 gpa, void *data, size_t size)
{
	return call->td->machine->read(call->context, gpa & ~tdx_shared_mask(call->td), data, size);
}

struct tdx_result tdx_rtmr_extend(struct tdx_call *call)
{
	u64 gpa = call->gpr[TDX_RCX], index = call->gpr[TDX_RDX];
	struct tdx_result result;
	struct sha384 sha;
	u8 data[TDX_HASH_SIZE];
	u8 *rtmr;

	if (gpa & tdx_shared_mask(call->td))
		return finish(call, TDX_OPERAND_INVALID | TDX_OPERAND_RCX);
	if (!tdx_buffer_ok(call, gpa, TDX_RTMR_ALIGNMENT, ACCESS_READ, TDX_OPERAND_RCX, &result))
		return result;
	if (index >= TDX_RTMR_COUNT)
		return finish(call, TDX_OPERAND_INVALID | TDX_OPERAND_RDX);
	if (buffer_read(call, gpa, data, sizeof(data)))
		return finish(call, TDX_OPERAND_INVALID | TDX_OPERAND_RCX);
	rtmr = call->td->info.rtmr[index];
	sha384_init(&sha);
	sha384_update(&sha, rtmr, TDX_HASH_SIZE);
	sha384_update(&sha, data, sizeof(data));
	sha384_final(&sha, rtmr);
	return finish(call, TDX_SUCCESS);
}

struct tdx_result tdx_report(struct tdx_call *call)
{
	u64 to = call->gpr[TDX_RCX], from = call->gpr[TDX_RDX];
	u8 data[TDX_REPORT_DATA_SIZE];
	struct tdx_report report;
	struct tdx_result result;

	if (!is_aligned(to, TDX_REPORT_SIZE))
		return finish(call, TDX_OPERAND_INVALID | TDX_OPERAND_RCX);
	if (!tdx_buffer_ok(call, from, sizeof(data), ACCESS_READ, TDX_OPERAND_RDX, &result))
		return result;
	if (call->gpr[TDX_R8])
		return finish(call, TDX_OPERAND_INVALID | TDX_OPERAND_R8);
	if (!tdx_buffer_ok(call, to, sizeof(report), ACCESS_WRITE, TDX_OPERAND_RCX, &result))
		return result;
	if (buffer_read(call, from, data, sizeof(data)))
		return finish(call, TDX_OPERAND_INVALID | TDX_OPERAND_RDX);
	memset(&report, 0, sizeof(report)); /* version 0: no service TD is bound */
	report.td = call->td->info;
	memcpy(report.mac.report_data, data, sizeof(data));
	tdx_report_complete(call->td->platform, &report);
	if (call->td->machine->write(call->context, to & ~tdx_shared_mask(call->td), &report,
				     sizeof(report)))
		return finish(call, TDX_OPERAND_INVALID | TDX_OPERAND_RCX);
	return finish(call, TDX_SUCCESS);
}

struct tdx_result tdx_mr_verifyreport(struct tdx_call *call)
{
	u64 gpa = call->gpr[TDX_RCX];
	struct tdx_report_mac report;
	struct tdx_result result;

	if (gpa & tdx_shared_mask(call->td))
		return finish(call, TDX_OPERAND_INVALID | TDX_OPERAND_RCX);
	if (!tdx_buffer_ok(call, gpa, sizeof(report), ACCESS_READ, TDX_OPERAND_RCX, &result))
		return result;
	if (buffer_read(call, gpa, &report, sizeof(report)))
		return finish(call, TDX_OPERAND_INVALID | TDX_OPERAND_RCX);
	return finish(call, tdx_report_verify(call->td->platform, &report));
}
