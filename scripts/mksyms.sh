#!/usr/bin/env bash
# Writes the kernel's symbol and line tables as assembly to standard output;
# kern/ksyms.c reads them.
#
#   scripts/mksyms.sh NM OBJDUMP KERNEL SOURCE...
#
# SOURCE: the kernel's source files; objdump leaves out some directories.
#
# Only code is listed, and kernel.ld puts all code before the tables, so that
# linking them in moves nothing that they tell of.

set -eu
nm=$1
objdump=$2
kernel=$3
shift 3
export LC_ALL=C

# Functions: "address name". What a compiler appends to a name (.isra.0) goes,
# and so do the names that kernel.ld gives to places.
"$nm" -n "$kernel" | awk '
	$2 ~ /^[tT]$/ && $3 !~ /^(text_start|etext)$/ && $3 !~ /^\./ {
		sub(/\..*/, "", $3)
		if ($1 != last)
			print $1, $3
		last = $1
	}
' | awk '
	{
		printf "%s\t.long 0x%s, .Lname%d\n", NR == 1 ? ".section .ksyms,\"a\"\n" \
			".balign 4\n.globl ksym_funcs, ksym_nfuncs\nksym_funcs:\n" : "", $1, NR
		names = names ".Lname" NR ": .asciz \"" $2 "\"\n"
	}
	END {
		printf "ksym_nfuncs: .long %d\n%s", NR, names
	}
'

# Lines: from which address on each holds, "address file line". A file's name stands
# on a line of its own, before rows that abbreviate it.
"$objdump" --dwarf=decodedline "$kernel" 2>/dev/null | awk -v top="$PWD/" -v sources="$*" '
	BEGIN {
		n = split(sources, source, " ")
		for (i = 1; i <= n; i++) {
			name = source[i]
			sub(/.*[/]/, "", name)
			path[name] = source[i]
		}
	}
	NF == 1 && /:$/ {
		file = substr($1, 1, length($1) - 1)
		if (index(file, top) == 1)
			file = substr(file, length(top) + 1)
		sub(/^\.\//, "", file)
		if (file in path)
			file = path[file]
		next
	}
	$3 ~ /^0x/ && $2 ~ /^([0-9]+|-)$/ {
		print substr($3, 3), file, $2 == "-" || $NF == "END" ? 0 : $2
	}
' | sort -s -k 1,1 | awk '
	# of several rows for an address the last holds
	function row() {
		if (address == "" || (file == shown_file && line == shown_line))
			return
		if (!(file in number)) {
			number[file] = nfiles++
			files = files ".Lfile" number[file] ": .asciz \"" file "\"\n"
			offsets = offsets "\t.long .Lfile" number[file] "\n"
		}
		printf "\t.long 0x%s\n\t.short %d, %d\n", address, number[file], line
		nlines++
		shown_file = file
		shown_line = line
	}
	BEGIN {
		printf ".balign 4\n.globl ksym_lines, ksym_nlines, ksym_files\nksym_lines:\n"
	}
	$1 != address {
		row()
	}
	{
		address = $1
		file = $2
		line = $3
	}
	END {
		row()
		printf "ksym_nlines: .long %d\nksym_files:\n%s%s", nlines, offsets, files
	}
'
