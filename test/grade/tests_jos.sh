# Tests: programs of JOS that need no files, and FlexSC's demos. declare.sh says how to write one.
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

