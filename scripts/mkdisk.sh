#!/usr/bin/env bash
# Brings the user's disk image up to date.
#
#   scripts/mkdisk.sh DIRECTORY SIZE
#
# DIRECTORY holds root, what belongs on the disk; clean.img, made of it; and the
# tool mkfs. fs.img is a copy of clean.img at first; later, what has changed in
# root is written into it, and the other files in it stay. SIZE in MiB: what it
# must have, or "any". If this fails, fs.img is as it was.

set -eu
cd "$(dirname "$0")/.."
# shellcheck source=scripts/disk.sh
. scripts/disk.sh
dir=$1
image=$dir/fs.img

give_up() {
	echo "make: $image: $*" >&2
	exit 1
}

if [ -e "$image" ] && [ "$2" != any ]; then
	bytes=$(wc -c <"$image")
	[ $((bytes)) = $(($2 * 1048576)) ] || give_up "it has $((bytes / 1048576)) MiB," \
		"not DISK_MB=$2; remove it, and the files in it, to have it made anew"
fi
if ! disk_lock "$image"; then
	echo "make: $image: in use by a running machine; not brought up to date" >&2
	exit 0
fi
trap 'rm -f "$image.new"' EXIT
echo "+ mk $image"
if [ -e "$image" ]; then
	disk_copy "$image" "$image.new"
	"$dir/mkfs" -u "$image.new" "$dir/root" || give_up "left as it was"
else
	disk_copy "$dir/clean.img" "$image.new"
fi
mv "$image.new" "$image"
