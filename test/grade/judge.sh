# Judging a program's output, for grade-flexsc.sh, line by line as it comes:
#
#   judge_begin ID; judge_line TEXT...; judge_end HOW LOST, and REASONS says
#
# what is wrong; judge_done tells whether all that must be there has been seen.

# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is read by the others

# What no output may have, unless the test asks for it.
TROUBLE='panic|kernel warning|[Ll]ock (order|report)|lock .*(waits|held|not held)'

# $1: the test's number.
judge_begin() {
	local line
	ORDERED=() NEXT=0 ANYWHERE=() NOWHERE=() COUNTED=() COUNT_WANT=() COUNT_IS=()
	ORDERED_PLAIN=()
	REASONS=() PARTIAL='' PARTIAL_MATCHED=''
	while IFS= read -r line; do
		case $line in
		'') ;;
		'='*) ORDERED+=("${line#=}") ORDERED_PLAIN+=(1) ;;
		'~'*) ANYWHERE+=("${line#\~}") ;;
		'!'*) NOWHERE+=("${line#!}") ;;
		'#'[0-9]*)
			line=${line#\#}
			COUNT_WANT+=("${line%% *}") COUNTED+=("${line#* }") COUNT_IS+=(0)
			;;
		*) ORDERED+=("$line") ORDERED_PLAIN+=('') ;;
		esac
	done <<<"${T_WANT[$1]}"
}

# Takes from the front of PARTIAL, a line or what there is of it, all that comes
# next in order. Sets MATCHED if anything did.
judge_ordered() {
	local what
	while ((NEXT < ${#ORDERED[@]})); do
		what=${ORDERED[NEXT]}
		if [ -n "${ORDERED_PLAIN[NEXT]}" ]; then
			[[ $PARTIAL == *"$what"* ]] || return 0
			PARTIAL=${PARTIAL#*"$what"}
		else
			[[ $PARTIAL =~ $what ]] || return 0
			PARTIAL=${PARTIAL#*"${BASH_REMATCH[0]}"}
		fi
		MATCHED=1
		((++NEXT))
	done
}

# $1: a whole line; $2: what judge_partial has not yet seen of it.
judge_line() {
	local i what
	PARTIAL=$2 MATCHED=${PARTIAL_MATCHED:-}
	judge_ordered
	PARTIAL='' PARTIAL_MATCHED=''
	for i in "${!ANYWHERE[@]}"; do
		[[ $1 =~ ${ANYWHERE[i]} ]] && MATCHED=1 && unset "ANYWHERE[i]"
	done
	for i in "${!COUNTED[@]}"; do
		[[ $1 =~ ${COUNTED[i]} ]] && MATCHED=1 && ((++COUNT_IS[i]))
	done
	for what in "${NOWHERE[@]}"; do
		[[ $1 =~ $what ]] && REASONS+=("must not be there: '$1'")
	done
	if [ -z "$MATCHED" ] && [[ $1 =~ $TROUBLE ]]; then
		REASONS+=("trouble: '$1'")
	fi
	return 0
}

# $1: the beginning of a line that has not ended yet. What is left of it to
# look at is in PARTIAL then.
judge_partial() {
	local MATCHED=''
	PARTIAL=$1
	judge_ordered
	[ -z "$MATCHED" ] || PARTIAL_MATCHED=1
}

judge_done() {
	((NEXT == ${#ORDERED[@]} && ${#ANYWHERE[@]} == 0))
}

# $1: the end that the test wants, $2: the end that came; $3: what was lost, as
# "P pages, E envs, S stacks".
judge_end() {
	local i
	if ((NEXT < ${#ORDERED[@]})); then
		REASONS+=("missing: '${ORDERED[NEXT]}'$(
			((NEXT == 0)) || echo " after '${ORDERED[NEXT - 1]}'"
		)")
	fi
	for i in "${ANYWHERE[@]}"; do
		REASONS+=("missing: '$i'")
	done
	for i in "${!COUNTED[@]}"; do
		((COUNT_IS[i] == COUNT_WANT[i])) ||
			REASONS+=("${COUNT_IS[i]} lines with '${COUNTED[i]}', not ${COUNT_WANT[i]}")
	done
	# shellcheck disable=SC2053 # the wanted end may be a pattern
	[[ $2 == $1 ]] || REASONS+=("its end: $2, expected: $1")
	if [[ $3 =~ [1-9] ]]; then
		REASONS+=("lost: $3")
	fi
}
