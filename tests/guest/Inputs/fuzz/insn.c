/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases of fuzz.h by instruction bytes: those that a monitor intercepts, with any prefixes and
 * operands, in kernel mode; and any bytes at all in user mode. At the end of a page too, in front
 * of one that is not there.
 */
#include "fuzz.h"
#include "sandbox.h"

#include "abi/ghcb.h"
#include "abi/x86.h"
#include "early/entry.h"
#include "early/platform.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/format.h"
#include "lib/log.h"
#include "lib/string.h"
#include "paravirt/pv_ops.h"

#define INSN_MAX 15
#define INT3     0xcc
#define DR7_GD   0x2000

enum operand {
	NONE,
	MSR_READ,
	MSR_WRITE,
	PORT_READ,
	PORT_WRITE,
	PORT_IN_IMMEDIATE,
	PORT_OUT_IMMEDIATE,
	STRING_IN,
	STRING_OUT,
	CR,     /* ModRM of a move to a control register */
	DR,     /* ... debug register */
	FROM,   /* ... from either */
	XCR,    /* RCX is its number */
	PAGE,   /* RAX is a page of the arena */
	CALL,   /* RAX is a hypercall's number */
	MEMORY, /* ModRM of memory */
	REGISTER,
};

struct form {
	u8 length;
	u8 bytes[5]; /* without ModRM */
	enum operand operand;
};

static const struct form forms[] = {
	{ 2, { 0x0f, 0xa2 }, NONE }, /* CPUID */
	{ 2, { 0x0f, 0xa2 }, NONE },
	{ 2, { 0x0f, 0x32 }, MSR_READ },
	{ 2, { 0x0f, 0x32 }, MSR_READ },
	{ 2, { 0x0f, 0x30 }, MSR_WRITE },
	{ 2, { 0x0f, 0x30 }, MSR_WRITE },
	{ 2, { 0x0f, 0x30 }, MSR_WRITE },
	{ 1, { 0xec }, PORT_READ },
	{ 1, { 0xed }, PORT_READ },
	{ 1, { 0xee }, PORT_WRITE },
	{ 1, { 0xef }, PORT_WRITE },
	{ 1, { 0xe4 }, PORT_IN_IMMEDIATE },
	{ 1, { 0xe5 }, PORT_IN_IMMEDIATE },
	{ 1, { 0xe6 }, PORT_OUT_IMMEDIATE },
	{ 1, { 0xe7 }, PORT_OUT_IMMEDIATE },
	{ 1, { 0x6c }, STRING_IN },
	{ 1, { 0x6d }, STRING_IN },
	{ 1, { 0x6e }, STRING_OUT },
	{ 1, { 0x6f }, STRING_OUT },
	{ 2, { 0xf3, 0x90 }, NONE },       /* PAUSE */
	{ 2, { 0x0f, 0x31 }, NONE },       /* RDTSC */
	{ 3, { 0x0f, 0x01, 0xf9 }, NONE }, /* RDTSCP */
	{ 2, { 0x0f, 0x33 }, NONE },       /* RDPMC */
	{ 2, { 0x0f, 0x08 }, NONE },       /* INVD */
	{ 2, { 0x0f, 0x09 }, NONE },       /* WBINVD */
	{ 1, { 0xf4 }, NONE },             /* HLT */
	{ 3, { 0x0f, 0x01, 0xc8 }, NONE }, /* MONITOR */
	{ 3, { 0x0f, 0x01, 0xc9 }, NONE }, /* MWAIT */
	{ 3, { 0x0f, 0x01, 0xd0 }, NONE }, /* XGETBV */
	{ 3, { 0x0f, 0x01, 0xd1 }, XCR },  /* XSETBV */
	{ 3, { 0x0f, 0x01, 0xd1 }, XCR },
	{ 2, { 0x0f, 0x06 }, NONE },       /* CLTS */
	{ 3, { 0x0f, 0x01, 0xf0 }, NONE }, /* LMSW EAX */
	{ 3, { 0x0f, 0x01, 0xd8 }, NONE }, /* VMRUN */
	{ 3, { 0x0f, 0x01, 0xda }, NONE }, /* VMLOAD */
	{ 3, { 0x0f, 0x01, 0xdb }, NONE }, /* VMSAVE */
	{ 3, { 0x0f, 0x01, 0xdc }, NONE }, /* STGI */
	{ 3, { 0x0f, 0x01, 0xdd }, NONE }, /* CLGI */
	{ 3, { 0x0f, 0x01, 0xde }, NONE }, /* SKINIT */
	{ 3, { 0x0f, 0x01, 0xdf }, NONE }, /* INVLPGA */
	{ 3, { 0x0f, 0x01, 0xfe }, PAGE }, /* INVLPGB */
	{ 3, { 0x0f, 0x01, 0xff }, PAGE }, /* TLBSYNC */
	{ 3, { 0x0f, 0x01, 0xd9 }, CALL }, /* VMMCALL */
	{ 3, { 0x0f, 0x01, 0xd9 }, CALL },
	{ 3, { 0x0f, 0x01, 0xc1 }, CALL },       /* VMCALL */
	{ 3, { 0x0f, 0x01, 0xc2 }, NONE },       /* VMLAUNCH */
	{ 4, { 0x66, 0x0f, 0x01, 0xcf }, NONE }, /* SEAMCALL */
	{ 4, { 0xf2, 0x0f, 0x01, 0xff }, PAGE }, /* PVALIDATE */
	{ 4, { 0xf2, 0x0f, 0x01, 0xff }, PAGE },
	{ 4, { 0xf3, 0x0f, 0x01, 0xfe }, PAGE }, /* RMPADJUST */
	{ 4, { 0xf3, 0x0f, 0x01, 0xfd }, PAGE }, /* RMPQUERY */
	{ 4, { 0xf2, 0x0f, 0x01, 0xfe }, PAGE }, /* RMPUPDATE */
	{ 4, { 0xf3, 0x0f, 0x01, 0xff }, PAGE }, /* PSMASH */
	{ 2, { 0x0f, 0x22 }, CR },
	{ 2, { 0x0f, 0x22 }, CR },
	{ 2, { 0x0f, 0x22 }, CR },
	{ 2, { 0x0f, 0x23 }, DR },
	{ 2, { 0x0f, 0x20 }, FROM },
	{ 2, { 0x0f, 0x21 }, FROM },
	{ 2, { 0x0f, 0x0b }, NONE }, /* UD2 */
	{ 1, { INT3 }, NONE },
	{ 2, { 0xcd, 0x80 }, NONE },
	{ 2, { 0xcd, 0x1d }, NONE },       /* INT of #VC's vector */
	{ 2, { 0x0f, 0x37 }, NONE },       /* GETSEC */
	{ 3, { 0x0f, 0x01, 0xf8 }, NONE }, /* SWAPGS */
	{ 1, { 0x88 }, MEMORY },           /* stores and loads */
	{ 1, { 0x89 }, MEMORY },
	{ 1, { 0x89 }, MEMORY },
	{ 1, { 0x8a }, MEMORY },
	{ 1, { 0x8b }, MEMORY },
	{ 1, { 0xc6 }, MEMORY },
	{ 1, { 0xc7 }, MEMORY },
	{ 1, { 0x31 }, MEMORY },
	{ 1, { 0x87 }, MEMORY },
	{ 2, { 0x0f, 0xb6 }, MEMORY },
	{ 2, { 0x0f, 0xc3 }, MEMORY }, /* MOVNTI */
	{ 2, { 0x0f, 0x11 }, MEMORY }, /* MOVUPS */
};

struct code {
	u8 bytes[INSN_MAX + 1];
	unsigned int length;
};

static void add(struct code *c, u8 byte)
{
	if (c->length < INSN_MAX)
		c->bytes[c->length++] = byte;
}

static void add_prefixes(struct fuzz *f, struct code *c)
{
	static const u8 prefixes[] = { 0x66, 0x67, 0x2e, 0x36, 0x3e, 0x26,
				       0x64, 0xf2, 0xf3, 0xf0, 0x3e };
	u64 count = fuzz_one_in(f, 2) ? 0 : fuzz_below(f, 4);

	if (fuzz_one_in(f, 64))
		count = fuzz_below(f, 15);
	while (count--)
		add(c, fuzz_pick(f, prefixes));
}

/* A register's number in ModRM, with a REX prefix before the opcode if it is one of the upper. */
static void add_form(struct fuzz *f, struct code *c, const struct form *form)
{
	bool mandatory = form->bytes[0] == 0x66 || form->bytes[0] >= 0xf2;
	unsigned int i = 0;

	if (mandatory && form->length > 1)
		add(c, form->bytes[i++]);
	if (fuzz_one_in(f, 3))
		add(c, 0x40 | (u8)fuzz_below(f, 16));
	for (; i < form->length; i++)
		add(c, form->bytes[i]);
}

/* Its base is a register that holds a place in the window; RIP and absolute places are not. */
static void add_memory(struct fuzz *f, struct code *c)
{
	static const u8 bases[] = { 3, 5, 6, 7 };
	u8 mod = (u8)fuzz_below(f, 3), reg = (u8)fuzz_below(f, 8), rm = fuzz_pick(f, bases);
	bool sib = fuzz_one_in(f, 4);

	if (rm == 5 && !mod)
		mod = 1;
	if (c->length && c->bytes[c->length - 1] >= 0xc6) /* MOV is /0 */
		reg = 0;
	add(c, mod << 6 | reg << 3 | (sib ? 4 : rm));
	if (sib)
		add(c, (u8)fuzz_below(f, 4) << 6 | 4 << 3 | rm); /* no index */
	for (int i = 0; i < (mod == 1 ? 1 : mod == 2 ? 4 : 0); i++)
		add(c, i ? 0 : (u8)fuzz_random(f)); /* not as far as the tables */
	for (int i = 0; i < 4; i++)                 /* an immediate, of some */
		add(c, (u8)fuzz_random(f));
}

/* Nowhere in this guest's memory, in kernel mode. */
static u64 harmless(struct fuzz *f)
{
	u64 value = fuzz_number(f);

	if (fuzz_one_in(f, 3))
		return f->window + fuzz_below(f, (FUZZ_SLOTS - 1) * PAGE_SIZE - 300);
	return value >= PAGE_SIZE && value < f->ram_end ? value | BIT(44) : value;
}

static void draw_registers(struct fuzz *f, struct trap_frame *r)
{
	u64 *words = (u64 *)r;

	for (unsigned int i = 0; i < TF_VECTOR / sizeof(u64); i++)
		words[i] = harmless(f);
	r->rbx = r->rbp = r->rsi = r->rdi =
		f->window + fuzz_below(f, (FUZZ_SLOTS - 1) * PAGE_SIZE - 300);
	r->rsp = harmless(f);
}

static void put(u64 *low, u64 *high, u64 value)
{
	*low = (u32)value;
	*high = value >> 32;
}

/* What there is of it, and what is reserved: most of the upper half. */
static u64 any_bits(struct fuzz *f, u64 old)
{
	switch (fuzz_below(f, 8)) {
	case 0: return old ^ BIT(fuzz_below(f, 64));
	case 1: return old ^ (u32)(fuzz_random(f) & fuzz_random(f) & fuzz_random(f));
	case 2: return fuzz_number(f);
	default: return old ^ BIT(fuzz_below(f, 32));
	}
}

/* What processors refuse is written too. CR3 stays where this guest's tables are. */
static u64 control_value(struct fuzz *f, unsigned int cr)
{
	switch (cr) {
	case 0: return any_bits(f, read_cr0());
	case 3: return read_cr3() ^ (BIT(fuzz_below(f, 64)) & (PTE_PWT | PTE_PCD | ~PTE_ADDR_MASK));
	case 4: return any_bits(f, read_cr4());
	default: return fuzz_number(f);
	}
}

/*
 * No breakpoint on what this guest itself runs; lengths and reserved bits. Not general detect: 11.1
 * of QEMU leaves it set behind another #DB, which is then the handler's end.
 */
static u64 debug_value(struct fuzz *f, unsigned int dr)
{
	return dr < 4               ? harmless(f)
	       : dr == 7 || dr == 5 ? any_bits(f, 0x400) & ~(u64)DR7_GD
				    : any_bits(f, 0xffff0ff0);
}

static u64 xcr0_value(struct fuzz *f)
{
	static const u64 values[] = { 0, 1, 2, 3, 5, 7, 0xe7, 0x207, 0x1b, 0x18, 0x60007 };

	return fuzz_one_in(f, 2) ? fuzz_pick(f, values) : any_bits(f, 3);
}

static void add_control(struct fuzz *f, struct code *c, struct trap_frame *r, bool debug)
{
	static const u8 numbers[] = { 0, 0, 4, 4, 4, 2, 3, 8, 1, 7, 15 };
	u8 number = debug ? (u8)fuzz_below(f, 8) : fuzz_pick(f, numbers),
	   gpr = (u8)fuzz_below(f, 4);
	u64 value = debug ? debug_value(f, number) : control_value(f, number);
	u64 *registers[] = { &r->rax, &r->rcx, &r->rdx, &r->rbx };

	*registers[gpr] = value;
	c->length = 0; /* REX belongs to the register */
	if (fuzz_one_in(f, 4))
		add(c, 0x3e);
	if (number >= 8)
		add(c, 0x44);
	add(c, 0x0f);
	add(c, debug ? 0x23 : 0x22);
	add(c, 0xc0 | (number & 7) << 3 | gpr);
}

/* Between a port and memory, which is not all there. */
static void string(struct fuzz *f, struct trap_frame *r, bool out)
{
	r->rdx = fuzz_port(f, out);
	r->rcx = fuzz_below(f, 80);
	r->rsi = r->rdi = fuzz_slot(f, FUZZ_USER_DATA) + fuzz_below(f, PAGE_SIZE);
	if (fuzz_one_in(f, 2)) /* up to where nothing is */
		r->rsi = r->rdi = fuzz_slot(f, FUZZ_USER_DATA + 1) - fuzz_below(f, 100);
	if (fuzz_rare(f))
		r->rsi = r->rdi = fuzz_slot(f, 0) + fuzz_below(f, PAGE_SIZE);
}

static void add_operand(struct fuzz *f, struct code *c, struct trap_frame *r,
			const struct form *form)
{
	static const u8 calls[] = { 0, 1, 2, 5, 9, 11, 13, 14 };

	switch (form->operand) {
	case MSR_READ: r->rcx = fuzz_msr(f); break;
	case MSR_WRITE: r->rcx = fuzz_msr(f); break;
	case PORT_READ: r->rdx = fuzz_port(f, false); break;
	case PORT_WRITE: r->rdx = fuzz_port(f, true); break;
	case PORT_IN_IMMEDIATE: add(c, (u8)fuzz_port(f, false)); break;
	case PORT_OUT_IMMEDIATE: add(c, 0x80 | (u8)fuzz_below(f, 8)); break;
	case STRING_IN:
	case STRING_OUT: string(f, r, form->operand == STRING_OUT); break;
	case CR: add_control(f, c, r, false); break;
	case DR: add_control(f, c, r, true); break;
	case XCR:
		r->rcx = fuzz_one_in(f, 8) ? fuzz_number(f) : 0;
		put(&r->rax, &r->rdx, xcr0_value(f));
		break;
	case FROM: add(c, 0xc0 | (u8)fuzz_random(f)); break;
	case PAGE: /* of no size that there is, or by no address */
		r->rax = fuzz_one_in(f, 2) ? fuzz_gpa(f, fuzz_page(f)) : harmless(f) | BIT(46);
		r->rcx = 2 + fuzz_below(f, 0x1000);
		break;
	case CALL:
		r->rax = fuzz_one_in(f, 8) ? fuzz_number(f) | BIT(40) : fuzz_pick(f, calls);
		r->rbx = fuzz_device(f) | BIT(40);
		break;
	case MEMORY: add_memory(f, c); break;
	default: break;
	}
}

/* At any place of the page of code, its end too; behind it are INT3s, or nothing is there. */
static u64 place(struct fuzz *f, const struct code *c)
{
	u64 offset = fuzz_below(f, PAGE_SIZE - INSN_MAX);
	u8 *at;

	if (fuzz_one_in(f, 4))
		offset = PAGE_SIZE - (fuzz_one_in(f, 4) ? fuzz_below(f, c->length) : c->length);
	at = f->code + offset;
	for (u64 i = 0; i < PAGE_SIZE - offset && i < 2 * INSN_MAX; i++)
		at[i] = i < c->length ? c->bytes[i] : INT3;
	return offset;
}

static bool is_plain(u8 opcode) { return (opcode >= 0x88 && opcode <= 0x8b) || opcode >= 0xc6; }

static bool is_for(struct fuzz *f, const struct form *form)
{
	switch (form->operand) {
	case STRING_IN:
	case STRING_OUT: return platform.kind != PLATFORM_SEV || fuzz_rare(f);
	case MEMORY: /* plain stores and loads are all that there is for devices of an open guest */
		return cc_has(CC_STATE_ENCRYPTED) || platform.kind == PLATFORM_TDX ||
		       is_plain(form->bytes[0]) || fuzz_rare(f);
	case PAGE: return platform.kind == PLATFORM_SEV_SNP || fuzz_one_in(f, 4);
	default: return true;
	}
}

/* What ends a guest that executes it, or asks again what was asked last. */
static void calm(struct fuzz *f, struct code *c)
{
	bool is_open = !cc_has(CC_STATE_ENCRYPTED) && platform.kind != PLATFORM_SEV;

	for (unsigned int i = 0; i + 2 < c->length; i++) {
		if (c->bytes[i] != 0x0f || c->bytes[i + 1] != 1)
			continue;
		if (c->bytes[i + 2] == 0xd9 && cc_has(CC_GHCB))
			for (unsigned int j = 0; j < i; j++)
				if (c->bytes[j] == 0xf2 || c->bytes[j] == 0xf3)
					c->bytes[j] = 0x3e;
		if (c->bytes[i + 2] == 0xc1 && !is_open && platform.kind != PLATFORM_TDX &&
		    !fuzz_rare(f))
			c->bytes[i + 2] = 0xc2;
	}
}

static void tell(const struct fuzz *f, const struct code *c, const struct trap_frame *r)
{
	char text[3 * INSN_MAX + 1];
	size_t at = 0;

	if (f->cpu || f->cases < f->verbose)
		return;
	for (unsigned int i = 0; i < c->length; i++)
		at += (size_t)format(text + at, sizeof(text) - at, " %02x", c->bytes[i]);
	log_info("fuzz: at %#lx:%s rax %#lx rcx %#lx rdx %#lx rbx %#lx", r->rip, text, r->rax,
		 r->rcx, r->rdx, r->rbx);
}

static void run(struct fuzz *f, const struct code *c, struct trap_frame *r)
{
	u64 msr_old = 0;
	u32 msr = (u32)r->rcx;
	bool is_write;

	if (f->is_wrmsr && msr == MSR_GS_BASE)
		return; /* every trap relies on it */
	is_write = f->is_wrmsr && !rdmsr_safe(msr, &msr_old);
	if (f->is_wrmsr)
		put(&r->rax, &r->rdx, fuzz_msr_value(f, msr, msr_old));
	tell(f, c, r);
	sandbox_run(r);
	if (is_write && wrmsr_safe(msr, msr_old))
		return; /* such a value cannot be put back: it is the guest's from now on */
}

void fuzz_system_insn(struct fuzz *f)
{
	struct trap_frame r = { .cs = SEL_CODE64, .ss = SEL_DATA, .rflags = RFLAGS_FIXED };
	const struct form *form = &fuzz_pick(f, forms);
	struct code c = { .length = 0 };

	if (!is_for(f, form))
		return;
	fuzz_slots(f);
	draw_registers(f, &r);
	if (fuzz_one_in(f, 2))
		r.rflags |= fuzz_random(f) & (RFLAGS_CF | RFLAGS_DF | RFLAGS_RF | RFLAGS_AC);
	r.rflags |= RFLAGS_TF;
	add_prefixes(f, &c);
	if (form->operand != CR && form->operand != DR)
		add_form(f, &c, form);
	add_operand(f, &c, &r, form);
	calm(f, &c);
	r.rip = fuzz_slot(f, FUZZ_CODE) + place(f, &c);
	f->is_wrmsr = form->operand == MSR_WRITE;
	run(f, &c, &r);
	if (form->operand == DR)
		write_dr7(0x400);
	f->exits++;
}

/*
 * In user mode whatever comes ends by a trap, but for what takes TF away (POPF, IRET), or GS, which
 * every trap relies on (MOV, POP GS, LGS).
 */
static bool takes_away(u8 byte)
{
	return byte == 0x9d || byte == 0xcf || byte == 0x8e || byte == 0xa9 || byte == 0xb5;
}

static void user_bytes(struct fuzz *f, struct code *c)
{
	const struct form *form = &fuzz_pick(f, forms);

	if (fuzz_one_in(f, 2)) {
		add_prefixes(f, c);
		add_form(f, c, form);
	}
	while (c->length < INSN_MAX)
		add(c, (u8)fuzz_random(f));
	for (unsigned int i = 0; i < c->length; i++)
		if (takes_away(c->bytes[i]))
			c->bytes[i] = 0x90;
	calm(f, c);
}

void fuzz_user_insn(struct fuzz *f)
{
	struct trap_frame r = { .cs = SEL_USER_CODE, .ss = SEL_USER_DATA, .rflags = RFLAGS_FIXED };
	struct code c = { .length = 0 };

	fuzz_slots(f);
	draw_registers(f, &r);
	r.rsi = r.rdi = r.rbx = r.rbp = r.rsp =
		fuzz_slot(f, FUZZ_USER_DATA) + fuzz_below(f, PAGE_SIZE);
	r.rflags |= RFLAGS_TF | (fuzz_random(f) & (RFLAGS_CF | RFLAGS_DF | RFLAGS_AC | RFLAGS_NT));
	if (fuzz_one_in(f, 4))
		r.rflags |= RFLAGS_IF;
	user_bytes(f, &c);
	r.rip = fuzz_slot(f, FUZZ_USER_CODE) + place(f, &c);
	tell(f, &c, &r);
	sandbox_run(&r);
	f->exits++;
}
