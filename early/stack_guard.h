/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stack protector's canary, which lies between a frame's arrays and its return address.
 */
#pragma once

/*
 * A number that nobody outside knows, where the processor has one for us; else one that the host
 * could guess, and a line that says so. Callers never return: their own frame has the old one.
 */
void stack_guard_init(void);
