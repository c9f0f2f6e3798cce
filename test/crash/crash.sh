#!/usr/bin/env bash
# Cuts the power at many moments of a real run, and looks at what is left.
#
#   test/crash/crash.sh [-p POINTS] [-b BOOTS] [-m MIB] [-k DIR]
#
# test/guest/fs_crash.c works on a private image of MIB megabytes (8, at most 16) while
# QEMU records every write and flush of the disk. It says what the tree must be after
# each of its operations, from a model in its memory, and stops whenever a sync or
# close has returned, until the entries of the record have been counted here. So
# for a power cut after any entry N it is known
#
#   which operations were promised to be there: those that a sync or close, which
#   returned when the record had N entries or fewer, had made safe;
#   which cannot be there: those that were begun when it had N entries or more.
#
# For POINTS (20) moments N, spread evenly, every other one right before a flush, it
# makes these images: the first N entries; the last of them torn in the middle; and,
# three times, of the writes since the last flush only a random part (fs/replay.c).
# Each must be clean for fs/fsck.c, and its tree, as fsck shows it, the one after
# exactly K operations, with K between those two bounds, and for whole records
# not less than at the moment before.
#
# BOOTS (2) of these images are booted: test/guest/fs_tree.c must show the same tree as fsck
# did and leave a clean image with an empty log; and the power is cut again, at
# moments of that run, after each of which the tree must still be the same.
#
# -k DIR keeps everything there. IMG: as for scripts/run.sh; mkfs, fsck and replay
# are found beside it.

set -u
cd "$(dirname "$0")/../.." || exit 2
export LC_ALL=C

points=20 boots=2 mib=8 dir=''
while getopts p:b:m:k: option; do
	case $option in
	p) points=$OPTARG ;;
	b) boots=$OPTARG ;;
	m) mib=$OPTARG ;;
	k) dir=$OPTARG ;;
	*) exit 2 ;;
	esac
done

export IMG=${IMG:-obj/kern/kernel.img}
tools=$(dirname "$(dirname "$IMG")")/fs
if [ -n "$dir" ]; then
	mkdir -p "$dir" || exit 2
else
	dir=$(mktemp -d "${TMPDIR:-/tmp}/flexsc-crash.XXXXXX") || exit 2
	trap 'rm -rf "$dir"' EXIT
fi

give_up() {
	echo "crash: $*"
	exit 1
}

failures=0

# $1: which image; the rest: what is wrong with it.
failed() {
	echo "crash: $1: ${*:2}"
	((++failures < 5)) || give_up 'too many failures'
}

# ---- The run that is recorded ----

base=$dir/base log=$dir/log work=$dir/work
mkdir -p "$dir/folder/docs/empty" || exit 2
cp README.md "$dir/folder/readme"
cp doc/*.md "$dir/folder/docs"
"$tools/mkfs" -s "$mib" "$base" "$dir/folder" || give_up 'no image'
"$tools/fsck" -s "$base" >"$dir/first" || give_up 'the image is not clean before the run'

# How many entries record $1 has; before the first flush it may not even have a head.
entries() {
	local n
	n=$("$tools/replay" -n "$1" 2>/dev/null)
	echo "$((${n%% *}))"
}

cp "$base" "$dir/run" || exit 2
rm -f "$dir/keys"
mkfifo "$dir/keys" || exit 2
exec 3<>"$dir/keys"
: >"$dir/safe"
scripts/run.sh -t 300 -p -D "$dir/run" -r "$log" fs_crash <"$dir/keys" |
	while IFS=$' \r' read -r mark what; do
		printf '%s %s\n' "$mark" "$what"
		if [ "$mark" = '!' ]; then
			echo "$(entries "$log") $what" >>"$dir/safe"
			printf . >&3
		fi
	done >"$work"
status=${PIPESTATUS[0]}
rm "$dir/keys"
if [ "$status" != 0 ] || ! grep -q '^fs_crash: OK' "$work"; then
	tail -n 20 "$work"
	give_up "the run ended with status $status"
fi
nentries=$(entries "$log")
"$tools/replay" "$base" "$log" "$nentries" "$dir/image"
cmp "$dir/image" "$dir/run" || give_up 'the record is not all that was written'
noperations=$(grep -c '^= ' "$work")

# ---- What is left at each moment ----

# $1: image; $2, $3: bounds; $4: name. The operations done are in K then.
look_at() {
	K=''
	if ! "$tools/fsck" -s "$1" >"$dir/tree" 2>"$dir/wrong"; then
		failed "$4" "fsck: $(head -n 5 "$dir/wrong")"
	elif ! K=$(awk -v low="$2" -v high="$3" -f test/crash/states.awk \
		"$dir/first" "$work" "$dir/tree"); then
		failed "$4" "$K"
		K=''
	fi
}

# Sets LOW and HIGH for a power cut after entry $1.
bounds() {
	local n k j
	LOW=0 HIGH=$noperations
	while read -r n k j; do
		if ((n <= $1 && k > LOW)); then
			LOW=$k
		fi
		if ((n >= $1 && j < HIGH)); then
			HIGH=$j
		fi
	done <"$dir/safe"
}

mapfile -t kinds < <("$tools/replay" -l "$log" | cut -d ' ' -f 2)
[ "${#kinds[@]}" = "$nentries" ] || give_up 'the record cannot be read'
((points <= nentries)) || points=$nentries

PARTS=(-t -s1 -s2 -s3) # of the writes
torn=0 replayed=0 least=0 boot_at=() last=-1
for ((i = 0; i < points; i++)); do
	n=$((points > 1 ? i * nentries / (points - 1) : nentries))
	((n > last)) || n=$((last + 1))
	if ((i % 2)); then # before a flush: kinds[n] is entry n + 1
		while ((n < nentries)) && [ "${kinds[n]}" != flush ]; do ((++n)); done
	fi
	((n <= nentries)) || break
	last=$n
	bounds "$n"
	"$tools/replay" "$base" "$log" "$n" "$dir/image" || give_up 'no image'
	look_at "$dir/image" "$((least > LOW ? least : LOW))" "$HIGH" "after $n of $nentries writes"
	least=${K:-$least}
	"$tools/fsck" "$dir/image" 2>&1 | grep -q 'to replay' && ((++replayed))
	boot_at+=("$n")

	if [ "$n" = 0 ] || [ "${kinds[n - 1]}" = flush ]; then
		continue
	fi
	for part in "${PARTS[@]}"; do
		"$tools/replay" "$part" "$base" "$log" "$n" "$dir/image" || give_up 'no image'
		look_at "$dir/image" "$LOW" "$HIGH" "after a part, $part, of $n of $nentries writes"
		((++torn))
	done
done
((least == noperations)) || failed 'the last image' "only $least of $noperations operations"
((replayed > 0)) || failed 'all images' 'none has a log to replay: nothing was tested'

# ---- What the machine makes of it ----

# Whether image $1 is clean and holds what is in tree; WHY not.
same_tree() {
	"$tools/fsck" -s "$1" 2>"$dir/wrong" | sort >"$dir/other"
	WHY="$(head -n 5 "$dir/wrong") $(diff "$dir/tree" "$dir/other" | head -n 5)"
	[ "$WHY" = ' ' ]
}

# $1: image, left as it is; $2: name.
boot() {
	local n m i seed
	cp "$1" "$dir/booted"
	if ! scripts/run.sh -t 60 -p -D "$dir/booted" -r "$dir/log2" fs_tree </dev/null \
		>"$dir/said" 2>&1; then
		failed "$2" "the boot failed: $(tail -n 5 "$dir/said")"
		return
	fi
	"$tools/fsck" -s "$1" | sort >"$dir/tree"
	tr -d '\r' <"$dir/said" | grep ^/ | sort >"$dir/shown"
	cmp -s "$dir/tree" "$dir/shown" ||
		failed "$2" "shown: $(diff "$dir/tree" "$dir/shown" | head -n 5)"
	"$tools/fsck" "$dir/booted" >"$dir/after" 2>&1 || failed "$2" "$(cat "$dir/after")"
	if ! grep -q 'log: empty' "$dir/after" || grep -q orphan "$dir/after"; then
		failed "$2" "not left in order: $(cat "$dir/after")"
	fi
	same_tree "$dir/booted" || failed "$2" "after the boot: $WHY"
	m=$(entries "$dir/log2")
	for ((i = 1; m > 0 && i <= AGAIN; i++)); do
		n=$(((i * m + AGAIN - 1) / AGAIN)) seed=''
		((i % 2)) && seed=-s$i
		"$tools/replay" $seed "$1" "$dir/log2" "$n" "$dir/image2" || give_up 'no image'
		same_tree "$dir/image2" || failed "$2" "cut again after $n of $m writes $seed: $WHY"
		((++again))
	done
}

AGAIN=16 # power cuts in the run after a power cut
again=0 booted=0
for ((i = 0; i < boots; i++)); do
	n=$(((2 * i + 1) * ${#boot_at[@]} / (2 * boots))) part=''
	((i % 2)) && n=$((n | 1)) part=-t
	n=${boot_at[n]:-$nentries}
	"$tools/replay" $part "$base" "$log" "$n" "$dir/image" || give_up 'no image'
	boot "$dir/image" "booted after $n of $nentries writes $part"
	((++booted))
done

echo "crash: $nentries writes and flushes, $noperations operations"
echo "crash: ${#boot_at[@]} power cuts, $replayed with a log to replay, $torn more with a part"
echo "crash: $booted boots, $again power cuts in them"
[ "$failures" = 0 ] || give_up "$failures failures"
echo 'crash: OK'
