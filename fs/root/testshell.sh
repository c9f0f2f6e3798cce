echo hello world | cat
cat lorem
cat lorem | num
cat lorem | num | num | num | num | num
lsfd -1 2>&1 | cat
cat script
sh < script
