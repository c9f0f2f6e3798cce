# Uses everything that the shell can do. script.key beside it has what is printed.
# Files are made in /s, and removed at the end.

# words
echo one  two	three
echo 'single | ; & < > # $? "x"' "double ' | $?" back\ slash \$ \' \"
echo a'b'"c"d "" '' end # a comment
echo a#b
echo a long line \
  is continued
echo 'a quotation
over two lines'
echo -n no; echo " new line"

# files
mkdir /s /s/d
echo first > /s/a
echo second >> s/a
cat < /s/a
> /s/empty
wc /s/a /s/empty
cat < /s/a > /s/b
cat /s/b
ls /s
ls -F /s
ls -l /s/a /s/b
ls -d /s

# pipelines
echo through | cat | cat | cat | cat | cat | cat | cat
cat /lorem | num | wc -l
cat /lorem |
  wc -w
cat /lorem | false; echo status $?
false | true; echo status $?
help | cat | wc -l | true

# descriptors
ls /nope 2> /s/errors; echo status $?
cat /s/errors
ls /nope > /s/both 2>&1
cat /s/both
ls /nope 2>&1 | num
ls /nope 2>&1 > /s/empty | num
echo to the errors >&2 2> /s/unused
echo onto a closed one >&-; echo status $?
lsfd -1 < /s/b 3< /s/a 2>&1 | cat

# lists and status
true && echo and; false && echo not; false || echo or; true || echo not
false && echo not || echo or
true || echo not && echo and
true; echo $?; false; echo $?
nope; echo $?; nope 2> /s/errors; cat /s/errors
/s; echo $?
cat nope; echo $?
cp one; echo $?
sh -c 'exit 7'; echo $?
sh -c exit; echo $?
faultnope || echo "no such thing: $?"

# scripts
echo 'echo script $0 has $#: $*' > /s/script
echo 'for() it' > /s/wrong
sh /s/script
sh /s/script a 'b c' d
/s/script x
sh -c 'echo $0 $1 "$2"' name first 'second  one'
echo 'lsfd -1 2>&1 | cat' | sh
sh -x /s/script y
sh /s/wrong; echo $?
sh /s/none; echo $?
sh /cat; echo $?
sh -c 'echo inner; sh -c "echo innermost; exit 3"; echo $?'
sh -z; echo $?

# the background
echo behind > /s/behind &
wait; cat /s/behind
true && echo list behind & wait
cat &
wait; echo $?
nope &
wait %7; echo $?
kill zzz; echo $?
kill 1; echo $?
jobs

# cp, mv, rm
cp /s/a /s/c; cat /s/c
cp /s/a /s/b /s/d; ls /s/d
cp /s/a //s//a; echo $?
cp /s /t; echo $?
cp -r /s/d /s/e; ls /s/e
cp -r /s /s/e; echo $?
cp -r /s/d /s/e; ls /s/e /s/e/d
mv /s/c /s/f; ls /s
mv /s/f /s/d; ls /s/d
mv /s/d/f /s/d/a; cat /s/d/a
mv /s/d /s/d/x; echo $?
mv nope /s; echo $?
rm /s/d; echo $?
rm nope /s/b; echo $?
rm -f nope; echo $?
mkdir /s; echo $?
sync; echo $?
num /s/a - < /lorem | wc
cd /s; echo $?

# errors of the line: nothing of it is run
sh -c 'echo not | | cat'; echo $?
sh -c 'echo not; (cat)'; echo $?
sh -c 'echo not >'; echo $?
sh -c 'echo not "'; echo $?
sh -c 'echo not $home'; echo $?
sh -c 'echo not &&'; echo $?
echo not < nope
echo not > /s
echo not > /nope/x

rm -r /s; echo $?
ls /s
exit 5
