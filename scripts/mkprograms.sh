#!/usr/bin/env bash
# Writes assembly that holds programs, and the table of them that kern/programs.h
# declares, to standard output.
#
#   scripts/mkprograms.sh DIRECTORY NAME...     from DIRECTORY/NAME.stripped

set -eu
dir=$1
shift

echo '	.section .programs,"a"'
for name; do
	printf '\t.balign 16\n.Lstart_%s:\n\t.incbin "%s"\n.Lend_%s:\n' \
		"$name" "$dir/$name.stripped" "$name"
done

echo '	.section .rodata,"a"'
for name; do
	printf '.Lname_%s:\n\t.asciz "%s"\n' "$name" "$name"
done

printf '\t.balign 4\n\t.globl programs, nprograms\nprograms:\n'
for name; do
	printf '\t.long .Lname_%s, .Lstart_%s, .Lend_%s\n' "$name" "$name" "$name"
done
printf 'nprograms:\n\t.long %d\n' $#
