/* SPDX-License-Identifier: Apache-2.0 */
/* For refusals.test. */
static void refuse(void)
{
	exit_cannot_run("memory: %u pages are too few", 1);
	fatal(TERM_PSC,
	      "%#lx and that "
	      "one has %s",
	      1, "no test at all");
	panic("a bug");
}
