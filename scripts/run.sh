#!/usr/bin/env bash
# Boots the kernel under QEMU, on the terminal, and says how the run went.
#
#   scripts/run.sh [options] [COMMAND-LINE...]
#
# Each COMMAND-LINE, "NAME ARGS...", is a program that the kernel runs, one after
# the other; with none, it boots to the shell, and with -m to its monitor.
#
#   -t SECONDS  limit for the run (default 60, but none for a session; 0: none)
#   -m          stay in the kernel monitor instead of leaving
#   -l LIST     what to log: env, run (commas between)
#   -g          wait for gdb, on port GDBPORT; no limit unless given
#   -w          with a window
#   -D DISK     the disk with the file system: an image, or none
#   -p          what is written to that disk stays; else it is forgotten at the end
#   -r FILE     record what is written to that disk in FILE (QEMU's blklogwrites)
#
# From the environment: CPUS (2), CPU (max), ACCEL (tcg), QEMU, QEMUEXTRA,
# IMG (obj/kern/kernel.img), DISK (obj/fs/fs.img beside IMG, none if it is not
# there), GDBPORT.
#
# Without -p the machine has a copy of the image, which is thrown away: QEMU's own
# snapshots read from the image all the while, which another machine may be
# changing, and QEMU refuses that.
#
# Exit status: 0 every program ended by its own exit and nothing was lost;
# 1 not so; 2 the kernel panicked or the machine reset; 124 the time was up;
# 125 QEMU could not be started.

set -u
# shellcheck source=scripts/disk.sh
. "$(dirname "$0")/disk.sh"

give_up() {
	echo "run: $*" >&2
	exit 125
}

limit='' monitor='' log='' gdb='' window='' disk=${DISK:-} keep='' record=''
while getopts t:ml:gwD:pr: option; do
	case $option in
	t) limit=$OPTARG ;;
	m) monitor=1 ;;
	l) log=$OPTARG ;;
	g) gdb=1 ;;
	w) window=1 ;;
	D) disk=$OPTARG ;;
	p) keep=1 ;;
	r) record=$OPTARG ;;
	*) exit 125 ;;
	esac
done
shift $((OPTIND - 1))

img=${IMG:-$(dirname "$0")/../obj/kern/kernel.img}
cpus=${CPUS:-2}
accel=${ACCEL:-tcg}
port=${GDBPORT:-$(($(id -u) % 5000 + 25000))}
# A session is for typing in: it has no limit, and Ctrl-C is a key like others.
session=$monitor
case ${*%% *} in
'') session=1 ;;
init | sh) [ ! -t 0 ] || session=1 ;;
esac
if [ -z "$limit" ]; then
	limit=60
	[ -z "$session$gdb" ] || limit=0
fi
case $# in
0) what=the\ kernel ;;
1) what=${1%% *} ;;
*) what="${1%% *} and $(($# - 1)) more" ;;
esac

[[ $limit =~ ^[0-9]+$ ]] || give_up "time limit $limit: not a number of seconds"
[[ $cpus =~ ^[1-8]$ ]] || give_up "CPUS=$cpus: must be a number from 1 to 8"
[ -r "$img" ] || give_up "no $img: run make first"
if [ -z "$disk" ]; then
	disk=$(dirname "$(dirname "$img")")/fs/fs.img
	[ -e "$disk" ] || disk=none
fi
[ "$disk" = none ] || [ -r "$disk" ] || give_up "no disk image $disk"
case $accel in
tcg) ;;
kvm) [ -w /dev/kvm ] || give_up "ACCEL=kvm: no access to /dev/kvm" ;;
*) give_up "ACCEL=$accel: must be tcg or kvm" ;;
esac

qemu=${QEMU:-}
if [ -z "$qemu" ]; then
	for qemu in qemu-system-i386 qemu-system-x86_64; do
		command -v $qemu >/dev/null && break
	done
fi
command -v "$qemu" >/dev/null || give_up "no $qemu: run scripts/install.sh"

tmp=$(mktemp -d "${TMPDIR:-/tmp}/flexsc-run.XXXXXX") || exit 125
tty=''
[ ! -t 0 ] || tty=$(stty -g 2>/dev/null)
child='' watchdog=''

# shellcheck disable=SC2317 # it is called by a trap
clean_up() {
	trap '' INT TERM HUP
	[ -z "$watchdog" ] || kill "$watchdog" 2>/dev/null
	if [ -n "$child" ] && kill "$child" 2>/dev/null; then
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			kill -0 "$child" 2>/dev/null || break
			sleep 0.1
		done
		kill -9 "$child" 2>/dev/null
		wait "$child" 2>/dev/null
	fi
	[ -z "$tty" ] || stty "$tty" 2>/dev/null
	rm -rf "$tmp"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# On a terminal QEMU's own monitor shares the line: Ctrl-A x leaves, Ctrl-A h
# tells more. Ctrl-C ends a program's run, but goes to the guest in a session.
# With no terminal every byte belongs to the guest.
serial=(-serial stdio)
if [ -n "$tty" ]; then
	signal=on
	[ -z "$session" ] || signal=off
	serial=(
		-chardev "stdio,id=terminal,mux=on,signal=$signal"
		-serial chardev:terminal -mon "chardev=terminal,mode=readline"
	)
fi

args=(
	-machine pc -accel "$accel" -cpu "${CPU:-max}" -smp "$cpus" -m 256
	-nodefaults -no-user-config -no-reboot -vga std
	-drive "file=${img//,/,,},if=ide,index=0,format=raw,snapshot=on"
	"${serial[@]}"
	-device "isa-debug-exit,iobase=0x501,iosize=4"
	# A byte comes here from the boot sector. QEMU's own failures and a good
	# end have the same status; this tells them apart.
	-chardev "file,id=booted,path=$tmp/booted" -device "isa-debugcon,iobase=0xe9,chardev=booted"
)

if [ "$disk" != none ]; then
	if [ -z "$keep" ]; then
		disk_copy "$disk" "$tmp/disk" || give_up "no copy of $disk"
		disk=$tmp/disk
	elif [ ! -w "$disk" ]; then
		give_up "$disk cannot be written to, and so nothing can stay there"
	elif ! disk_lock "$disk"; then
		give_up "$disk: another machine keeps there what it writes; leave that one first," \
			"or forget what this one writes (without -p; make: KEEP=0)"
	fi
	file=${disk//,/,,} # QEMU's way to have a comma in a name
	if [ -z "$record" ]; then
		drive=driver=raw,file.driver=file,file.filename=$file
		# a copy need not outlive a power cut of this machine
		[ -n "$keep" ] || drive+=,cache=unsafe
	else
		: >"$record" || give_up "no record $record"
		drive=driver=blklogwrites,file.driver=raw
		drive+=,file.file.driver=file,file.file.filename=$file
		drive+=,log.driver=file,log.filename=${record//,/,,}
		[ -n "$keep" ] || drive+=,file.file.cache.no-flush=on,log.cache.no-flush=on
	fi
	args+=(-drive "if=ide,index=1,werror=report,rerror=report,$drive")
fi
if [ -z "$window" ]; then
	args+=(-display none)
elif ! "$qemu" -display help 2>/dev/null | grep -qE 'gtk|sdl|cocoa'; then
	give_up "this $qemu opens no windows (Debian: install qemu-system-gui): try make qemu-nox"
fi
[ -z "$gdb" ] || args+=(-S -gdb "tcp::$port")
if [ $# -gt 0 ]; then
	printf '%s\n' "$@" >"$tmp/run"
	args+=(-fw_cfg "name=opt/flexsc/run,file=$tmp/run")
fi
[ -z "$monitor" ] || args+=(-fw_cfg "name=opt/flexsc/monitor,string=1")
[ -z "$log" ] || args+=(-fw_cfg "name=opt/flexsc/log,string=${log//,/,,}")

# What QEMU complains of is shown at the end, without its remark that it was
# stopped; but at once if there are options of the user's, which may make it talk.
exec 3>&2
[ -n "${QEMUEXTRA:-}" ] || exec 3>"$tmp/errors"

# QEMUEXTRA is words, as on a command line.
# shellcheck disable=SC2086
"$qemu" "${args[@]}" ${QEMUEXTRA:-} <&0 2>&3 3>&- &
child=$!

if [ "$limit" -gt 0 ]; then
	(
		trap 'kill $! 2>/dev/null; exit' TERM
		sleep "$limit" &
		wait $!
		: >"$tmp/late"
		kill "$child"
		sleep 2
		kill -9 "$child"
	) </dev/null >/dev/null 2>&1 9>&- &
	watchdog=$!
fi

wait "$child" 2>/dev/null
status=$?
child=''
[ ! -s "$tmp/errors" ] || grep -v 'terminating on signal' "$tmp/errors" >&2

if [ -e "$tmp/late" ]; then
	echo "run: $what hung: no end within $limit s" >&2
	exit 124
fi
[ "$status" = 0 ] || [ -s "$tmp/booted" ] || give_up "$qemu did not start (status $status)"
case $status in
0)
	[ -n "$monitor$gdb$window" ] || [ $# = 0 ] && exit 0
	echo "run: $what: the machine was reset, or left before the end" >&2
	exit 2
	;;
1) exit 0 ;; # QEMU's status is twice the kernel's, plus 1
3) exit 1 ;;
5) exit 2 ;;
*)
	echo "run: $what: $qemu ended with status $status" >&2
	exit 125
	;;
esac
