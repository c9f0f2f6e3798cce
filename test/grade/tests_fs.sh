# What the file server does for memory: the swap area, and pages of files that programs
# write to. declare.sh says how to write one.

# shellcheck shell=bash
# shellcheck disable=SC2016

# An empty disk of 6 MiB; $1: words for mkfs.
memory_disk() {
	echo "d=\$(mktemp -d) && \"\$OBJDIR/fs/mkfs\" -s 6 $1 \"\$DISK\" \"\$d\"; rmdir \"\$d\""
}

guest swap_server run="swap_server 300" core
check swap_full run='swap_server 0' full limit=120 <<<'^swap_server: OK$'
check swap_small run='swap_server 0' prepare="$(memory_disk '-w 4')" full limit=300 \
	<<<'^swap_server: OK$'
check vm_slots prepare="$(memory_disk '-w 1')" <<<'^vm_slots: OK$'
check swap_none run='swap_server none' prepare="$(memory_disk '')" <<<'^swap_server: OK$'
check swap_no_disk run='swap_server error 19' disk=none <<<'^swap_server: OK$'
check swap_damaged run='swap_server error 21' \
	prepare='printf ! | dd of="$DISK" bs=1 seek=4096 conv=notrunc status=none' \
	<<<'^swap_server: OK$'

guest fs_mapshared core limit=60
check fs_mapshared_full run='fs_mapshared full' prepare="$(memory_disk '')" limit=60 \
	<<<'^fs_mapshared: OK$'
for n in {2..9}; do
	check "fs_mapshared_$n" run="fs_mapshared 10000 $n" full limit=120 <<<'^fs_mapshared: OK$'
done
# What was written to such a page is there at the next boot.
host fs_mapshared_boot limit=120 'scripts/run.sh -p "fs_mapshared write" &&
	"$OBJDIR/fs/fsck" "$DISK" && scripts/run.sh -p "fs_mapshared check"' <<'END'
^written$
^fs_mapshared: OK$
END

# The area as make and mkfs make it: behind a new file system, behind one that had none, as
# long as is said; what is in the file system stays.
host swap_image end='status 2' 'd=$(mktemp -d) && trap "rm -rf $d" EXIT
	mkfs=$OBJDIR/fs/mkfs fsck=$OBJDIR/fs/fsck
	size() { echo bytes: $(($(wc -c <"$DISK"))); }
	echo kept >"$d/kept" && "$mkfs" -s 2 "$DISK" "$d" && size && rm "$d/kept" &&
	"$mkfs" -u -w 3 "$DISK" "$d" && size && "$fsck" "$DISK" &&
	"$mkfs" -u "$DISK" "$d" && size && "$fsck" -c "$DISK" /kept &&
	"$mkfs" -u -w 0 "$DISK" "$d" && size && "$mkfs" -s 4 -w 1 "$DISK" "$d" && size &&
	"$fsck" "$DISK"; "$mkfs" -w 513 "$DISK" "$d"' <<'END'
^bytes: 2097152$
^bytes: 5242880$
clean$
^bytes: 5242880$
^kept$
^bytes: 2097152$
^bytes: 5242880$
clean$
^usage: mkfs
END
for n in 513 08 x '' -1; do
	host "swap_mb_${n:-empty}" end='status [1-9]*' "make -s help SWAP_MB=$n" <<END
=SWAP_MB=$n: must be a number from 0 to 512
END
done
