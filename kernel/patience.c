/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See patience.h. Time alone ends nothing: while a whole machine is stopped, or on its way to
 * another host, the TSC may go on, so that many looks must have been in vain too.
 */
#include "kernel/patience.h"

#include "abi/termination.h"
#include "early/fatal.h"
#include "kernel/smp_state.h"
#include "lib/log.h"

#define LOOKS_SHORT (1 << 14)           /* no clock is asked before */
#define LOOKS_MIN   (1 << 24)           /* a second of our own time */
#define SAY_TICKS   U64_C(20000000000)  /* of the TSC: some seconds */
#define END_TICKS   U64_C(400000000000) /* some minutes */

void patience_look(struct patience *p, unsigned int cpu, const char *does_not)
{
	cpu_relax();
	if (++p->looks % LOOKS_SHORT == 0)
		smp_show_life();
	if (p->looks < LOOKS_SHORT)
		return;
	if (p->looks == LOOKS_SHORT)
		p->deadline = deadline_in(SAY_TICKS);
	if (!deadline_is_over(&p->deadline))
		return;
	if (!p->is_said) {
		p->is_said = true;
		log_error("processor %u %s: waiting", cpu, does_not);
		p->deadline = deadline_in(END_TICKS);
	} else if (p->looks >= LOOKS_MIN) {
		fatal(TERM_CPU_LOST, "processor %u %s", cpu, does_not);
	}
}
