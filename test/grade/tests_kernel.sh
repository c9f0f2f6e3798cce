# Tests of the kernel: envs, memory, scheduling, FlexSC, and what waits in calls. declare.sh says how to write one.
# shellcheck shell=bash
# shellcheck disable=SC2016 # $DISK is set where a test's command runs

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
guest sched_balance core limit=60
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


# ---- What calls find in memory ------------------------------------------------------
guest call_pager core limit=60

# ---- Threads ------------------------------------------------------------------------
guest clone_race run="clone_race $((FULL ? 20000 : 2000))" limit=90
