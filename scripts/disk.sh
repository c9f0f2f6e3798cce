# Disk images, for the scripts that use them.

# shellcheck shell=bash

# Copies image $1 to $2, holes and all, as it was at one moment, although a machine
# may be writing to it. Fails with a message.
disk_copy() {
	local try
	for try in {1..20}; do
		: >"$2.since"
		# GNU's; macOS's, which shares the blocks; anybody's
		cp --sparse=auto --reflink=auto "$1" "$2" 2>/dev/null ||
			cp -c "$1" "$2" 2>/dev/null || cp "$1" "$2" || return 1
		if [ "$1" -ot "$2.since" ]; then
			rm -f "$2.since"
			return 0
		fi
		[ "$try" = 20 ] || sleep 0.1
	done
	rm -f "$2.since"
	echo "$1 is being written to all the time: no copy could be made" >&2
	return 1
}

# Takes image $1 for writing until file descriptor 9 is closed here and in all that
# inherited it. Fails, without a message, if another has it.
disk_lock() {
	exec 9>>"$1.lock" || return 1
	if command -v flock >/dev/null; then
		flock -n 9
	elif command -v perl >/dev/null; then
		perl -e 'use Fcntl ":flock"; exit !(open(F, ">&=9") && flock(F, LOCK_EX | LOCK_NB))'
	fi
}
