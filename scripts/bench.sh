#!/usr/bin/env bash
# Measures, and prints tables: which programs, which columns, and what the figures
# are for stands in the list below. Boots under QEMU once for each part and number
# of CPUs, and shows how far it is.
#
#   scripts/bench.sh [CPUS...]     default: $CPUS, or else 1 2
#
# PARTS in the environment: some of them only. What a program prints as csv,ROW
# goes to PART.csv in obj/bench (beside the directory of $IMG); PART-N.log there is
# what the run on N CPUs printed. scripts/TABLE.awk makes a table of it, and
# scripts/PART.gp, if there is one and gnuplot, PART.png and PART.svg.
#
# Exit status: 0 if all was measured, whether or not the targets were reached.

set -u -o pipefail

# What there is to part $1: the programs, the columns of their rows, of which the
# third must be the number of CPUs, and the table, unless it is the part's own.
know() {
	table=$1
	case $1 in
	calls) # what system calls cost by each door
		programs=(calls ipccalls pagescale)
		columns=bench,door,cpus,batch,calls,cycles_min,cycles_median,cycles_max
		columns+=,speedup_over_sysenter
		;;
	libos) # what the library's operations cost, by traps and through the page
		programs=(libos)
		columns=bench,way,cpus,times,cycles_min,cycles_median,cycles_max
		;;
	threads) # what threads cost, their locks and their heap
		programs=(threads heap)
		columns=bench,threads,cpus,times,unit,smallest,median,largest
		table=floor
		;;
	memory) # what mapping, faults and swap cost
		programs=(memory)
		columns=bench,pages,cpus,times,unit,smallest,median,largest
		table=floor
		;;
	*) give_up "PARTS=$PARTS: there is no $1" ;;
	esac
}

give_up() {
	echo "bench: $*" >&2
	exit 1
}

cd "$(dirname "$0")/.." || exit 1
img=${IMG:-obj/kern/kernel.img}
obj=$(dirname "$(dirname "$img")")
out=$obj/bench
export DISK=${DISK:-$obj/fs/clean.img}
limit=120

[ $# -gt 0 ] || read -ra given <<<"${CPUS:-1 2}"
[ $# -gt 0 ] || set -- "${given[@]}"
for n; do
	[[ $n =~ ^[1-8]$ ]] || give_up "CPUS=$n: must be a number from 1 to 8"
done

# make has just built the images if it is what runs this.
if [ -z "${MAKELEVEL:-}" ]; then
	make >/dev/null || give_up "the images cannot be built; nothing measured"
fi
[ -r "$img" ] || give_up "no $img, and so nothing to measure: make builds it"
mkdir -p "$out" || exit 1

if [ -r /proc/loadavg ]; then
	read -r load _ </proc/loadavg
	echo "load of the host before: $load (other work spoils the figures)"
fi
failed=

fail() {
	failed=$*
	echo "bench: $failed" >&2
}

# measure PART CPUS: one boot. The rows go to the file $rows, the rest is progress,
# shown as it comes.
measure() {
	local part=$1 n=$2 log=$out/$1-$2.log status
	CPUS=$n scripts/run.sh -t $limit "${programs[@]}" </dev/null 2>&1 |
		tee "$log" | tr -d '\r' |
		while IFS= read -r line; do
			case $line in
			csv,*) echo "${line#csv,}" >>"$rows" ;;
			"=== "*": exited; lost 0 pages, 0 envs, 0 stacks") ;;
			"=== "* | "") ;;
			*) echo "$line" ;;
			esac
		done
	status=$?
	if [ $status != 0 ] || ! grep -q "^[^,]*,[^,]*,$n," "$rows"; then
		fail "$part, CPUS=$n: the run failed (status $status), see $log"
	elif grep -q 'left out, error' "$log"; then
		fail "$part, CPUS=$n: not all worked, see $log"
	fi
}

# plot PART: of its figures, if it has a plot.
plot() {
	local csv=$out/$1.csv
	[ -e "scripts/$1.gp" ] || return 0
	echo
	if ! command -v gnuplot >/dev/null; then
		echo "no gnuplot: no plot; the figures are in $csv"
	elif gnuplot -e "csv='$csv'; out='$out/$1'" "scripts/$1.gp"; then
		echo "figures: $csv; plots: $out/$1.png, $out/$1.svg"
	else
		echo "gnuplot failed: no plot; the figures are in $csv"
	fi
}

measured=
for part in ${PARTS:-calls libos threads memory}; do
	know "$part"
	rows=$out/$part.csv.new
	echo "$columns" >"$rows"
	for n; do
		echo "--- $part, $n CPU$([ "$n" = 1 ] || echo s)"
		measure "$part" "$n"
	done
	awk -F, 'NR == 1 { n = NF } NF != n { exit 1 }' "$rows" || give_up "bad rows in $rows"
	mv "$rows" "$out/$part.csv"
	[ "$(wc -l <"$out/$part.csv")" -gt 1 ] || {
		fail "$part: nothing was measured"
		continue
	}
	measured+=" $part"
done
for part in $measured; do
	know "$part"
	awk -F, -v part="$part" -f "scripts/$table.awk" "$out/$part.csv" ||
		give_up "no table of $out/$part.csv"
	plot "$part"
done
[ -z "$failed" ] || give_up "not all was measured: $failed"
