/* SPDX-License-Identifier: Apache-2.0 */
/*
 * With SEV, instruction fetches and page-table walks are private whatever the C-bit says (APM2
 * 15.34.5): such a page gets into the shared view too, but only until the next exit, or for as long
 * as the walker is there with each instruction, so that a data access through the shared alias does
 * not go unseen for long.
 */
#pragma once

#include "abi/bits.h"
#include "monitor/svm/access.h"

/*
 * More than one instruction needs, which would fault for ever: a gather of 8 items, each over a
 * page's end, by tables of 5 levels, has 2 * 8 * 4 tables and, with its text's 2 * 5 and the root,
 * 75 pages.
 */
#define LENIENT_PAGES_MAX 128

struct vcpu;

struct lenient_page {
	u64 page;
	u64 level; /* as a table; 0: it is none */
	u64 link;  /* the entry that leads to it; 0: that is CR3, or nobody knows */
};

struct lenient_pages {
	struct lenient_page list[LENIENT_PAGES_MAX]; /* what leads to another before that */
	u64 count;
};

/* The private page at @gpa is about to be mapped in the shared view, for @kind. */
void lenient_note(struct vcpu *v, u64 gpa, enum access_kind kind);
/* Takes those out of it again where the walker of @v's need not be. */
void lenient_forget(struct vcpu *v);
/* ... and those where it is, but does not go on. */
void lenient_forget_all(struct vcpu *v);
