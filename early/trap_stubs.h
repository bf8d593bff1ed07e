/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The size of a trap stub, so that the address of each follows from the first. C and assembly.
 */
#pragma once

#define TRAP_STUB_SIZE 16

#ifndef __ASSEMBLER__
extern const char trap_stubs[];
#endif
