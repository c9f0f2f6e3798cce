# Threads, memory and accounting as they were promised, a program for each subject;
# sourced by grade-flexsc.sh.
# shellcheck shell=bash
# shellcheck disable=SC2016 # $DISK is set where a test's command runs

# ---- Kernel threads ---------------------------------------------------------------

check kt_clone core limit=60 <<'END'
~^\[[0-9a-f]{8}\] user fault va ffffffff ip ffffffff$
^kt_clone: OK$
END
guest kt_join core limit=60
guest kt_create run="kt_create $((FULL ? 10000 : 1000))" core limit=120
guest kt_lock core limit=60
guest kt_exit core limit=60
guest kt_end core limit=120
guest kt_fork run="kt_fork $((FULL ? 60 : 12))" core limit=120
guest kt_cow core limit=60
guest kt_page core limit=60
guest kt_rights core limit=60
guest kt_fault core limit=60
guest kt_heap run="kt_heap $((FULL ? 10000 : 1000))" core limit=120
guest kt_fd core limit=60
check kt_xv6 run='kt_xv6 some words' core limit=60 <<'END'
^exec works$
^kt_xv6: OK$
!FAILED
END
for n in {2..8}; do
	check "kt_end_$n" run="kt_end 300 $n" full limit=300 cpus='1 2 4 8' <<<'^kt_end: OK$'
	check "kt_heap_$n" run="kt_heap 2000 8 $n" full limit=60 cpus='2 4 8' <<<'^kt_heap: OK$'
done

# ---- Memory -----------------------------------------------------------------------

guest mm_protect core limit=60
guest mm_guard core limit=60
guest mm_map core limit=60
check mm_map_page run='mm_map always page' limit=60 <<<'^mm_map: OK$'
check mm_map_remote run='mm_map always remote' full limit=60 <<<'^mm_map: OK$'
guest mm_swap core limit=120
guest mm_buffers core limit=60
guest mm_limit core limit=60

# ---- Accounting -------------------------------------------------------------------

guest mm_stat core limit=60

# Each of its columns, and a process that is there; the shell is its parent.
check mm_ps run='sh -c "ps"' <<'END'
^ *ID +PARENT +STATE +CPU +TICKS +THREADS +RES[A-Z]* +SHARED +SWAPPED +NAME
~^ *[0-9a-f]*1000 .* sh$
~^ *[0-9a-f]+ +[0-9a-f]*1000 +[a-z]+ .* ps$
~ fs$
END
check mm_ps_map run='sh -c "ps -m 1000"' <<'END'
~00800000.* text
~ stack
END
check mm_ps_wrong run='sh -c "ps -m 7fff; ps -x; echo after"' <<'END'
~^ps: .*7fff
~^ps: 
^after$
END
# wall, user, kernel, syscall-thread time; the command's own end.
check mm_time run='sh -c "time echo hello; time false; echo after"' <<'END'
^hello$
~[0-9]+\.[0-9]{3}.*
~[Ww]all|real
~user
~kernel
~syscall
^after$
END
check mm_top run='top -n 2 -d 1' <<'END'
~top$
~fs$
END
# What ps shows can be killed, once; what is no process's id is said.
check mm_kill type='[$] $=>/test/lib_child stay &\n' type='[$] $=>ps\n' \
	type='[$] $=>kill 1001\n' type='[$] $=>ps\n' \
	type='[$] $=>kill 7ff\n' type='[$] $=>kill zzz\n' type='[$] $=>exit\n' \
	run=sh limit=30 <<'END'
lib_child
^[$] kill 1001$
^[$] ps$
~kill: .*7ff
~kill: .*zzz
#1 ^ *[0-9a-f]+ +[0-9a-f]+ .* lib_child$
END
