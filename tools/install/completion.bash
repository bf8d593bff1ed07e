# SPDX-License-Identifier: Apache-2.0
# Completion of postern-run in bash: options from its help, their fixed values from here, workloads behind --, else files.
_postern_run() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} run=${COMP_WORDS[0]} words=''
	case $before in
	--platform) words="plain kvm sev sev-es snp tdx" ;;
	--mode) words="auto hardware nested emulate" ;;
	--boot) words="direct grub-bios grub-uefi rom efi" ;;
	--accel) words="tcg tcg,thread=multi tcg,thread=single kvm auto" ;;
	--vendor) words="amd intel" ;;
	--vm-type) words="default protected" ;;
	--net) words="user none" ;;
	--) words=$("$run" --list 2>/dev/null | cut -d ' ' -f 1) ;;
	*) [[ $word != -* ]] || words=$("$run" --help | grep -oE '^  --[a-z-]+') ;;
	esac
	if [[ -n $words ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	fi
}
complete -o filenames -F _postern_run postern-run run-qemu.sh ./run-qemu.sh
