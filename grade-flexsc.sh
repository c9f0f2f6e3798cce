#!/usr/bin/env bash
# Boots the kernel under QEMU, runs its programs, and checks what they print and
# how they end. test/grade/tests_*.sh list the tests.
#
#   ./grade-flexsc.sh [--full] [--list] [NAME...]
#
#   --full   every CPU count and every repetition, instead of each once
#   --list   only say which tests there are
#   NAME     run these only: a test (hello@2), one on any CPUs (hello), or a
#            pattern ('fsc_*'); the words of TESTS in the environment likewise
#
# Tests that can share a boot do; where one of them takes the machine down, those
# behind it get a new one. A test's log is obj/grade/NAME.log. The exit status is
# 0 if all passed, 1 if one failed, 2 if there was nothing to run.
#
# From the environment: RUN, the program to run the kernel with (scripts/run.sh);
# OBJDIR (obj), where make has built the kernel and clean.img, the disk that every
# boot gets a copy of.

set -u
cd "$(dirname "$0")" || exit 2
export LC_ALL=C
if ((BASH_VERSINFO[0] < 5)); then
	echo "grade: needs bash 5 or later; this is $BASH_VERSION" >&2
	exit 2
fi

FULL='' LIST=''
# shellcheck disable=SC2206 # patterns are to stay as they are: split only
{
	set -f
	WANTED=(${TESTS:-})
	set +f
}
while (($#)); do
	case $1 in
	--full) FULL=1 ;;
	--list) LIST=1 ;;
	-*)
		sed -n 's/^#   \.\//usage: .\//p' "$0" >&2
		exit 2
		;;
	*) WANTED+=("$1") ;;
	esac
	shift
done
RUN=${RUN:-scripts/run.sh}
# make started from a test is not a part of the make that started us.
unset TESTS MAKEFLAGS MFLAGS MAKELEVEL CPUS CPU ARGS LOG MONITOR KEEP DISK DISK_MB
export OBJDIR=${OBJDIR:-obj}
export IMG=$OBJDIR/kern/kernel.img
CLEAN=$OBJDIR/fs/clean.img

# shellcheck source=/dev/null
. scripts/disk.sh
# shellcheck source=/dev/null
. test/grade/declare.sh
# shellcheck source=/dev/null
. test/grade/judge.sh
# shellcheck source=/dev/null
. test/grade/boot.sh
for part in jos kernel threads memory process make files fs shell contract crash; do
	# shellcheck source=/dev/null
	. "test/grade/tests_$part.sh"
done

if ((${#T_NAME[@]} == 0)); then
	echo "grade: no test is called ${WANTED[*]}" >&2
	exit 2
fi
if [ -n "$LIST" ]; then
	printf '%s\n' "${T_NAME[@]}"
	exit 0
fi

[ -r "$CLEAN" ] || { echo "grade: no $CLEAN: run make first" >&2; exit 2; }
mkdir -p "$OBJDIR/grade" || exit 2
WORK=$(mktemp -d "${TMPDIR:-/tmp}/flexsc-grade.XXXXXX") || exit 2
trap 'boot_stop; rm -rf "$WORK"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

PASSED=0 FAILED=0

# Says how a test ended. $1: its number, $2: seconds; REASONS: what is wrong.
report() {
	local id=$1 name=${T_NAME[$1]} reason log
	log=$OBJDIR/grade/$name.log

	# Whole at once: another run may be writing the same log.
	mv -f "$WORK/log" "$log.$$" && mv -f "$log.$$" "$log"
	if ((${#REASONS[@]} == 0)); then
		echo "$name: OK (${2}s)"
		((++PASSED))
		return
	fi
	((++FAILED))
	echo "$name: FAIL (${2}s)"
	for reason in "${REASONS[@]}"; do
		echo "    $reason"
	done
	if [ -s "$log" ]; then
		echo "    the last lines of its output:"
		tail -n 12 "$log" | cut -c 1-160 | sed 's/^/    | /'
	fi
	echo "    all of it: $log; again: make grade${FULL:+-full} TESTS=$name"
	if [ "${T_KIND[id]}" = boot ]; then
		local name=${T_RUN[id]%% *} words=''
		[ "${T_MODEL[id]}" = max ] || words+=" CPU=${T_MODEL[id]}"
		[ -z "${T_DISK[id]}" ] || words+=" DISK=${T_DISK[id]}"
		[ "$name" = "${T_RUN[id]}" ] || words+=" ARGS='${T_RUN[id]#* }'"
		echo "    with gdb: make run-$name-gdb CPUS=${T_CPUS[id]}$words"
	fi
}

# Boots that never came to a program, in a row; a third one ends it all.
DEAD_BOOTS=0

# The next boot's tests: the first that is left, and what may share with it.
LEFT=("${!T_NAME[@]}")
while ((${#LEFT[@]})); do
	TOGETHER=("${LEFT[0]}") REST=()
	for id in "${LEFT[@]:1}"; do
		if ((${#TOGETHER[@]} < 20)) && [ -n "${T_SHARE[id]}" ] &&
			[ "${T_SHARE[id]}" = "${T_SHARE[LEFT[0]]}" ]; then
			TOGETHER+=("$id")
		else
			REST+=("$id")
		fi
	done
	if ((DEAD_BOOTS < 3)); then
		boot "${TOGETHER[@]}" # reports, leaves in UNDONE whom it did not come to
		LEFT=("${UNDONE[@]}" "${REST[@]}")
		continue
	fi
	for id in "${LEFT[@]}"; do
		REASONS=("not run: the kernel came to no program three times in a row")
		: >"$WORK/log"
		report "$id" 0
	done
	break
done

echo "$PASSED passed, $FAILED failed"
((FAILED == 0))
