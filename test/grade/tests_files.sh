# Tests of files, spawn, pipes, and JOS's programs that use them. declare.sh says how to write one.
# shellcheck shell=bash
# shellcheck disable=SC2016 # $DISK is set where a test's command runs

# ---- Files, programs, pipes, shell ---------------------------------------------------

# The kernel's part: words to wait at, calls of servers, ends of children, ctrl-C.
guest futex_wait core limit=60
guest futex_stress run="futex_stress $((FULL ? 2000 : 300))" core limit=60
guest ipc_call core limit=60
guest ipc_call_stress run="ipc_call_stress $((FULL ? 2000 : 200))" core limit=60
guest ipc_call_oom limit=60
guest ipc_queue core
guest ipc_queue_fail
guest ipc_queue_fair core limit=60
guest ipc_queue_stress core limit=60
guest ipc_nomem core
guest ipc_call_kill run="ipc_call_kill $((FULL ? 2000 : 100))" core limit=120
guest env_zombie core limit=60
guest env_job
for n in 1 2 4; do
	check "sys_info_$n" run="sys_info $n" cpus="$n" <<<'^sys_info: OK$'
done
check cons_intr core type='type: \^Ca=>\003a' type='type: \^Cx=>\003x' \
	type='type: \^Cy=>\003y' type='type: \^C=>\003' type='type: \^C=>\003' \
	type='type: \^Cz=>\003z' \
	type='type: The quick=>The quick brown fox! 0123456789 (jumps) over {the} lazy ~dog' <<'END'
^cons_intr: OK$
END

# The library and the file system, its calls by trap and by the syscall page.
for t in lib_fd lib_file lib_buffers lib_pipe lib_share lib_spawn lib_text fs_names \
	fs_model fs_open fs_writers; do
	guest "$t" limit=60
	check "${t}_page" run="$t always page" limit=60 <<<"^$t: OK\$"
	for way in 'never' 'batches page' 'never page' 'always'; do
		check "${t}_${way/ /_}" run="$t $way" full limit=60 <<<"^$t: OK\$"
	done
done
guest fs_large run="fs_large $((FULL ? 40 : 5))" limit=120
guest fs_dirfull full limit=120
check fs_dirfull_there run='fs_dirfull there' prepare='d=$(mktemp -d) && mkdir -p "$d/t-fs_dirfull/d" &&
	for ((i = 0; i < 4080; i++)); do : >"$d/t-fs_dirfull/d/name$i"; done &&
	"$OBJDIR/fs/mkfs" -u "$DISK" "$d"; rm -rf "$d"' limit=60 <<<'^fs_dirfull: OK$'
guest fs_nomem limit=60
# The library's calls executed by another CPU.
check fork_remote run="fork_remote $((FULL ? 1000 : 40)) 0 2" core limit=60 <<<'^fork_remote: OK$'
check fork_remote_alone run="fork_remote $((FULL ? 1000 : 60)) 1 2" limit=60 <<<'^fork_remote: OK$'
for t in lib_fd lib_file lib_buffers lib_pipe lib_share lib_spawn lib_text fs_names \
	fs_model fs_open fs_writers; do
	for way in always batches; do
		check "${t}_remote_$way" run="$t $way remote" full limit=60 <<<"^$t: OK\$"
	done
done
# All of it at once, at random; then the disk is sound.
guest lib_chaos core limit=120
for n in {2..20}; do
	check "lib_chaos_$n" run="lib_chaos 150 $n" full limit=120 <<<'^lib_chaos: OK$'
done
host lib_chaos_fsck limit=120 'scripts/run.sh -p "lib_chaos 60 1001" "lib_chaos 60 1002" &&
	"$OBJDIR/fs/fsck" "$DISK"' <<'END'
#2 ^lib_chaos: OK$
END
for n in {2..9}; do
	check "fs_model_$n" run="fs_model batches page 4000 $n" full limit=120 <<<'^fs_model: OK$'
	check "fs_writers_$n" run="fs_writers $((n * 100))" full limit=120 <<<'^fs_writers: OK$'
done

# Other disks than the usual one: $1: how large.
small_disk() {
	echo "d=\$(mktemp -d) && \"\$OBJDIR/fs/mkfs\" -s $1 \"\$DISK\" \"\$d\"; rmdir \"\$d\""
}
check fs_full prepare="$(small_disk 6)" limit=60 <<<'^fs_full: OK$'
check fs_full_64 run=fs_full cpus=2 prepare="$(small_disk 64)" full limit=300 <<<'^fs_full: OK$'
check fs_full_page run='fs_full always page' prepare="$(small_disk 6)" full limit=60 \
	<<<'^fs_full: OK$'
check fs_absent run='fs_absent 19' disk=none core <<'END'
^no disk$
^fs_absent: OK$
!fs: disk
END
# Spoils the disk; $1: which sector, $2: what is written there.
damaged() {
	check "fs_damaged_$1" run='fs_absent 21' prepare="$2" <<'END'
^fs: disk 1: no file system, or a damaged one$
^fs_absent: OK$
#1 fs: disk
END
}
damaged magic 'printf ! | dd of="$DISK" bs=1 seek=4096 conv=notrunc status=none'
damaged version 'printf x | dd of="$DISK" bs=1 seek=4100 conv=notrunc status=none'
damaged size 'printf x | dd of="$DISK" bs=1 seek=4105 conv=notrunc status=none'
damaged zeroes 'dd if=/dev/zero of="$DISK" bs=4096 count=4 conv=notrunc status=none'
damaged noise 'yes noise | head -c 1048576 | dd of="$DISK" conv=notrunc status=none'
damaged cut 'truncate -s 3M "$DISK"'
damaged empty 'truncate -s 0 "$DISK" && truncate -s 1M "$DISK"'
damaged roots 'yes r | head -c 4096 | dd of="$DISK" bs=4096 seek=2 conv=notrunc status=none'

# What was written is there at the next boot; what was synced, although the power
# was cut; what a run without -p writes is forgotten.
host fs_reboot limit=120 'R="scripts/run.sh -p"
	$R "fs_reboot write" && $R "fs_reboot check" hello "fs_reboot check" &&
	scripts/run.sh "rm -r /t-fs_reboot" && $R "fs_reboot check" &&
	"$OBJDIR/fs/fsck" "$DISK"' <<'END'
#4 ^fs_reboot: OK$
^hello, world$
END
host fs_power_cut limit=120 'mkfifo "$DISK.out"
	scripts/run.sh -p -t 60 "fs_reboot cut" >"$DISK.out" & run=$!
	grep -m 1 "cut the power" <"$DISK.out"; kill -KILL $(pgrep -P $run qemu); wait $run
	"$OBJDIR/fs/fsck" "$DISK" && scripts/run.sh -p "fs_reboot check" && "$OBJDIR/fs/fsck" "$DISK"' \
	<<'END'
=cut the power
^fs_reboot: OK$
END

# ---- JOS's programs with files

check icode end=endless limit=60 <<'END'
^icode startup$
^icode: open /motd$
^icode: read /motd$
^This is /motd, the message of the day\.$
^icode: close /motd$
^icode: spawn /init$
^icode: exiting$
^init: running$
^init: data seems okay$
^init: bss seems okay$
^init: args: 'init' 'initarg1' 'initarg2'$
^init: running sh$
^init: starting sh$
[$] $
END
check init type='[$] $=>echo from the shell\n' type='[$] $=>exit\n' <<'END'
^init: running$
^init: data seems okay$
^init: bss seems okay$
^init: args: 'init'$
^init: starting sh$
^from the shell$
END
check initsh type='[$] $=>echo in initsh\n' type='[$] $=>\004' <<'END'
^initsh: running sh$
^initsh: starting sh$
^in initsh$
END
check spawnhello <<'END'
^i am parent environment 00001000$
^hello, world$
^i am environment 00001001$
END
check spawninit type='[$] $=>\004' <<'END'
^i am parent environment 00001000$
^init: running$
^init: data seems okay$
^init: bss seems okay$
^init: args: 'init' 'one' 'two'$
^init: starting sh$
END
check primespipe end=endless limit=60 < <(primes_in_order | sed 's/.* \(.*\) $/^\1$/' | head -n 184)
check primespipe_500 run='primespipe 500' <<'END'
^2$
^3$
^497$|^499$
!out of
END
check testfdsharing <<'END'
^read in child succeeded$
^read in parent succeeded$
END
check testfile <<'END'
^serve_open is good$
^file_stat is good$
~^file_close is good$
~^file_read is good$
~^stale fileid is good$
^file_write is good$
^file_read after file_write is good$
^open is good$
^large file is good$
END
check testpipe <<'END'
^pipe read closed properly$
^pipe write closed properly$
^pipe tests passed$
END
check testpiperace limit=60 <<'END'
^testing for dup race\.\.\.$
^race didn't happen$
!RACE
END
check testpiperace2 limit=60 <<'END'
^testing for pipeisclosed race\.\.\.$
^race didn't happen$
!RACE
END
check testpteshare <<'END'
^fork handles PTE_SHARE right$
^spawn handles PTE_SHARE right$
END
check testkbd type='Type a line: $=>first line\n' type='Type a line: $=>second line\n' end=endless <<'END'
first line
second line
END
check writemotd alone <<'END'
^OLD MOTD$
^This is /motd, the message of the day\.$
^NEW MOTD$
^This is /newmotd
END


# ---- Descriptors among threads ------------------------------------------------------
guest fd_threads core limit=60
guest fd_threads_close core limit=60
guest fd_threads_end core limit=90
check fd_threads_page run='fd_threads page always' limit=60 <<<'^fd_threads: OK$'
check fd_threads_close_page run='fd_threads_close remote always' limit=60 <<<'^fd_threads_close: OK$'
check fd_threads_end_page run='fd_threads_end page' limit=90 <<<'^fd_threads_end: OK$'
