/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dispatcher: finds a command, reads its buffer, and writes it back. See psp.h.
 */
#include "lib/compiler.h"
#include "lib/string.h"
#include "monitor/hardware/psp/firmware.h"

struct command {
	const char *name;
	psp_handler_t handler;
	u32 id;
	u8 size;
	u8 buffer;
};

static const struct command commands[] = {
#define PSP_COMMAND(id, name, handler, size, buffer) { #name, psp_##handler, id, size, buffer },
#include "monitor/hardware/psp/commands.def"
#undef PSP_COMMAND
};

/* As long as the longest of them. */
union any_buffer {
#define PSP_COMMAND(id, name, handler, size, buffer) u8 name[(size) ? (size) : 1];
#include "monitor/hardware/psp/commands.def"
#undef PSP_COMMAND
};
_Static_assert(sizeof(union any_buffer) <= sizeof(union psp_buffer),
	       "a command's buffer is longer");

static const struct command *find(u32 id)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (commands[i].id == id)
			return &commands[i];
	return NULL;
}

const char *psp_command_name(u32 id)
{
	const struct command *command = find(id);

	return command ? command->name : NULL;
}

void psp_init(struct psp *psp, const struct psp_machine *machine)
{
	memset(psp, 0, sizeof(*psp));
	psp->machine = machine;
	psp->platform = *machine->platform;
}

u32 psp_read(struct psp *psp, u64 pa, u32 asid, void *buffer, u64 size)
{
	const struct psp_machine *m = psp->machine;

	pa &= ~m->cbit;
	return m->read(m->context, pa, asid, buffer, size) ? PSP_SUCCESS : PSP_INVALID_ADDRESS;
}

u32 psp_write(struct psp *psp, u64 pa, u32 asid, const void *buffer, u64 size)
{
	const struct psp_machine *m = psp->machine;

	pa &= ~m->cbit;
	return m->write(m->context, pa, asid, buffer, size) ? PSP_SUCCESS : PSP_INVALID_ADDRESS;
}

static bool is_enforced(const struct psp *psp, const struct command *command)
{
	return command->buffer & PSP_OUT && psp->snp_state == SNP_STATE_INIT;
}

/* A buffer that was written goes back to the host: SNP-FW 4.4 */
static void give_back(struct psp *psp, u64 address)
{
	struct psp_page page;

	if (!psp_page_get(psp, address, &page) && page.state == PSP_PAGE_FIRMWARE)
		psp_page_release(psp, &page, 0, page.was.hi);
}

static u32 run(struct psp *psp, const struct command *command, u64 address)
{
	union psp_buffer buffer;
	u32 status = PSP_SUCCESS;

	memset(&buffer, 0, sizeof(buffer));
	if (command->buffer & PSP_IN)
		status = psp_read(psp, address, 0, &buffer, command->size);
	if (!status)
		status = command->handler(psp, &buffer);
	if (command->buffer & PSP_OUT &&
	    (!status || (command->buffer & PSP_LENGTH && status == PSP_INVALID_LENGTH)) &&
	    psp_write(psp, address, 0, &buffer, command->size))
		status = PSP_INVALID_ADDRESS;
	return status;
}

u32 psp_command(struct psp *psp, u32 id, u64 address)
{
	const struct command *command = find(id);
	bool enforced;
	u32 status;

	if (!command)
		return PSP_INVALID_COMMAND;
	enforced = is_enforced(psp, command);
	if (enforced) {
		status = psp_writable(psp, address, command->size);
		if (status)
			return status;
	}
	status = run(psp, command, address);
	if (enforced)
		give_back(psp, address);
	return status;
}

u32 psp_unsupported(struct psp *psp, union psp_buffer *cmd)
{
	(void)psp;
	(void)cmd;
	return PSP_UNSUPPORTED;
}

u32 psp_nop(struct psp *psp, union psp_buffer *cmd)
{
	(void)psp;
	(void)cmd;
	return PSP_SUCCESS;
}
