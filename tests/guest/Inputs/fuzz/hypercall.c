/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases of fuzz.h by the kernel's own ways to its host: KVM's hypercalls, and the configuration
 * space of PCI.
 */
#include "fuzz.h"

#include "abi/x86.h"
#include "early/platform.h"
#include "lib/compiler.h"
#include "paravirt/pv_ops.h"

#define PCI_ADDRESS 0xcf8
#define PCI_DATA    0xcfc

/* Of memory that may be either: the arena's, of a guest without page states, or none at all. */
static s64 map(struct fuzz *f)
{
	u64 gpa = platform.kind == PLATFORM_SEV_SNP ? f->ram_end + BIT(40)
						    : fuzz_gpa(f, fuzz_page(f));
	u64 count = fuzz_one_in(f, 4) ? fuzz_number(f) : fuzz_below(f, 600);

	if (fuzz_one_in(f, 4))
		gpa = align_down(fuzz_device(f) | BIT(40), (u64)PAGE_SIZE);
	return kvm_hypercall3(KVM_HC_MAP_GPA_RANGE,
			      fuzz_one_in(f, 16) ? gpa | fuzz_below(f, 4096) : gpa, count,
			      fuzz_one_in(f, 4) ? fuzz_number(f) : fuzz_below(f, 2) << 4);
}

void fuzz_hypercall(struct fuzz *f)
{
	static const u8 numbers[] = { 1, 5, 9, 10, 11, 12, 12, 12 };
	u64 nr = fuzz_one_in(f, 8) ? fuzz_number(f) | BIT(40) : fuzz_pick(f, numbers);

	f->exits++;
	if (nr == KVM_HC_MAP_GPA_RANGE) {
		fuzz_look((u64)map(f));
		return;
	}
	fuzz_look((u64)kvm_hypercall4(
		nr, fuzz_one_in(f, 2) ? fuzz_device(f) | BIT(40) : fuzz_gpa(f, fuzz_page(f)),
		fuzz_number(f), fuzz_number(f),
		fuzz_device_value(f, APIC_BASE_DEFAULT, fuzz_number(f))));
}

void fuzz_pci(struct fuzz *f)
{
	u32 reg = (u32)fuzz_below(f, 256), device = (u32)fuzz_below(f, 256) << 8;
	u64 size = fuzz_size(f) & 7;
	u16 port = PCI_DATA + (u16)fuzz_below(f, 4);
	static const u16 ports[] = { 0xcf8, 0xce0, 0xcc0, 0x510, 0x500, 0xb0, 0xf0, 0x3f8, 0xc80 };

	if (fuzz_one_in(f, 2)) /* of those that there are */
		device = fuzz_one_in(f, 2) ? 0x1f << 11 | (device & 0x700) : device & 0x1f00;
	if (!size)
		size = 4;
	pv_io_out(PCI_ADDRESS, 4,
		  (fuzz_one_in(f, 16) ? (u32)fuzz_number(f) & ~bits_mask(8) : BIT(31)) | device |
			  reg);
	f->exits += 2;
	if (fuzz_one_in(f, 2)) {
		fuzz_look(pv_io_in(port, (unsigned int)size));
		return;
	}
	if (port + size > PCI_DATA + 4)
		return;
	pv_io_out(port, (unsigned int)size,
		  fuzz_one_in(f, 2) ? fuzz_pick(f, ports) | (u32)fuzz_below(f, 4)
				    : (u32)fuzz_number(f));
}
