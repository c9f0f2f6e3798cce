# One boot, for grade-flexsc.sh: starts the machine with the commands of one or
# more tests, follows its output, splits it at the kernel's "===" lines, and
# reports each test as soon as its last command has ended.

# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is read by the others

PID=''
PAUSE=$'\1\2' # pauses.pl's mark
HERE=${BASH_SOURCE[0]%/*}

# Seconds with a tenth between two readings of EPOCHREALTIME, in SECONDS_TAKEN.
taken() {
	local us=$((${2/./} - ${1/./}))
	SECONDS_TAKEN=$((us / 1000000)).$((us / 100000 % 10))
}

# Ends the machine, if one is running: all processes that it consists of.
boot_stop() {
	local i
	[ -n "$PID" ] || return 0
	kill -TERM -- "-$PID" 2>/dev/null
	for ((i = 0; i < 50; i++)); do
		kill -0 -- "-$PID" 2>/dev/null || break
		sleep 0.1
	done
	kill -KILL -- "-$PID" 2>/dev/null
	wait "$PID" 2>/dev/null
	PID=''
}

# The disk for test $1, in DISK. What goes wrong here is seen in the test's end.
boot_disk() {
	DISK=${T_DISK[$1]:-$CLEAN}
	if [ -n "${T_PREPARE[$1]}" ] || [ "${T_KIND[$1]}" = host ]; then
		DISK=$WORK/disk
		disk_copy "$CLEAN" "$DISK" && DISK=$DISK bash -c "${T_PREPARE[$1]}"
	fi >>"$WORK/between" 2>&1
}

# Types what test $1 has to type next if what it has put out lately, HEARD, asks for
# that. TYPE: what is still to be typed.
boot_type() {
	[[ $HEARD =~ ${TYPE[0]%%=>*} ]] || return 0
	HEARD=${HEARD#*"${BASH_REMATCH[0]}"}
	printf %b "${TYPE[0]#*=>}" >&"$KEYS"
	TYPE=("${TYPE[@]:1}")
}

# Starts what the tests $2 and on want run, its output on file descriptor IN, with a mark
# at each pause of $1 seconds.
boot_start() {
	local wait=$1 id n limit=60
	shift
	COMMANDS=() OWNER=()
	for id; do
		for ((n = 0; n < T_TIMES[id]; n++)); do
			COMMANDS+=("${T_RUN[id]}") OWNER+=("$id")
			((limit += T_LIMIT[id]))
		done
	done
	id=$1
	rm -f "$WORK/pipe"
	mkfifo "$WORK/pipe" || exit 2
	boot_disk "$id"
	HEARD='' TYPE=()
	if [ -z "${T_TYPE[id]}" ]; then
		exec {KEYS}</dev/null
	else
		mapfile -t TYPE <<<"${T_TYPE[id]%$'\n'}"
		rm -f "$WORK/keys"
		mkfifo "$WORK/keys" && exec {KEYS}<>"$WORK/keys" || exit 2
	fi
	set -m # a process group of its own, to be stopped as one
	if [ "${T_KIND[id]}" = host ]; then
		SHOWN=${T_RUN[id]}
		DISK=$DISK bash -c "${T_RUN[id]}" <&"$KEYS" >"$WORK/pipe" 2>&1 &
	else
		SHOWN="CPUS=${T_CPUS[id]} CPU=${T_MODEL[id]} $RUN -t $limit -l ${T_LOG[id]} -D $DISK"
		SHOWN+=$(printf " '%s'" "${COMMANDS[@]}")
		CPUS=${T_CPUS[id]} CPU=${T_MODEL[id]} "$RUN" -t "$limit" -l "${T_LOG[id]}" \
			-D "$DISK" "${COMMANDS[@]}" <&"$KEYS" >"$WORK/pipe" 2>&1 &
	fi
	PID=$!
	set +m
	exec {IN}< <(exec perl "$HERE/pauses.pl" "$wait" <"$WORK/pipe")
}

# Section AT begins: command AT of the boot.
section_begin() {
	((++AT))
	OPEN=1 SINCE=$EPOCHREALTIME
	judge_begin "${OWNER[AT]}"
	if ((AT == 0)) || [ "${OWNER[AT]}" != "${OWNER[AT - 1]}" ]; then
		TEST_SINCE=$LAST_END KEPT=() DONE_SINCE='' LOG=$WORK/log
		{
			echo "\$ $SHOWN"
			cat "$WORK/between"
		} >"$WORK/log"
		: >"$WORK/between"
	elif ((${#KEPT[@]})); then
		LOG=/dev/null # of several runs the first that failed is looked at
	fi
}

# Section AT ends: $1: how, $2: what was lost.
section_end() {
	local id=${OWNER[AT]} n
	OPEN=''
	((${#TYPE[@]} == 0)) || REASONS+=("it did not ask for what was to be typed: '${TYPE[0]}'")
	[[ $1 = exited && ! $2 =~ [1-9] ]] || ALL_WELL=''
	if ((T_TIMES[id] > 1)); then
		for ((n = AT; n >= 0 && OWNER[n] == id; n--)); do :; done
		judge_end "${T_END[id]/forever/waits forever}" "$1" "$2"
		((${#REASONS[@]} == 0)) ||
			REASONS=("run $((AT - n)) of ${T_TIMES[id]}:" "${REASONS[@]}")
	else
		judge_end "${T_END[id]/forever/waits forever}" "$1" "$2"
	fi
	[ "$LOG" = /dev/null ] || KEPT+=("${REASONS[@]}")
	if ((AT + 1 == ${#OWNER[@]})) || [ "${OWNER[AT + 1]}" != "$id" ]; then
		boot_pending
	fi
	LAST_END=$EPOCHREALTIME
}

# The test that has just ended waits to be reported until the next begins, or
# the machine has stopped: what comes in between is its doing.
boot_pending() {
	taken "$TEST_SINCE" "$EPOCHREALTIME"
	WAITING=${OWNER[AT]} WAITING_TAKEN=$SECONDS_TAKEN
}

boot_report() {
	[ -n "$WAITING" ] || return 0
	REASONS=("${KEPT[@]}")
	report "$WAITING" "$WAITING_TAKEN"
	WAITING=''
}

# A whole line of output; $2: what of it the judge has yet to look at.
boot_line() {
	local line=$1 rest=$2 id
	if [ -z "$OPEN" ]; then
		if ((AT + 1 < ${#COMMANDS[@]})) && [ "$line" = "=== ${COMMANDS[AT + 1]}" ]; then
			if ((AT >= 0)) && [ "${OWNER[AT + 1]}" != "${OWNER[AT]}" ]; then
				boot_report
			fi
			DEAD_BOOTS=0
			section_begin
			return
		fi
		# Before the first program, between two, after the last.
		if ((AT >= 0)); then
			printf '%s\n' "$line" >>"$LOG"
			[[ $line =~ $TROUBLE ]] && KEPT+=("trouble: '$line'")
		else
			printf '%s\n' "$line" >>"$WORK/between"
		fi
		return 0
	fi
	id=${OWNER[AT]}
	if [[ ${T_KIND[id]} = boot &&
		$line =~ ^(.*)'=== '([^ :]+)': '([a-z ]+)'; lost '(.*)$ &&
		${BASH_REMATCH[2]} == "${COMMANDS[AT]%% *}" ]]; then
		local before=${BASH_REMATCH[1]} how=${BASH_REMATCH[3]} lost=${BASH_REMATCH[4]}
		printf '%s\n' "$line" >>"$LOG"
		[ -z "$before" ] || judge_line "$before" "$before"
		section_end "$how" "$lost"
		return
	fi
	printf '%s\n' "$line" >>"$LOG"
	judge_line "$line" "$rest"
}

# Whether the open section has been there for too long, or has shown all that an
# endless program can show. Sets WHY, and ENOUGH in the second case.
boot_enough() {
	local now=${EPOCHREALTIME/./} id
	WHY='' ENOUGH=''
	if [ -z "$OPEN" ]; then
		((now - ${LAST_END/./} > 30000000)) || return 1
		WHY="no program was started within 30 s"
		return 0
	fi
	id=${OWNER[AT]}
	if [ "${T_END[id]}" = endless ] && judge_done; then
		DONE_SINCE=${DONE_SINCE:-$now}
		((now - DONE_SINCE >= T_LINGER[id] * 1000000)) || return 1
		ENOUGH=1
		return 0
	fi
	((now - ${SINCE/./} > T_LIMIT[id] * 1000000)) || return 1
	WHY="no end within ${T_LIMIT[id]} s"
}

# What a status of the run, $1, means.
boot_status_words() {
	case $1 in
	2) echo 'kernel panic, or the machine was reset' ;;
	124) echo 'it hung' ;;
	125) echo 'QEMU could not be started' ;;
	*) echo "status $1" ;;
	esac
}

# Runs the tests $@ in one boot and reports them; those that it did not come to
# are in UNDONE afterwards.
boot() {
	local id chunk rest='' line='' status=0 n how='' last wait=0.2
	AT=-1 OPEN='' WAITING='' KEPT=() REASONS=() UNDONE=() WHY='' ENOUGH='' DONE_SINCE=''
	LAST_END=$EPOCHREALTIME
	ALL_WELL=1 PARTIAL_MATCHED=''
	: >"$WORK/between"
	[ -z "${T_TYPE[$1]}" ] || wait=0.05 # whom we answer waits for it
	boot_start "$wait" "$@"
	[ "${T_KIND[$1]}" = boot ] || section_begin

	while :; do
		IFS= read -r -u "$IN" chunk
		n=$?
		if [[ $chunk = *"$PAUSE" ]]; then
			chunk=${chunk%"$PAUSE"} n=pause
		fi
		chunk=${chunk//$'\r'/}
		line+=$chunk rest+=$chunk
		if ((${#TYPE[@]})); then
			HEARD+=$chunk
			[ "$n" != 0 ] || HEARD+=$'\n'
			boot_type
		fi
		if [ "$n" = pause ]; then
			if [ -n "$OPEN" ] && [ -n "$chunk" ]; then
				judge_partial "$rest"
				rest=$PARTIAL
			fi
		elif [ "$n" = 0 ] || [ -n "$line" ]; then
			boot_line "$line" "$rest"
			line='' rest=''
		fi
		[[ $n = [0p]* ]] || break
		if boot_enough; then
			break
		fi
	done
	if [ -n "$ENOUGH$WHY" ]; then
		[ -z "$line" ] || boot_line "$line" "$rest"
		boot_stop
	else
		wait "$PID"
		status=$?
		PID=''
	fi
	exec {IN}<&- {KEYS}<&-

	if [ -n "$OPEN" ]; then
		id=${OWNER[AT]}
		if [ -n "$ENOUGH" ]; then
			how=endless
		elif [ -n "$WHY" ]; then
			how=$WHY
		elif [ "${T_KIND[id]}" = host ]; then
			how="status $status"
		else
			how="with the whole run: $(boot_status_words "$status")"
		fi
		section_end "$how" ''
		[ -n "$WAITING" ] || boot_pending
	elif ((AT < 0)); then
		# Nothing ran: the first test bears it.
		section_begin
		REASONS=("${WHY:-no program was started: $(boot_status_words "$status")}")
		KEPT=("${REASONS[@]}") OPEN=''
		boot_pending
		((++DEAD_BOOTS))
	elif ((AT + 1 < ${#OWNER[@]})); then
		KEPT+=("the run ended after it: ${WHY:-$(boot_status_words "$status")}")
		[ -n "$WAITING" ] || boot_pending
	elif [ -n "$WHY" ]; then
		KEPT+=("the machine did not stop after it")
	elif [ "${T_KIND[$1]}" = boot ] && ((status != (ALL_WELL ? 0 : 1))); then
		KEPT+=("the run's status does not fit its programs' ends: $status")
	fi

	# Whoever comes after the last one that began is still to be run.
	last=${OWNER[AT]}
	boot_report
	n=''
	for id; do
		[ -z "$n" ] || UNDONE+=("$id")
		[ "$id" != "$last" ] || n=1
	done
}
