/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of guest: each is hardware below it and a host above it, which know each other by their
 * tables alone.
 */
#pragma once

#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/host_ops.h"

struct kind {
	const char *name;        /* platform=<name> */
	const char *description; /* for the log */
	const struct hardware_ops *hardware;
	const struct host_ops *host;
};

/* NULL: no such kind. */
const struct kind *kind_find(const char *name);
