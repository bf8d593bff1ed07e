# SPDX-License-Identifier: Apache-2.0
# `cmake --install build`, and a Debian package by `cpack -G DEB`: what boots guests, under lib/postern, as it is here
# but without the sources; two names in bin, their manual pages, and bash's completion.
set(home lib/postern)
install(PROGRAMS run-qemu.sh postern-qemu DESTINATION ${home})
install(DIRECTORY tools/launch tools/attestation DESTINATION ${home}/tools FILES_MATCHING PATTERN "*.py" PATTERN __pycache__ EXCLUDE)
install(FILES tools/files.py tools/gdb_commands.py DESTINATION ${home}/tools)
install(PROGRAMS tools/test-root tools/evidence tools/evidence-check tools/evidence-corpus tools/key-broker tools/measure tools/seal.py tools/workloads.py tools/disk-image tools/newer tools/newer-qemu
	DESTINATION ${home}/tools)
install(DIRECTORY ${CMAKE_BINARY_DIR}/test-root DESTINATION ${home}/build)
install(FILES ${CMAKE_BINARY_DIR}/postern.elf ${CMAKE_BINARY_DIR}/postern.fd ${CMAKE_BINARY_DIR}/postern-monitor.elf
	DESTINATION ${home}/build)
install(PROGRAMS ${CMAKE_BINARY_DIR}/postern-vmm ${CMAKE_BINARY_DIR}/kvm-probe DESTINATION ${home}/build OPTIONAL)
install(FILES tools/install/completion.bash DESTINATION share/bash-completion/completions RENAME postern-run)
install(FILES README.md LICENSE DESTINATION share/doc/postern)
install(DIRECTORY docs DESTINATION share/doc/postern)
install(CODE "
	set(root \$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX})
	file(MAKE_DIRECTORY \${root}/bin \${root}/share/man/man1)
	file(CREATE_LINK ../lib/postern/run-qemu.sh \${root}/bin/postern-run SYMBOLIC)
	file(CREATE_LINK ../lib/postern/postern-qemu \${root}/bin/postern-qemu SYMBOLIC)
	execute_process(COMMAND ./run-qemu.sh --help COMMAND tools/man-page postern-run \"boots a guest, confidential or not\"
		WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_FILE \${root}/share/man/man1/postern-run.1 COMMAND_ERROR_IS_FATAL ANY)
	execute_process(COMMAND ./postern-qemu --postern-help
		COMMAND tools/man-page postern-qemu \"QEMU, with confidential guests that need no hardware\"
		WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_FILE \${root}/share/man/man1/postern-qemu.1 COMMAND_ERROR_IS_FATAL ANY)
")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME postern)
set(CPACK_PACKAGE_VERSION 0.1)
set(CPACK_PACKAGE_CONTACT "the authors of Postern")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "runs SEV, SEV-SNP and TDX guests without such hardware")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_FILE_NAME postern)
set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE amd64)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "python3 (>= 3.9), qemu-system-x86 (>= 1:7.2)")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ovmf, mtools")
include(CPack)
