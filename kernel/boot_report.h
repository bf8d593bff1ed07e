/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first lines on the console: where we are. Ends the run when the loader's data was refused.
 */
#pragma once

void boot_report(void);
