/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory and string functions of the C library that freestanding code (and the compiler) needs.
 * Integer registers only; they stand in for newlib's of the same name in the guest.
 */
#pragma once

#include "abi/bits.h"

void *memcpy(void *dst, const void *src, size_t size);
void *memmove(void *dst, const void *src, size_t size);
void *memset(void *dst, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t size);
char *strchr(const char *s, int c);
