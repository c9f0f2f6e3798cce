# Declaring tests, for grade-flexsc.sh: check and host are what tests_*.sh are
# written in.
#
#   check NAME [WORD...] <<'END'
#   what its output must have, line by line
#   END
#
# runs the program NAME. Words: run='COMMAND LINE' instead of NAME;
# end=exited|destroyed|forever|endless, how it must end (exited); an endless one
# is stopped when it has shown all that it must, linger=SECONDS later;
# cpus='1 2' in both tiers, instead of 2 in the quick and 1 2 4 in the full one;
# core: in the quick tier on 1, 2 and 4 CPUs, and on a plain CPU that has neither
# SMEP, SMAP nor sysenter; full: not in the quick tier; log=env; times=N runs in
# one boot; limit=SECONDS for each (30); alone: no other program in its boot.
#
# The disk: a boot has a copy of clean.img, which its programs share. disk=none: it
# has no disk; prepare='COMMAND' changes the copy, $DISK, before the boot.
#
# The keyboard: type='PATTERN=>TEXT', as often as wanted: when the output since the
# one before it matches PATTERN, an extended regular expression, TEXT is typed, with
# printf's escapes (\n, \003). What was never asked for is a failure.
#
# A line of what must be there is an extended regular expression that a line of
# the output must contain, in order; several may match in one line. Marks in
# front of it: = it is plain text; ~ anywhere, in no order; ! nowhere;
# #N in exactly N lines. An empty line counts for nothing.
#
#   host NAME [WORD...] 'COMMAND' <<'END'
#
# runs a command of the shell on this machine; end='status N', N being a pattern.
# It has its own copy of clean.img in $DISK, where scripts/run.sh and make look for
# the disk: with -p or KEEP=1 a boot finds what the one before it left.

# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is read by the others

T_NAME=() T_KIND=() T_RUN=() T_END=() T_CPUS=() T_MODEL=() T_LOG=() T_TIMES=()
T_LIMIT=() T_LINGER=() T_WANT=() T_SHARE=() T_DISK=() T_PREPARE=() T_TYPE=()

PLAIN=qemu32,-sep

# Whether a test is among those asked for; $1: its full name, $2: the short one.
is_wanted() {
	local pattern
	((${#WANTED[@]})) || return 0
	for pattern in "${WANTED[@]}"; do
		# shellcheck disable=SC2053 # a pattern it is
		[[ $1 == $pattern || $2 == $pattern ]] && return 0
	done
	return 1
}

# One test on one machine. $1: short name, $2: CPUs, $3: model; the rest from
# the caller.
add_test() {
	local name=$1@$2 share="$2 $3 $log $disk"
	[ "$3" = max ] || name+=-plain
	[ "$kind" = boot ] || name=$1
	is_wanted "$name" "$1" || return 0
	if [ -n "$alone$prepare$typed" ] || [ "$end" = endless ] || [ "$kind" != boot ]; then
		share=''
	fi
	T_NAME+=("$name") T_KIND+=("$kind") T_RUN+=("$run") T_END+=("$end")
	T_CPUS+=("$2") T_MODEL+=("$3") T_LOG+=("$log") T_TIMES+=("$times")
	T_LIMIT+=("$limit") T_LINGER+=("$linger") T_WANT+=("$want") T_SHARE+=("$share")
	T_DISK+=("$disk") T_PREPARE+=("$prepare") T_TYPE+=("$typed")
}

read_words() {
	local word
	for word; do
		case $word in
		run=* | end=* | cpus=* | log=* | times=* | limit=* | linger=* | disk=* | prepare=*)
			printf -v "${word%%=*}" %s "${word#*=}"
			;;
		type=*'=>'*) typed+=${word#type=}$'\n' ;;
		core) core=1 ;;
		full) full_only=1 ;;
		alone) alone=1 ;;
		*)
			echo "grade: $name: what is '$word'?" >&2
			exit 2
			;;
		esac
	done
}

check() {
	local name=$1 kind=boot run=$1 end=exited cpus='' core='' full_only='' log=run
	local times=1 limit=30 linger=0 alone='' disk='' prepare='' typed='' want n
	shift
	read_words "$@"
	want=$(cat)
	[ "$log" = run ] || log+=,run
	[ -n "$FULL" ] || [ -z "$full_only" ] || return 0
	if [ -z "$cpus" ]; then
		cpus=2
		[ -z "$core$FULL" ] || cpus='1 2 4'
		[ -z "$core" ] || [ -z "$FULL" ] || cpus='1 2 3 4 8'
	fi
	for n in $cpus; do
		add_test "$name" "$n" max
	done
	[ -n "$core" ] || return 0
	add_test "$name" 2 "$PLAIN"
	[ -z "$FULL" ] || add_test "$name" 1 "$PLAIN"
}

# A test of test/guest, which says itself how it went.
guest() {
	check "$@" <<<"^$1: OK\$"
}

host() {
	local name=$1 kind=host end='status 0' full_only='' log='' cpus='' core=''
	local times=1 limit=60 linger=0 alone=1 disk='' prepare='' typed='' want run="${*: -1}"
	shift
	read_words "${@:1:$#-1}"
	want=$(cat)
	[ -n "$FULL" ] || [ -z "$full_only" ] || return 0
	add_test "$name" 2 max
}
