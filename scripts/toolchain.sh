#!/usr/bin/env bash
# Finds a compiler for 32-bit x86 and the tools that go with it.
#
#   scripts/toolchain.sh FILE PREFIX CC
#
# PREFIX: of a cross compiler, as in i686-elf-; CC: a compiler. Either may be
# empty; with both empty the known cross compilers are tried, then the native
# gcc -m32. Writes variables for make to FILE, unless it already holds what is
# asked for. On failure, one line to standard error.

set -u
out=$1
prefix=$2
asked=$3

# FILE's first line holds what was asked for, its second what was found.
if { read -r line && read -r found; } 2>/dev/null <"$out" &&
	[ "$line" = "# $prefix|$asked" ] && [ -x "${found#??}" ]; then
	exit
fi

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

fail() {
	echo "$*" >&2
	exit 1
}

# A program that needs what ours need: 32-bit code, libgcc, and native
# thread-local storage.
cat >"$tmp/probe.c" <<'END'
__thread int t;
long long a, b;
void _start(void);
void _start(void) { t = a / b; }
END

have() {
	command -v "${1%% *}" >/dev/null 2>&1
}

# works CC LD: whether they make a program; sets libgcc.
works() {
	have "$1" && have "$2" || return 1
	$1 -ffreestanding -fno-pic -O1 -c -o "$tmp/probe.o" "$tmp/probe.c" || return 1
	libgcc=$($1 -print-libgcc-file-name)
	# clang names its own, which few systems have for this machine
	if [ ! -f "$libgcc" ]; then
		libgcc=$(gcc -m32 -print-libgcc-file-name 2>/dev/null)
		[ -f "$libgcc" ] || libgcc=$(i686-linux-gnu-gcc -print-libgcc-file-name 2>/dev/null)
	fi
	$2 -nostdlib -o "$tmp/probe" "$tmp/probe.o" "$libgcc"
} >"$tmp/said" 2>&1

# option_works OPTION: whether the compiler found takes them silently.
option_works() {
	[ -z "$($cc -Werror "$1" -c -o "$tmp/option.o" "$tmp/probe.c" 2>&1)" ]
}

# supported OPTION...: those of the options that the compiler takes.
supported() {
	for option; do
		! option_works "$option" || printf ' %s' "$option"
	done
}

cc='' ar='' nm='' objcopy='' objdump=''
install='run scripts/install.sh'
if [ -n "$asked" ]; then
	case $(basename "${asked%% *}") in
	*clang*)
		for tools in "$prefix" '' i686-linux-gnu- i686-elf- i386-elf-; do
			for cc in "$asked -m32" "$asked --target=i686-linux-gnu"; do
				for ld in "${tools}ld -m elf_i386" 'ld.lld -m elf_i386'; do
					works "$cc" "$ld" && break 3
				done
			done
			cc=
		done
		;;
	*)
		cc="$asked -m32"
		tools=$prefix
		ld="${tools}ld -m elf_i386"
		works "$cc" "$ld" || cc=
		;;
	esac
	[ -n "$cc" ] ||
		fail "CC=$asked does not build 32-bit x86 programs (with ld and libgcc): $install"
else
	for tools in ${prefix:-i386-jos-elf- i686-elf- i386-elf- i686-linux-gnu- native}; do
		if [ "$tools" = native ]; then
			tools=
		fi
		cc="${tools}gcc -m32"
		ld="${tools}ld -m elf_i386"
		works "$cc" "$ld" && break
		cc=
	done
	if [ -z "$cc" ]; then
		[ -z "$prefix" ] ||
			fail "GCCPREFIX=$prefix: ${prefix}gcc does not build 32-bit x86 programs"
		fail "no compiler for 32-bit x86 (i686-elf-gcc or gcc -m32, with libgcc): $install"
	fi
fi

for tool in ar nm objcopy objdump; do
	if have "$tools$tool"; then
		eval "$tool=$tools$tool"
	elif have "llvm-$tool"; then
		eval "$tool=llvm-$tool"
	else
		fail "no $tools$tool: $install"
	fi
done

# The boot sector is code and data in one, and means to be.
ld_opts=--no-warn-rwx-segments
[ -z "$($ld $ld_opts --version 2>&1 >/dev/null)" ] || ld_opts=''

mkdir -p "$(dirname "$out")" && cat >"$out" <<END || exit 1
# $prefix|$asked
# $(command -v "${cc%% *}")
TC_PREFIX := $tools
TC_CC := $cc
TC_LD := $ld
TC_AR := $ar
TC_NM := $nm
TC_OBJCOPY := $objcopy
TC_OBJDUMP := $objdump
TC_LIBGCC := $libgcc
TC_LD_OPTS := $ld_opts
TC_COMMON_OPTS :=$(supported -fcf-protection=none -fno-stack-clash-protection \
	-fno-asynchronous-unwind-tables \
	-fno-tree-loop-distribute-patterns)
TC_KERN_OPTS :=$(supported -mpreferred-stack-boundary=2 -mstack-alignment=4)
TC_BOOT_OPTS :=$(supported -mpreferred-stack-boundary=2 -mstack-alignment=4)
END
