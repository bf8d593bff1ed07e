/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The default test root's files, in the monitor's image.
 */
	.section .rodata, "a"
	.globl test_root_firmware, test_root_firmware_end
	.globl test_root_certificates, test_root_certificates_end
	.balign 8
test_root_firmware:
	.incbin "firmware.bin"
test_root_firmware_end:
	.balign 8
test_root_certificates:
	.incbin "certificates.bin"
test_root_certificates_end:
