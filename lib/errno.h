/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Negative error codes of guest and monitor; the numbers are POSIX's, so that newlib agrees.
 */
#pragma once

#define E_PERM  1
#define E_NOENT 2
#define E_IO    5
#define E_2BIG  7
#define E_AGAIN 11
#define E_NOMEM 12
#define E_FAULT 14
#define E_BUSY  16
#define E_INVAL 22
#define E_NOSPC 28
#define E_RANGE 34
#define E_NOSYS 38

#define must_check __attribute__((warn_unused_result))
