# The tests that grade-flexsc.sh runs; declare.sh says how to write one.
# shellcheck shell=bash
# shellcheck disable=SC2016 # $DISK is set where a test's command runs

# ---- Programs of JOS: faults ---------------------------------------------------

# The part of a trap frame that follows the trap's own lines.
FRAME='TRAP frame at 0xf....... from CPU .'
REST='^  eip  0x008.....$
^  ss   0x----0023$'

check hello core <<'END'
^hello, world$
^i am environment 00001000$
END
check buggyhello end=destroyed core <<'END'
^\[00001000\] user_mem_check assertion failure for va 00000001$
END
check buggyhello2 end=destroyed <<'END'
^\[00001000\] user_mem_check assertion failure for va 0....000$
!hello, world
END
check evilhello end=destroyed <<'END'
^\[00001000\] user_mem_check assertion failure for va f010000c$
END
check divzero end=destroyed <<END
$FRAME
^  trap 0x00000000 Divide error$
$REST
!1/0 is
END
check softint end=destroyed <<END
$FRAME
^  trap 0x0000000d General Protection$
$REST
END
check badsegment end=destroyed <<END
$FRAME
^  trap 0x0000000d General Protection$
^  err  0x00000028
$REST
END
check breakpoint end=destroyed <<END
$FRAME
^  trap 0x00000003 Breakpoint$
$REST
!Welcome to the JOS kernel monitor
END
check faultread end=destroyed core <<END
^\[00001000\] user fault va 00000000 ip 008.....$
$FRAME
^  trap 0x0000000e Page Fault$
=  err  0x00000004 [user, read, not-present]
!I read
END
check faultreadkernel end=destroyed core <<END
^\[00001000\] user fault va f0100000 ip 008.....$
$FRAME
^  trap 0x0000000e Page Fault$
=  err  0x00000005 [user, read, protection]
!I read
END
check faultwrite end=destroyed <<END
^\[00001000\] user fault va 00000000 ip 008.....$
$FRAME
=  err  0x00000006 [user, write, not-present]
END
check faultwritekernel end=destroyed <<END
^\[00001000\] user fault va f0100000 ip 008.....$
$FRAME
=  err  0x00000007 [user, write, protection]
END
check testbss end=destroyed <<'END'
=Making sure bss works right...
=Yes, good.  Now doing a wild write off the end...
^\[00001000\] user fault va 00c..... ip 008.....$
!bigarray\[
!did not trap
END

# ---- Programs of JOS: page-fault handlers --------------------------------------

check faultalloc core <<'END'
^fault deadbeef$
^this string was faulted in at deadbeef$
^fault cafebffe$
^fault cafec000$
^this string was faulted in at cafebffe$
END
check faultallocbad end=destroyed <<'END'
^\[00001000\] user_mem_check assertion failure for va deadbeef$
!fault deadbeef
END
check faultbadhandler end=destroyed <<'END'
^\[00001000\] user_mem_check assertion failure for va (deadb|eebfe)...$
END
check faultdie <<'END'
^i faulted at va deadbeef, err 6$
END
check faultevilhandler end=destroyed <<'END'
^\[00001000\] user_mem_check assertion failure for va (f0100|eebfe)...$
END
check faultnostack end=destroyed <<'END'
^\[00001000\] user_mem_check assertion failure for va eebfff..$
END
check faultregs core <<'END'
^Registers in UTrapframe OK$
^Registers after page-fault OK$
!MISMATCH
END

# ---- Programs of JOS: many envs --------------------------------------------------

check dumbfork core <<'END'
^0: I am the parent!$
^1: I am the parent!$
^8: I am the parent!$
^9: I am the parent!$
~^0: I am the child!$
~^9: I am the child!$
~^19: I am the child!$
#10 I am the parent
#20 I am the child
END
check forktree core <<'END'
~^1000: I am ''$
~^....: I am '0'$
~^....: I am '1'$
~^....: I am '00'$
~^....: I am '01'$
~^....: I am '10'$
~^....: I am '11'$
~^....: I am '000'$
~^....: I am '001'$
~^....: I am '010'$
~^....: I am '011'$
~^....: I am '100'$
~^....: I am '101'$
~^....: I am '110'$
~^....: I am '111'$
#15 I am '
END
check spin core <<'END'
=I am the parent.  Forking the child...
=I am the parent.  Killing the child...
~I am the parent\.  Running the child\.\.\.
~I am the child\.  Spinning\.\.\.
END
check yield <<'END'
^Hello, I am environment 00001000\.$
^Back in environment 00001000, iteration 0\.$
^Back in environment 00001000, iteration 1\.$
^Back in environment 00001000, iteration 2\.$
^Back in environment 00001000, iteration 3\.$
^Back in environment 00001000, iteration 4\.$
^All done in environment 00001000\.$
END
check stresssched <<'END'
#20 ^\[000010..\] stresssched on CPU .$
!ran on two CPUs at once
END
# Which of the CPUs get a part of it is up to the machine that emulates them.
check stresssched_4 run=stresssched cpus=4 <<'END'
~stresssched on CPU [1-3]$
#20 stresssched on CPU [0-3]$
!ran on two CPUs at once
END
check idle end=endless linger=1 log=env <<'END'
^\[00000000\] new env 00001000$
![Ff]ault
!free env
!destroying
END

# ---- Programs of JOS: messages -------------------------------------------------

check pingpong core <<'END'
^send 0 from 1000 to 1001$
^1001 got 0 from 1000$
^1000 got 1 from 1001$
^1001 got 2 from 1000$
^1001 got 8 from 1000$
^1000 got 9 from 1001$
^1001 got 10 from 1000$
#11 got
END
check pingpongs <<'END'
^sfork is not supported: invalid parameter
!got
END
check sendpage core <<'END'
=1000 got message: hello child environment! how are you?
=child received correct message
=1001 got message: hello parent environment! I'm good.
=parent received correct message
END
check fairness end=endless <<'END'
~1001 recv from 1000
~1001 recv from 1002
END

# The first 288 primes, each once, in one long line.
primes_in_order() {
	local n d
	for ((n = 2; n <= 1877; n++)); do
		for ((d = 2; d * d <= n; d++)); do
			((n % d)) || continue 2
		done
		echo "CPU [0-9]: $n "
	done
}
check primes end=endless limit=60 < <(primes_in_order)

# ---- Other programs that need no files ------------------------------------------

check testtime limit=30 <<'END'
=starting count down: 5 4 3 2 1 0
END
check testmalloc run='testmalloc "malloc 64" "malloc 5000" bla' <<'END'
^> malloc 64$
^	0x[0-9a-f]{7,8}$
^> malloc 5000$
^	0x[0-9a-f]{7,8}$
^\?unknown command
!	0x0*$
END

# ---- FlexSC's demos -------------------------------------------------------------

DEMO_FLEXSC="#10 ^This is a FlexSC test\$
^one flexsc_wait: 10 calls done\$
^flex_getenvid: 00001000, the same as by trap\$
^flex_time_msec: [0-9]+ ms
^two posted calls: getenvid 00001000; page_unmap of address 1: invalid parameter\$
^entry written by hand: getenvid 00001000\$
^flex_page_alloc: page at a0000000 written and read back\$"
DEMO_FLEXSCIPC='=Received 00001234 via IPC!
=IPC completed!'

check flexsc core <<<"$DEMO_FLEXSC"
check flexscipc core <<<"$DEMO_FLEXSCIPC"
check flexsc_20 run=flexsc times=20 cpus='1 2 4' <<<"$DEMO_FLEXSC"
check flexscipc_20 run=flexscipc times=20 cpus='1 2 4' <<<"$DEMO_FLEXSCIPC"
check flexsc_8 run=flexsc times=20 cpus=8 full <<<"$DEMO_FLEXSC"
check flexscipc_8 run=flexscipc times=20 cpus=8 full <<<"$DEMO_FLEXSCIPC"
# The same with a boot for each.
for n in {1..20}; do
	check "flexsc_boot_$n" run=flexsc full alone cpus='1 2 4' <<<"$DEMO_FLEXSC"
	check "flexscipc_boot_$n" run=flexscipc full alone cpus='1 2 4' <<<"$DEMO_FLEXSCIPC"
done

# ---- FlexSC: what went wrong elsewhere --------------------------------------------

guest fsc_register
guest fsc_entry core
guest fsc_wait core
check fsc_full <<'END'
#1000 ^n[0-9]{4}$
~^n0000$
~^n0063$
~^n0064$
~^n0999$
^fsc_full: OK$
END
check fsc_results core <<'END'
^by the page$
^fsc_results: OK$
END
guest fsc_ipc core
guest fsc_forbidden core
guest fsc_fork core
check fsc_exit core limit=60 <<'END'
~^posted before exit: 1$
~^posted before exit: 2$
~^posted before exit: 3$
^fsc_exit: OK$
END
guest fsc_many limit=60
check fsc_fault core <<'END'
^\[[0-9a-f]{8}\] user fault va 00000000 ip 008.....$
^fsc_fault: OK$
#25 user fault va 00000000
END
guest fsc_wake core
guest fsc_fuzz limit=60
guest fsc_remote limit=60
guest fsc_remote_stress run="fsc_remote_stress $((FULL ? 100000 : 30000))" limit=60
for n in {2..12}; do
	check "fsc_fuzz_$n" run="fsc_fuzz $n" full limit=60 <<<'^fsc_fuzz: OK$'
	check "fsc_exit_$n" run="fsc_exit 200 $n" full limit=60 <<<'^fsc_exit: OK$'
done

# ---- Traps, memory, envs, scheduling ------------------------------------------------

guest trap_errors core
guest trap_regs core
check trap_segs core <<'END'
^  trap 0x0000000d General Protection$
^trap_segs: OK$
#1 General Protection
END
guest trap_bases core
guest trap_frame core
guest mem_perms core
check mem_kerntables core <<'END'
^\[[0-9a-f]{8}\] user_mem_check assertion failure for va ef7be000$
^\[[0-9a-f]{8}\] user_mem_check assertion failure for va ef7c0000$
^mem_kerntables: OK$
END
guest mem_oom limit=60
guest env_exhaust limit=60
guest env_stale
check env_waits end=forever core <<'END'
~^\[00001000\] env_waits waits for what can no longer come: a message$
~^\[00001001\] env_waits waits for what can no longer come: a call of its syscall page$
END
guest tlb_shootdown limit=120
guest tlb_remap core
guest sched_fair limit=60
guest sched_affinity
check pf_nested core <<'END'
~user_mem_check assertion failure for va eebfe...
^pf_nested: OK$
END
guest ipc_order
guest fork_cow core

# ---- The file server ------------------------------------------------------------------

guest fs_disk core
guest fs_hostile core
guest fs_map core
guest fs_pager
check fs_pager_page run='fs_pager page always' <<<'^fs_pager: OK$'

# ---- Envs' lives, as LOG=env shows them -------------------------------------------

check life_hello run=hello log=env core <<'END'
^\[00000000\] new env 00001000$
^hello, world$
^\[00001000\] exiting gracefully$
^\[00001000\] free env 00001000$
END
check life_faultread run=faultread log=env end=destroyed <<'END'
^\[00000000\] new env 00001000$
^\[00001000\] user fault va 00000000 ip 008.....$
^\[00001000\] free env 00001000$
!exiting gracefully
END
check life_dumbfork run=dumbfork log=env <<'END'
^\[00000000\] new env 00001000$
^\[00001000\] new env 00001001$
~^\[00001000\] exiting gracefully$
~^\[0000100[01]\] free env 00001000$
~^\[00001001\] exiting gracefully$
~^\[0000100[01]\] free env 00001001$
END
check life_spin run=spin log=env <<'END'
^\[00000000\] new env 00001000$
=I am the parent.  Forking the child...
^\[00001000\] new env 00001001$
=I am the parent.  Killing the child...
^\[00001000\] destroying 00001001$
~free env 00001001$
~^\[00001000\] exiting gracefully$
~free env 00001000$
END
# Slots are used again, with new generations.
check life_forktree run=forktree log=env <<'END'
~^....: I am '111'$
~^\[00001000\] exiting gracefully$
~^\[0000....\] free env 0000200.$
END
# Nothing of this without being asked for; nor of service envs and threads.
check life_quiet run=flexsc <<'END'
^This is a FlexSC test$
!new env
!free env
!exiting gracefully
END

# ---- The commands of the makefile -------------------------------------------------

host make_run 'make -s run-hello CPUS=1' <<'END'
^hello, world$
^i am environment 00001000$
!===
!new env
END
host make_run_nox 'make -s run-hello-nox' <<'END'
^hello, world$
END
host make_run_fault end='status [1-9]*' 'make -s run-faultread' <<'END'
user fault va 00000000
END
host make_run_hung end='status [1-9]*' 'make -s run-idle TIMEOUT=3' <<'END'
hung
END
host make_run_log 'make -s run-hello LOG=env' <<'END'
^\[00000000\] new env 00001000$
^\[00001000\] exiting gracefully$
END
host make_run_args "make -s run-testmalloc ARGS='\"malloc 64\"'" <<'END'
^> malloc 64$
END
host make_run_monitor end=endless 'make -s run-breakpoint MONITOR=1' <<'END'
trap 0x00000003 Breakpoint
~Welcome to the JOS kernel monitor!
END
# A panic names the CPU, shows the way there by function and line, and make fails.
host panic end='status [1-9]*' type='K> $=>crash panic\n' type='K> $=>quit\n' \
	'make -s run-breakpoint MONITOR=1' <<'END'
crash panic$
kernel panic on CPU [0-9] at kern/monitor.c
kern/monitor.c:[0-9]*: mon_crash\+
kern/trapentry.S:[0-9]*: alltraps\+
END
host panic_stack end='status [1-9]*' type='K> $=>crash stack\n' type='K> $=>quit\n' \
	'make -s run-breakpoint MONITOR=1' <<'END'
trap 0x00000008 Double Fault
kern/monitor.c:[0-9]*: overflow\+
kernel panic on CPU [0-9] .*stack overflow
END
# Each command of the monitor, at a breakpoint and after it.
host monitor type='K> $=>help\n' type='K> $=>bt\n' type='K> $=>mappings 800000\n' \
	type='K> $=>x ef7bd000 4\n' type='K> $=>envs\n' type='K> $=>cpus\n' type='K> $=>sysstat\n' \
	type='K> $=>step\n' type='K> $=>nonsense\n' type='K> $=>continue\n' type='K> $=>quit\n' \
	'make -s run-breakpoint MONITOR=1' <<'END'
=Welcome to the JOS kernel monitor!
^K> help$
^sysstat - .*
^crash panic
^K> bt$
^  ebp eebf....  eip 008.....  args
^K> mappings 800000$
^  00800000-00800fff  0.......  U-[-A]
^K> x ef7bd000 4$
^ef7bd000:  [0-9a-f]{8} [0-9a-f]{8}
^K> envs$
^00001000  00000000  program   running .* breakpoint$
^K> cpus$
^\*.* 00001000 breakpoint$
^K> sysstat$
^ 2 getenvid +[1-9][0-9]* +0$
^K> step$
^  eip 0x008..... ( [0-9a-f]{2}){8}$
^K> nonsense$
nonsense
^K> continue$
^No runnable environments in the system!$
=Welcome to the JOS kernel monitor!
^K> quit$
END
host make_qemu_nox_monitor type='K> $=>quit\n' 'make -s qemu-nox MONITOR=1 TIMEOUT=30' <<'END'
=Welcome to the JOS kernel monitor!
=Type 'help' for a list of commands.
^K> quit$
!hung
END
# A session keeps its files, and a run forgets them unless told otherwise.
host make_qemu_nox type='[$] $=>echo one >/kept\n' type='[$] $=>\004' \
	type='[$] $=>cat /kept\n' type='[$] $=>exit\n' \
	"make -s qemu-nox && make -s qemu-nox && make -s run-rm ARGS=/kept &&
	make -s run-cat ARGS=/kept && make -s run-rm ARGS=/kept KEEP=1 &&
	make -s run-cat ARGS=/kept" <<'END'
^[$] cat /kept$
^one$
^one$
=cat: /kept: file or block not found
#2 ^one$
!hung
END
host make_run_memory "make -s run-hello QEMUEXTRA='-m 512'" <<'END'
^memory: using 256 MiB of 51[0-9] MiB$
^hello, world$
END
host make_run_cpus 'make -s run-flexsc CPUS=8' <<<"$DEMO_FLEXSC"
host make_run_waits end='status [1-9]*' 'make -s run-env_waits' <<'END'
waits for what can no longer come: a message$
!hung
END
# A file put into user/ is a program, and one no more when it is taken away; in a
# copy of the tree, because a make that runs beside this one would find it too.
host make_drop "tree=\$(mktemp -d) && trap 'rm -rf \"\$tree\"' EXIT &&
	cp -a GNUmakefile .gdbinit.tmpl bench boot fs inc kern lib scripts test user \"\$tree\" &&
	mkdir \"\$tree/obj\" && cd \$OBJDIR &&
	cp -a .[a-z]* toolchain.mk boot fs kern lib user \"\$tree/obj\" &&
	cd \"\$tree\" && export OBJDIR=obj IMG= &&
	sed 's/hello, world/dropped/' user/hello.c >user/dropped.c && make -s run-dropped &&
	rm user/dropped.c && make -s run-hello && ! make -s run-dropped" <<'END'
^dropped$
^hello, world$
no program dropped
#1 ^dropped$
END
# gdb, as the makefile starts it, stops in a program at a line of its source.
if command -v gdb >/dev/null; then
	host make_gdb "export GDBPORT=\$((30000 + \$\$ % 2000))
		make -s run-hello-gdb TIMEOUT=40 & sleep 1
		printf '%s\n' 'break umain' continue backtrace delete continue |
			timeout 30 make -s gdb; wait \$!" <<'END'
=waiting on port
^(Thread .* hit )?Breakpoint 1, umain \(
=user/hello.c:
=in libmain (
^hello, world$
END
fi
# Two that keep what they write get no common disk; one that does not is no trouble.
host disk_shared end='status 125' \
	'. scripts/disk.sh && disk_lock "$DISK" && scripts/run.sh hello && scripts/run.sh -p hello
	exit' <<'END'
^hello, world$
another machine keeps there what it writes
#1 hello, world
END
host disk_missing end='status [1-9]*' 'make -s run-hello DISK=/none/such' <<'END'
no disk image /none/such
!hello, world
END
host disk_none 'make -s run-hello DISK=none' <<<'^hello, world$'
# What make changes on the disk, and what it leaves; in a copy of the tree.
host disk_update "tree=\$(mktemp -d) && trap 'rm -rf \"\$tree\"' EXIT && mkdir \"\$tree/obj\" &&
	cp -a GNUmakefile .gdbinit.tmpl bench boot fs inc kern lib scripts test user \"\$tree\" &&
	cd \$OBJDIR && cp -a .[a-z]* toolchain.mk boot fs kern lib user \"\$tree/obj\" &&
	cd \"\$tree\" && rm -f obj/fs/fs.img && unset OBJDIR IMG DISK && make -s &&
	fs='obj/fs/fsck -c obj/fs/fs.img' &&
	make -s run-sh ARGS='-c \"echo mine >/mine; echo old >/motd\"' KEEP=1 && \$fs /motd &&
	echo new >fs/root/motd && make -s && \$fs /motd && \$fs /mine &&
	dd if=/dev/zero of=fs/root/toolarge bs=1 count=0 seek=3221225472 2>/dev/null &&
	! make -s && \$fs /mine && rm fs/root/toolarge &&
	! make -s DISK_MB=32 && \$fs /mine &&
	. scripts/disk.sh && disk_lock obj/fs/fs.img && echo newer >fs/root/motd && make -s &&
	\$fs /motd && exec 9>&- && make -s && \$fs /motd" <<'END'
^old$
^new$
^mine$
toolarge
^mine$
not DISK_MB=32
^mine$
in use by a running machine
^new$
^newer$
END
host make_run_unknown end='status [1-9]*' 'make -s run-nosuchprogram' <<'END'
no program nosuchprogram
END
host unit limit=300 'make -s unit' <<'END'
passed, 0 failed
END

# ---- Files, programs, pipes, shell ---------------------------------------------------

# The kernel's part: words to wait at, calls of servers, ends of children, ctrl-C.
guest futex_wait core limit=60
guest futex_stress run="futex_stress $((FULL ? 2000 : 300))" core limit=60
guest ipc_call core limit=60
guest ipc_call_stress run="ipc_call_stress $((FULL ? 2000 : 200))" core limit=60
guest ipc_call_oom limit=60
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

# ---- Commands

check cmd_cat run='cat /newmotd motd' <<'END'
^This is /newmotd
^This is /motd, the message of the day\.$
END
check cmd_cat_missing run='cat /no /motd' <<'END'
^cat: /no: file or block not found$
^This is /motd
END
check cmd_echo run='echo one  "two  three"' <<<'^one two  three$'
check cmd_ls run='ls /test /motd /no' <<'END'
~^ls: /no: file or block not found$
~motd$
~^lib_child$
END
check cmd_num run='num /newmotd' <<<'^ *1 This is /newmotd'
check cmd_lsfd run='lsfd' <<'END'
^fd 0: name <cons> isdir 0 size 0 dev cons$
^fd 1: name <cons> isdir 0 size 0 dev cons$
^fd 2: name <cons> isdir 0 size 0 dev cons$
END
# A directory is nothing to read: the others are read nevertheless.
for c in cat wc num; do
	check "cmd_directory_$c" run="sh -c \"$c /test /newmotd; echo status \$?; $c </test\"" <<END
^$c: /test: is a directory\$
This is /newmotd|/newmotd\$
^status 1\$
^$c: input: is a directory\$
END
done
# What begins with a '-' is an option, known or not, unless it stands behind a "--".
for c in 'cat -x' 'num -x' 'wc -x' 'ls -x' 'mkdir -p /z-dir' 'mkdir /z-dir -p' \
	'mv -f /motd /z-dir' 'cp /motd /z-dir -r' 'rm /motd -r' 'rm --x /motd' 'sync -x' 'clear -x' \
	'lsfd -x'; do
	check "cmd_usage_${c//[^a-z]/_}" run="sh -c \"$c; echo status \$?; ls -d /motd /z-dir\"" <<END
^usage: ${c%% *}( |\$)
^status 2\$
^/motd\$
^ls: /z-dir: file or block not found\$
END
done
check cmd_dashes run='sh -c "mkdir -- -d; cp /newmotd -- -d; mv -- -d/newmotd -f;'\
' cat - -- -f </motd; rm -r -- -d -f; ls -- -d; echo status $?"' <<'END'
^This is /motd
^This is /newmotd
^ls: -d: file or block not found$
^status 1$
!usage
END

# ---- The shell

SH_SCRIPT=$(
	cat <<'END'
# A comment, and an empty line behind it.

echo plain   words here # and a comment
echo 'single  $? "quoted" \n' "double  'quoted' \"inner\"" back\ \ slash\; hash#inside
echo one; echo two;echo three
echo "$0 $# $1 [$2]" $*
echo to a file >/feat.txt
cat /feat.txt
echo more >>/feat.txt
cat </feat.txt | cat | wc
cat /nosuch 2>/err.txt
echo status $?
cat /err.txt
true; echo true $?
false; echo false $?
true && echo and
false && echo not this
false || echo or
true || echo nor this
false | true; echo last $?
true | false; echo last $?
nosuch; echo missing $?
/test; echo directory $?
nosuch 2>/err.txt; cat /err.txt
sh -c 'exit 7'; echo exit $?
sh -c 'echo inner $0 $1' zero one
echo from a pipe | sh -c 'cat'
echo echo read by sh | sh
faultread; echo fault $?
echo a long \
line
mkdir /feat; cp /feat.txt /feat; mv /feat/feat.txt /feat/moved; ls /feat
rm /feat; echo rm $?
rm -r /feat
ls /feat; echo ls $?
cp /feat.txt /feat.txt; echo cp $?
mkdir /feat.txt; echo mkdir $?
echo y >/feat.txt/z; echo redirect $?
cat </nosuch; echo redirect $?
echo in the background >/bg.txt &
wait
cat /bg.txt
true | nosuch & wait; echo job $?
cat /motd | cat | cat | cat | cat | cat | num | wc
sync; echo sync $?
lsfd -1 | wc
hello
flexsc
rm /feat.txt /err.txt /bg.txt
exit 5
echo never
END
)
# Cut, this name would be that of /true.
SH_SCRIPT="$(printf '%1019s' '' | tr ' ' /)truex; echo too long \$?
$SH_SCRIPT"
export SH_SCRIPT
add_script='d=$(mktemp -d) && printf "%s\n" "$SH_SCRIPT" >"$d/feat.sh" &&
	"$OBJDIR/fs/mkfs" -u "$DISK" "$d"; rm -rf "$d"'
SH_WANT=$(
	cat <<'END'
truex: invalid path$
^too long 126$
^plain words here$
=single  $? "quoted" \n double  'quoted' "inner" back  slash; hash#inside
^one$
^two$
^three$
^/feat\.sh 2 one \[two words\] one two words$
^to a file$
^ *2 +4 +15$
^status 1$
^cat: /nosuch: file or block not found$
^true 0$
^false 1$
^and$
^or$
^last 0$
^last 1$
^sh: nosuch: not found$
^missing 127$
^sh: /test: .*
^directory 126$
^sh: nosuch: not found$
^exit 7$
^inner zero one$
^from a pipe$
^read by sh$
^sh: faultread: .*fault
^fault 139$
^a long line$
^moved$
^rm: /feat: 
^rm 1$
^ls: /feat: file or block not found$
^ls 1$
^cp: .*/feat\.txt
^cp 1$
^mkdir: /feat\.txt: file already exists$
^mkdir 1$
/feat\.txt/z: not a directory$
^redirect 1$
/nosuch: file or block not found$
^redirect 1$
^in the background$
^sh: nosuch: not found$
^job 127$
^ *4 +30 
^sync 0$
^ *3 +30 
^hello, world$
#10 ^This is a FlexSC test$
^flex_page_alloc: page at a0000000 written and read back$
!not this
!nor this
!never
END
)
for n in 1 2 4; do
	check "sh_script_$n" cpus=$n run='sh /feat.sh one "two words"' prepare="$add_script" \
		limit=60 <<<"$SH_WANT"
done
# The test that comes with the system, and its key.
check testshell core limit=60 <<<'^shell ran correctly$'
check testshell_script run='testshell /test/script.sh /test/script.key' core limit=60 \
	<<<'^shell ran correctly$'
# A line that cannot be understood is named, and nothing of it is run.
for line in 'echo left; | right' 'echo left >' 'echo left &&' "echo left 'open" 'echo left | | x' \
	'echo left;; x' 'echo left <' '&& echo left'; do
	check "sh_error_${line//[^a-z]/_}" run="sh -c \"$line\"" <<'END'
^sh: .*(unexpected|missing|expected|end|ends|closed|open|name)
!^left
END
done
# A session: the prompt, editing, history, ctrl-C, ctrl-D, a job that faults, jobs.
check sh_session run=sh core limit=60 \
	type='[$] $=>echo abd\177c\n' \
	type='[$] $=>echo second\n' \
	type='[$] $=>\033[A\033[A\n' \
	type='[$] $=>echo xz\033[Dy\n' \
	type='[$] $=>sh -c "echo up; idle"\n' type='up.$=>\003' \
	type='[$] $=>echo interrupted $?\n' \
	type='[$] $=>cat | num\n' type='num=>typed\n\004' \
	type='[$] $=>faultread; echo fault $?\n' \
	type='[$] $=>idle &\n' \
	type='[$] $=>jobs\n' \
	type='[$] $=>kill %1; wait\n' \
	type='[$] $=>echo half a line\003' \
	type='[$] $=>help\n' \
	type='[$] $=>spin\n' \
	type='[$] $=>\004' <<'END'
^abc$
^second$
^abc$
^xyz$
^interrupted 130$
^ *1 typed$
^sh: faultread: .*fault
^fault 139$
^\[1\] 0000
idle
echo .*
I am the parent.  Killing the child
#2 ^abc$
!^half
END
# A program that forks without end: ctrl-C and kill end all of it.
check sh_bomb run=sh core limit=60 \
	type='[$] $=>/test/fork_bomb\n' type='on its way=>\003' \
	type='[$] $=>echo struck $?\n' \
	type='[$] $=>/test/fork_bomb &\n' type='on its way=>kill %1; wait; echo killed; jobs\n' \
	type='[$] $=>\004' <<'END'
^struck 130$
^killed$
END
# Without a disk there is no shell, and it is said why.
check init_no_disk run=init disk=none <<'END'
^init: .*no disk
END

# What the library's author asks of it.
guest pipe_stress core limit=60
guest fd_share
guest spawn_bad

# ---- Crashes --------------------------------------------------------------------------
host crash limit=300 'test/crash/crash.sh' <<'END'
^crash: [0-9]+ writes and flushes, [0-9]+ operations$
^crash: 20 power cuts, [0-9]+ with a log to replay, [0-9]+ more with a part$
^crash: 2 boots, [0-9]+ power cuts in them$
^crash: OK$
END
host crash_many full limit=1800 'test/crash/crash.sh -p 250 -b 20' <<'END'
^crash: 2[0-9][0-9] power cuts,
^crash: 20 boots,
^crash: OK$
END
# A larger log, which does not go round so soon.
host crash_large full limit=900 'CPUS=4 test/crash/crash.sh -m 16 -p 60 -b 4' <<'END'
^crash: OK$
END
