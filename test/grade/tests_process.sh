# Accounting, the commands that show it, and programs for xv6. declare.sh says how to write one.
# shellcheck shell=bash

guest acct_pstat core
guest acct_time core limit=60

# ---- Commands -------------------------------------------------------------------------

check cmd_ps run="sh -c \"idle & sh -c 'ps; exit 3'; echo status \$?; kill %1; wait\"" core <<'END'
^ +ID   PARENT STATE   CPU  TICKS THREADS RESIDENT SHARED SWAPPED NAME$
~^00001000 00000000 waiting   [0-7] +[0-9]+ +1 +[1-9][0-9]* +[0-9]+       0 sh$
~^00001001 00001000 (running|ready)  +[0-7] +[0-9]+ +1 +[1-9][0-9]* +[1-9][0-9]* +0 idle$
~^0000[12]... 0000.... running +[0-7] +[0-9]+ +1 +[1-9][0-9]* +[1-9][0-9]* +0 ps$
~ waiting .* fs$
#5 ^0000.... 0000
^status 3$
END
check cmd_ps_one run='ps 1000' <<'END'
^ +ID
^00001000 00000000 running
#1 ^0000
END
check cmd_ps_map run='ps -m 1000' core <<'END'
^00001000 ps: [0-9]+ pages, [0-9]+ of them shared, 0 swapped$
^FROM-TO +PAGES  SHARED MAY KIND    AREA$
^00800000-008[0-9a-f]{5} +[1-9][0-9]* +[0-9]+ r-  private text$
^008[0-9a-f]{5}-008[0-9a-f]{5} +[1-9][0-9]* +[0-9]+ rw  private data$
^d0000000-d0003000 +3 +[0-9]+ rw  shared  descriptors$
^eebfa000-eebfe000 +4 +0 rw  private stack$
! rw .* text$
END
check cmd_ps_bad run='sh -c "ps 7; echo $?; ps x 1000; echo $?; ps -m; echo $?;'\
' ps -x; echo $?"' <<'END'
^ps: 7: no such process$
^1$
^ps: x: not an id$
^00001000 
^1$
^usage: ps \[-t\] \[ID\.\.\.\] \| -m ID\.\.\.$
^2$
^usage: ps
^2$
END
# A process with three threads, which runs ps -t and then ps -m for itself.
check cmd_ps_threads run='acct_threads' core <<'END'
^ +ID   PARENT STATE 
^00001000 00000000 [a-z]+ .*   4 +[1-9][0-9]* .* acct_threads$
^0000.... 00001000 [a-z]+ .*   - +- +- +- acct_threads$
#4 ^0000.* acct_threads$
^c0[0-9a-f]{6}-c0[0-9a-f]{6} .* threads$
^acct_threads: OK$
END
check cmd_top run='sh -c "/test/acct_burn 60000 & top -n 3; echo status $?; kill %1"' core \
	limit=60 <<'END'
=% used
^(.\[H.\[2J)?[0-9]+ processes, [1-9] of them running; [0-9]+ threads; [1-8] CPUs, [0-9.]+% used$
^ +ID STATE   CPU   %CPU  SECONDS THR RESIDENT SWAPPED NAME$
~^0000.... (running|ready)  +[0-7] +([3-9].|10.)\.[0-9] +[0-9]+\.[0-9]{3}   1 .* acct_burn$
#3 processes, [1-9] of them running
^status 0$
END
check cmd_top_quit run='top -d 60' type='%CPU=>xq' <<'END'
=% used
^ +ID STATE
END
check cmd_top_bad run='sh -c "top -n 0; echo $?; top -n; echo $?; top -d x; echo $?;'\
' top 5; echo $?"' <<'END'
#4 ^usage: top \[-n TIMES\] \[-d SECONDS\]$
#4 ^2$
END
check cmd_time run='sh -c "time /test/acct_burn 300 5; echo status $?"' limit=60 core <<'END'
^wall +[0-9]+\.[0-9]{3} s$
^user +[0-9]+\.[0-9]{3} s$
^kernel +0\.[0-9]{3} s$
^syscall thread +0\.000 s$
^status 5$
END
# The thread polls on another CPU for a while.
check cmd_time_calls run='sh -c "time /test/sched_affinity"' limit=60 <<'END'
^sched_affinity: OK$
^wall +
^syscall thread +[0-9.]*[1-9][0-9.]* s$
END
check cmd_time_bad run='sh -c "time; echo $?; time nosuch; echo $?;'\
' time faultread; echo $?"' <<'END'
^usage: time COMMAND \[ARG\.\.\.\]$
^2$
^time: nosuch: file or block not found$
^127$
^wall +
^time: faultread: ended by a fault$
^139$
END
check cmd_limit run='sh -c "limit 200 cat /newmotd; limit 200 false; echo $?"' <<'END'
^This is /newmotd
^1$
END
check cmd_limit_bad run='sh -c "limit; echo $?; limit 0 true; echo $?; limit 5x true; echo $?;'\
' limit 100 nosuch; echo $?"' <<'END'
^usage: limit PAGES COMMAND \[ARG\.\.\.\]$
^2$
^limit: 0: not a number of pages, 1 to 1048576$
^2$
^limit: 5x: not a number of pages
^2$
^limit: nosuch: file or block not found$
^127$
END
# Four times as many pages as it may have; and ps says where they are.
check cmd_limit_swap run='limit 200 /test/acct_swap 800' core limit=60 <<'END'
^0000.... 00001000 [a-z]+ .*  1 +(1[0-9][0-9]|20[0-9]) +[0-9]+ +[67][0-9][0-9] acct_swap$
^0000.... acct_swap: .* [67][0-9][0-9] swapped, limit 200$
^1[0-9a-f]{7}-1[0-9a-f]{7} +[1-9][0-9]* +0 rw  swapped sbrk$
^acct_swap: OK$
END
# A job, its child and its grandchild, by their ids; and what is not to be ended.
check cmd_kill run=sh core limit=60 \
	type='[$] $=>/test/acct_family &\n' \
	type='family: ready=>kill 77777; kill 17ff; kill -1 zz; echo bad $?\n' \
	type='bad 2=>kill 1003; ps; echo one $?\n' \
	type='one 0=>kill 1001; kill 1001; kill 1002; wait; ps; echo gone $?\n' \
	type='gone 0=>\004' <<'END'
^sh: kill: 77777: no such process$
^sh: kill: 17ff: a service$
^sh: kill: -1: no such job$
^sh: kill: zz: not the id of an environment$
^bad 2$
~^0000100[12] 0000100[01] waiting .* acct_family$
^one 0$
^sh: kill: 1001: has ended already$
^gone 0$
#2 ^0000.... 0000.... waiting .* acct_family$
END

# ---- xv6 ------------------------------------------------------------------------------

check xv6threads core <<'END'
^8 threads counted to 2000$
^sum 60$
^xv6threads: done$
!failed
END
check xv6procs core <<'END'
^four children, sum 10$
^one killed$
^ +1 +2 +8( |$)
^files are well$
^xv6procs: done$
!failed
END
guest xv6_calls core
