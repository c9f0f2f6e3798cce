#!/usr/bin/env bash
# Installs what is missing to build and run the kernel, on Debian or Ubuntu.
#
#   scripts/install.sh          to build, run and debug
#   scripts/install.sh test     and for make grade, unit and lint
#   scripts/install.sh bench    and for the plots of make bench
#
# With nothing missing it does nothing. Elsewhere, or without the right to
# install, it says which packages are wanted and exits with status 1.

set -u
cd "$(dirname "$0")/.." || exit 1

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

have() {
	command -v "$1" >/dev/null 2>&1
}

any() {
	for name; do
		have "$name" && return
	done
	return 1
}

# What is missing, by our own names: the arguments say for what it is wanted.
missing() {
	have make || echo make
	any qemu-system-i386 qemu-system-x86_64 || echo qemu
	scripts/toolchain.sh "$tmp/toolchain.mk" '' '' >/dev/null 2>&1 || echo cc
	hosts_programs || echo hostcc
	any gdb gdb-multiarch i686-elf-gdb || echo gdb
	for purpose; do
		case $purpose in
		test)
			hosts_programs -fsanitize=address,undefined || echo hostsan
			have clang || echo clang
			have clang-format || echo clang-format
			have shellcheck || echo shellcheck
			have perl || echo perl
			;;
		bench)
			have gnuplot || echo gnuplot
			;;
		*)
			echo "install: $purpose: must be test or bench" >&2
			exit 2
			;;
		esac
	done
}

# Whether programs for this machine itself can be built, with the options given.
hosts_programs() {
	printf '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n' >"$tmp/host.c"
	cc "$@" -o "$tmp/host" "$tmp/host.c" >/dev/null 2>&1
}

# packages SYSTEM WHAT...: the packages that provide them there.
packages() {
	system=$1
	shift
	for what; do
		case $system:$what in
		debian:qemu) echo qemu-system-x86 ;;
		debian:cc)
			# gcc-multilib and the cross compilers exclude each other
			case $(uname -m) in
			x86_64) echo gcc gcc-multilib binutils ;;
			i?86) echo gcc binutils ;;
			*) echo gcc-i686-linux-gnu binutils-i686-linux-gnu ;;
			esac
			;;
		debian:hostcc | debian:hostsan) echo gcc libc6-dev ;;
		debian:gnuplot) echo gnuplot-nox ;;
		fedora:qemu) echo qemu-system-x86 ;;
		fedora:cc) echo gcc binutils glibc-devel.i686 libgcc.i686 ;;
		fedora:hostcc) echo gcc ;;
		fedora:hostsan) echo libasan libubsan ;;
		fedora:clang-format) echo clang-tools-extra ;;
		fedora:shellcheck) echo ShellCheck ;;
		arch:qemu) echo qemu-system-x86 ;;
		arch:cc) echo gcc binutils lib32-gcc-libs ;;
		arch:hostcc | arch:hostsan) echo gcc ;;
		arch:clang-format) echo clang ;;
		mac:cc) echo i686-elf-gcc ;;
		mac:gdb) echo i686-elf-gdb ;;
		mac:hostcc | mac:hostsan | mac:clang) echo llvm ;;
		other:cc) echo "gcc-for-i686-elf-(or-gcc--m32-with-its-libgcc)" binutils ;;
		other:hostcc | other:hostsan) echo gcc ;;
		*) echo "$what" ;;
		esac
	done | tr ' ' '\n' | sort -u | tr '\n' ' '
}

which_system() {
	if [ "$(uname -s)" = Darwin ]; then
		echo mac
	elif have apt-get; then
		echo debian
	elif have dnf; then
		echo fedora
	elif have pacman; then
		echo arch
	else
		echo other
	fi
}

lacking=$(missing "$@") || exit 2
[ -n "$lacking" ] || exit 0

system=$(which_system)
# shellcheck disable=SC2086
wanted=$(packages "$system" $lacking)

by_hand() {
	case $system in
	debian) how="apt-get install --no-install-recommends" ;;
	fedora) how="dnf install" ;;
	arch) how="pacman -S" ;;
	mac) how="brew install" ;;
	other) how="these packages are wanted:" ;;
	esac
	echo "install: $*: $how $wanted" >&2
	exit 1
}

[ "$system" = debian ] || by_hand "please install what is missing"
as_root=()
if [ "$(id -u)" != 0 ]; then
	have sudo || by_hand "not root, and no sudo; as root"
	as_root=(sudo)
	[ -t 0 ] || as_root=(sudo -n)
fi

echo "install: $wanted"
# An update that fails for one of several sources need not matter.
"${as_root[@]}" apt-get -q update >"$tmp/log" 2>&1
# shellcheck disable=SC2086
if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
	install --no-install-recommends $wanted >>"$tmp/log" 2>&1; then
	tail -n 5 "$tmp/log" >&2
	by_hand "it did not work; as root"
fi

lacking=$(missing "$@")
if [ -n "$lacking" ]; then
	echo "install: still missing: ${lacking//$'\n'/ }" >&2
	exit 1
fi
