/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/irq.h"

#include "lib/compiler.h"

__ro_after_init void (*irq_after_enable)(void);

void irq_enable(void)
{
	sti();
	if (irq_after_enable)
		irq_after_enable();
}
