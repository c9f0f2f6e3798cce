# Tests of the makefile's commands. declare.sh says how to write one.
# shellcheck shell=bash
# shellcheck disable=SC2016 # $DISK is set where a test's command runs

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
# The system call that README.md adds can be added.
host readme_patch "sed -n 's/^    //; /^--- a/,/^[^-+@ \\t]/p' README.md | sed '\$d' | git apply --check -v 2>&1" <<'END'
^Checking patch inc/syscall.def
^Checking patch kern/sysenv.c
END
# The machine waits for a reader who is slow: nothing is lost.
host slow_reader 'make -s run-vm_text | { sleep 2; grep -c "^vm_text [0-9]* [.]*$"; }' <<<'^3840$'
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

