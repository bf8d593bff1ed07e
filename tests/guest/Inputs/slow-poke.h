/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What slow-poke.c did: sites, and NMIs that each processor took.
 */
#pragma once

extern unsigned int slow_poke_sites;
unsigned int slow_poke_nmis(unsigned int cpu);
void poke_by_alias(void *address, const void *bytes, unsigned long size);
