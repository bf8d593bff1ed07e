/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the states of pages are called, and the transcript's `page` lines: what pages became, as
 * far as the guest can tell. One line for what is next to each other and changes alike, by one
 * exit.
 */
#pragma once

/* Before the first page is assigned; lines are written where the transcript is to have them. */
void page_watch_init(void);
/* What has been kept back is written. */
void page_watch_flush(void);
