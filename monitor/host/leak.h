/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a guest shows the host what is private: the option `secrets` puts a word that nothing
 * else has into an SNP guest's memory before it is validated, and into registers that the boot
 * processor starts with, from where its program saves them on its stack. The word is looked for
 * wherever the host can: in what a request hands over, and at the end in every shared page. The run
 * ends there, by a line that says where.
 */
#pragma once

#include "monitor/svm/vcpu.h"

#define LEAK_SECRET U64_C(0x5ec2e7d1a7e55ec3)

/* Before the first entry. */
void leak_init(void);
/* Ends the run if one of @words, of @count, is the secret: in @where, of @v. */
void leak_look(const struct vcpu *v, const char *where, const volatile u64 *words, u64 count);
/* All that is shared, as the run ends by itself. */
void leak_look_everywhere(void);
