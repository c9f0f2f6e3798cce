#!/usr/bin/env bash
# make lint: checks of the source that need no run. A line for each, OK or FAIL
# with the complaints below it; exit status 1 if any failed.

set -u
cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0

# check NAME FUNCTION [ARG...]: it fails by complaining.
check() {
	local name=$1
	shift
	"$@" >"$tmp/said" 2>&1
	if [ ! -s "$tmp/said" ]; then
		echo "$name: OK"
		passed=$((passed + 1))
	else
		echo "$name: FAIL"
		head -n 30 "$tmp/said" | sed 's/^/    /'
		failed=$((failed + 1))
	fi
}

# Ours, without what a build or git has left about.
sources() {
	find boot inc kern lib user test bench fs \( "$@" \) -type f 2>/dev/null | sort
}

headers() {
	# a file that is read for its macros says that it is no header
	sources -name '*.h' | grep -v ^test/host/ | xargs grep -L 'lint: not a header'
}

# How the build compiles.
make -pn all >"$tmp/make" 2>/dev/null
flags_of() {
	sed -n "s/^$1 :\{0,1\}= //p" "$tmp/make" | head -n 1
}
cc=$(flags_of TC_CC)
kern=$(flags_of KERN_CFLAGS)
lib=$(flags_of LIB_CFLAGS)
host="$(flags_of HOSTCC) $(flags_of FS_HOSTCFLAGS)"

# Tools and tests that run on this machine, and include its headers.
HOSTS='^(test/host/|fs/((mkfs|fsck|replay)[._]|[a-z_]*_host[.]))'
[ -n "$cc" ] || { make -n all; exit 1; }

headers_alone() {
	for h in $(headers); do
		case $h in
		inc/*) flavours=("$cc $kern" "$cc $lib") ;;
		kern/* | boot/*) flavours=("$cc $kern") ;;
		*) flavours=("$cc $lib") ;;
		esac
		[[ ! $h =~ $HOSTS ]] || flavours=("$host")
		for flags in "${flavours[@]}"; do
			# twice: the second time the guard must hold
			# shellcheck disable=SC2086
			printf '#include <%s>\n#include <%s>\n' "$h" "$h" |
				$flags -Werror -fsyntax-only -x c - 2>&1 |
				grep -E 'error|warning' | head -n 3
		done
	done
}

no_cycles() {
	for h in $(headers); do
		echo "$h $h"
		sed -n "s|^#[ 	]*include <\(.*\)>.*|$h \1|p" "$h"
	done | tsort 2>&1 >/dev/null | sed 's/^tsort: //'
}

inc_stands_alone() {
	grep -nE '^#[ 	]*include' inc/* | grep -v '<inc/'
	# and nothing comes from the host
	sources -name '*.[chS]' | grep -vE "$HOSTS" | xargs grep -nE '^#[ 	]*include' |
		grep -E 'include <' | grep -vE 'include <(inc|kern|lib|user|fs|bench|test)/'
}

formatted() {
	command -v clang-format >/dev/null || { echo 'no clang-format'; return; }
	# Each version has its own ideas: one decides, others need not agree.
	clang-format --version | grep -q 'version 14\.' || return
	sources -name '*.[ch]' | xargs clang-format --dry-run 2>&1 | grep warning:
}

# The formatter sees to C; this, to all that is read.
line_ends() {
	{
		sources -name '*.[chS]' -o -name '*.ld' -o -name Makefrag
		find GNUmakefile scripts .ci ./*.sh -type f
	} 2>/dev/null |
		while read -r f; do
			expand "$f" | awk -v f="$f" '
				length > 100 { print f ":" NR ": " length " columns" }
				/[ \t]$/ { print f ":" NR ": blanks at the end" }'
		done
}

shell_scripts() {
	command -v shellcheck >/dev/null || { echo 'no shellcheck'; return; }
	# those of fs/root are for the shell in there
	find . -path './obj*' -prune -o -path ./.git -prune -o -path ./fs/root -prune -o \
		\( -name '*.sh' -o -path ./.ci/run \) -exec shellcheck -x -s bash {} +
}

# build NAME OPTION...: everything anew, warnings being errors.
build() {
	local name=$1
	shift
	rm -rf "obj/lint/$name"
	make -s "OBJDIR=obj/lint/$name" WERROR=1 "$@" 2>&1 | grep -vE '^(\+|make)' |
		grep -v '^$'
	for f in kern/kernel.img fs/fs.img; do
		[ -f "obj/lint/$name/$f" ] || echo "no $f"
	done
}

boot_sector() {
	for f in obj/lint/gcc/boot/boot obj/lint/clang/boot/boot; do
		[ "$(wc -c <"$f")" = 512 ] || echo "$f: not 512 bytes"
		# linked code must leave the last two bytes
		size=$(objdump -h "$f.elf" | awk '$2 == ".boot" { print $3 }')
		[ $((16#$size)) -le 510 ] || echo "$f: $((16#$size)) bytes of code"
	done
}

# Sizes as the compiler reports them; gcc's objects are enough, and clang's
# build has checked its own (-Wframe-larger-than).
kernel_frames() {
	for f in kern/*.c; do
		# shellcheck disable=SC2086
		$cc $kern -fstack-usage -c -o "$tmp/frame.o" "$f" 2>&1 | grep error
		awk -F '\t' '
			$2 >= 512 || $3 == "dynamic" { print $1 ": " $2 " bytes, " $3 }
		' "$tmp/frame.su"
	done
}

check 'headers compile alone' headers_alone
check 'no include cycles' no_cycles
check 'only our headers, inc/ only inc/' inc_stands_alone
check 'format' formatted
check 'line length and ends' line_ends
check 'shellcheck' shell_scripts
check 'kernel frames under 512 bytes' kernel_frames
check 'gcc builds without a warning' build gcc HOSTCC=gcc
check 'clang builds without a warning' build clang CC=clang HOSTCC=clang
check 'boot sector within 510 bytes' boot_sector

echo "lint: $passed passed, $failed failed"
[ $failed = 0 ]
