/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The test root whose keys the hardware has and whose certificates a host has: the one that was
 * built with the monitor, until a file takes its place.
 */
#pragma once

#include "model/guid_table.h"

struct test_root {
	struct guid_data firmware;
	struct guid_data certificates;
};

extern struct test_root test_root;

void test_root_init(void);
