/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See test_root.h.
 */
#include "monitor/machine/test_root.h"

struct test_root test_root;

extern const u8 test_root_firmware[], test_root_firmware_end[];
extern const u8 test_root_certificates[], test_root_certificates_end[];

static struct guid_data table(const u8 *start, const u8 *end)
{
	return (struct guid_data){ start, (size_t)(end - start) };
}

void test_root_init(void)
{
	test_root = (struct test_root){
		.firmware = table(test_root_firmware, test_root_firmware_end),
		.certificates = table(test_root_certificates, test_root_certificates_end),
	};
}
