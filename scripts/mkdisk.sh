#!/usr/bin/env bash
# Brings the user's disk image up to date.
#
#   scripts/mkdisk.sh DIRECTORY SIZE SWAP
#
# DIRECTORY holds root, what belongs on the disk; clean.img, made of it; and the
# tool mkfs. fs.img is a copy of clean.img at first; later, what has changed in
# root is written into it, and the other files in it stay. SIZE in MiB: what its
# file system must have, or "any"; SWAP in MiB: what it gets behind that for swapped
# pages, of which none outlives a boot. If this fails, fs.img is as it was.

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
	# what the superblock says, byte by byte: s_nblocks of struct Super, inc/fs.h
	read -r b0 b1 b2 b3 < <(od -An -tu1 -j4104 -N4 "$image")
	blocks=$((b0 | b1 << 8 | b2 << 16 | b3 << 24))
	[ "$blocks" = $(($2 * 256)) ] || give_up "it has $((blocks / 256)) MiB," \
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
	"$dir/mkfs" -u -w "$3" "$image.new" "$dir/root" || give_up "left as it was"
else
	disk_copy "$dir/clean.img" "$image.new"
fi
mv "$image.new" "$image"
