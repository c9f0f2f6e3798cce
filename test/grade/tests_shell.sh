# Tests of the commands and the shell. declare.sh says how to write one.
# shellcheck shell=bash
# shellcheck disable=SC2016 # $DISK is set where a test's command runs

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

