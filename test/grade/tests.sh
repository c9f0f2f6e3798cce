# The tests that grade-flexsc.sh runs; declare.sh says how to write one.
# shellcheck shell=bash

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
guest tlb_shootdown limit=60
guest tlb_remap core
guest sched_fair limit=60
guest sched_affinity
check pf_nested core <<'END'
~user_mem_check assertion failure for va eebfe...
^pf_nested: OK$
END
guest ipc_order
guest fork_cow core

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
host panic end='status [1-9]*' \
	"{ sleep 1; echo 'crash panic'; sleep 1; echo quit; } | make -s run-breakpoint MONITOR=1" <<'END'
crash panic$
kernel panic on CPU [0-9] at kern/monitor.c
kern/monitor.c:[0-9]*: mon_crash\+
kern/trapentry.S:[0-9]*: alltraps\+
END
host panic_stack end='status [1-9]*' \
	"{ sleep 1; echo 'crash stack'; sleep 1; echo quit; } | make -s run-breakpoint MONITOR=1" <<'END'
trap 0x00000008 Double Fault
kern/monitor.c:[0-9]*: overflow\+
kernel panic on CPU [0-9] .*stack overflow
END
# Each command of the monitor, at a breakpoint and after it.
host monitor end='status 0' "{ sleep 1; printf '%s\n' help bt 'mappings 800000' \
	'x ef7bd000 4' envs cpus sysstat step nonsense continue; sleep 1; echo quit; } |
	make -s run-breakpoint MONITOR=1" <<'END'
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
^ 2 getenvid +1 +0$
^K> step$
^  eip 0x008..... ( [0-9a-f]{2}){8}$
^K> nonsense$
nonsense
^K> continue$
^No runnable environments in the system!$
=Welcome to the JOS kernel monitor!
^K> quit$
END
host make_qemu_nox end='status 0' '{ sleep 1; echo quit; } | make -s qemu-nox TIMEOUT=30' <<'END'
=Welcome to the JOS kernel monitor!
=Type 'help' for a list of commands.
^K> quit$
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
	cp -a GNUmakefile .gdbinit.tmpl bench boot inc kern lib scripts test user \"\$tree\" &&
	mkdir \"\$tree/obj\" && cp -a obj/.[a-z]* obj/toolchain.mk obj/boot obj/kern obj/lib \
		obj/user \"\$tree/obj\" && cd \"\$tree\" &&
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
host make_run_unknown end='status [1-9]*' 'make -s run-nosuchprogram' <<'END'
no program nosuchprogram
END
host unit limit=300 'make -s unit' <<'END'
passed, 0 failed
END
