#!/usr/bin/env bash
# Measures what system calls cost by each door: boots bench/calls.c and
# bench/ipccalls.c under QEMU once for each number of CPUs, shows how far they
# are, and then prints a table, where the page overtakes the traps, and which
# targets were reached.
#
#   scripts/bench.sh [CPUS...]     default: $CPUS, or else 1 2
#
# Leaves calls.csv, and calls.png and calls.svg if there is gnuplot, in
# obj/bench (beside the directory of $IMG); calls-N.log there is what the run
# on N CPUs printed.
#
# Exit status: 0 if all was measured, whether or not the targets were reached.

set -u -o pipefail

give_up() {
	echo "bench: $*" >&2
	exit 1
}

cd "$(dirname "$0")/.." || exit 1
img=${IMG:-obj/kern/kernel.img}
out=$(dirname "$(dirname "$img")")/bench
limit=120
columns=bench,door,cpus,batch,calls,cycles_min,cycles_median,cycles_max,speedup_over_sysenter

[ $# -gt 0 ] || read -ra given <<<"${CPUS:-1 2}"
[ $# -gt 0 ] || set -- "${given[@]}"
for n; do
	[[ $n =~ ^[1-8]$ ]] || give_up "CPUS=$n: must be a number from 1 to 8"
done

# make has just built the image if it is what runs this.
if [ -z "${MAKELEVEL:-}" ]; then
	make >/dev/null || give_up "the image cannot be built; nothing measured"
fi
[ -r "$img" ] || give_up "no $img, and so nothing to measure: make builds it"
mkdir -p "$out" || exit 1

if [ -r /proc/loadavg ]; then
	read -r load _ </proc/loadavg
	echo "load of the host before: $load (other work spoils the figures)"
fi

# The rows of a run go to a file, the rest is progress, shown as it comes.
rows=$out/calls.csv.new
failed=
echo "$columns" >"$rows"
for n; do
	echo "--- $n CPU$([ "$n" = 1 ] || echo s)"
	CPUS=$n scripts/run.sh -t $limit calls ipccalls pagescale </dev/null 2>&1 |
		tee "$out/calls-$n.log" | tr -d '\r' |
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
		failed="CPUS=$n: the run failed (status $status), see $out/calls-$n.log"
		echo "bench: $failed" >&2
	elif grep -q 'left out, error' "$out/calls-$n.log"; then
		failed="CPUS=$n: some doors failed, see $out/calls-$n.log"
	fi
done
awk -F, 'NF != 9 { exit 1 }' "$rows" || give_up "bad rows in $rows"
csv=$out/calls.csv
mv "$rows" "$csv"
[ "$(wc -l <"$csv")" -gt 1 ] || give_up "nothing was measured"

# ---- The table ----
# Traps have batch 1; median[bench, cpus, door, batch] is what all is built on.
awk -F, '
NR == 1 { next }
{
	bench = $1; door = $2; cpus = $3; batch = $4
	median[bench, cpus, door, batch] = $7
	if (!((bench, cpus) in seen)) {
		seen[bench, cpus] = 1
		group[++groups] = bench SUBSEP cpus
	}
	if (!(cpus in counted)) {
		counted[cpus] = 1
		count[++counts] = cpus
	}
	row[bench, cpus, ++nrows[bench, cpus]] = $0
}
END {
	for (g = 1; g <= groups; g++) {
		split(group[g], key, SUBSEP)
		table(key[1], key[2])
	}
	for (c = 1; c <= counts; c++)
		targets(count[c])
}

function table(bench, cpus,    i, f, floor) {
	floor = median["getenvid", cpus, "floor", 1]
	printf "\n%s, %d CPU%s: cycles per call\n", bench, cpus, (cpus > 1 ? "s" : "")
	printf "  %-17s %5s %9s %9s %9s %9s %9s\n", "door", "batch", "median", "min", "max",
		"/ floor", "speed-up"
	for (i = 1; i <= nrows[bench, cpus]; i++) {
		split(row[bench, cpus, i], f, ",")
		printf "  %-17s %5d %9d %9d %9d %9s %9s\n", f[2], f[4], f[7], f[6], f[8],
			floor ? sprintf("%.2f", f[7] / floor) : "-", f[9] == "" ? "-" : f[9]
	}
	overtakes(bench, cpus, "page")
	overtakes(bench, cpus, "page-remote")
	overtakes(bench, cpus, "page-remote-wake")
}

# The first batch from which on each larger one is no dearer than the trap.
function from(bench, cpus, door, trap,    b, first) {
	for (b = 64; b >= 1; b /= 2) {
		if (!((bench, cpus, door, b) in median))
			continue
		if (median[bench, cpus, door, b] + 0 > median[bench, cpus, trap, 1] + 0)
			break
		first = b
	}
	return first
}

function overtakes(bench, cpus, door,    t, trap, b, text) {
	if (!((bench, cpus, door, 64) in median))
		return
	for (t = 1; t <= 2; t++) {
		trap = t == 1 ? "int" : "sysenter"
		if (!((bench, cpus, trap, 1) in median))
			continue
		b = from(bench, cpus, door, trap)
		text = text (text ? ", " : "") trap
		text = text (b ? " from a batch of " b " on" : " at no batch")
	}
	if (text)
		printf "  %s overtakes %s\n", door, text
}

# value must be at least, or at most (sign -1), the target. Level is what is
# within 5 per cent.
function target(words, value, limit, sign,    met) {
	met = sign > 0 ? value >= limit : value <= limit
	printf "  %-7s %s: %.2f, target %s %.3g\n", (met ? "reached" : "MISSED"), words, value,
		(sign > 0 ? "at least" : "at most"), limit
}

function ratio(cpus, a, abatch, b, bbatch,    d) {
	d = median["getenvid", cpus, b, bbatch]
	return d ? median["getenvid", cpus, a, abatch] / d : 0
}

function targets(cpus) {
	if (!(("getenvid", cpus, "page", 64) in median))
		return
	printf "\ntargets, getenvid, %d CPU%s\n", cpus, (cpus > 1 ? "s" : "")
	if (("getenvid", cpus, "sysenter", 1) in median) {
		target("page at 64, times as fast as sysenter",
			ratio(cpus, "sysenter", 1, "page", 64), 2.2, 1)
		target("page at 4, times as fast as sysenter (level)",
			ratio(cpus, "sysenter", 1, "page", 4), 0.95, 1)
		target("sysenter, cost in floors",
			ratio(cpus, "sysenter", 1, "floor", 1), 0.516, -1)
	}
	target("page at 64, times as fast as int", ratio(cpus, "int", 1, "page", 64), 5, 1)
	target("page at 2, times as fast as int (level)",
		ratio(cpus, "int", 1, "page", 2), 0.95, 1)
	if (("getenvid", cpus, "page-remote", 64) in median)
		target("page-remote at 64, times as fast as sysenter",
			ratio(cpus, "sysenter", 1, "page-remote", 64), 2, 1)
}
' "$csv" || give_up "no table of $csv"

# ---- The plot ----
echo
if ! command -v gnuplot >/dev/null; then
	echo "no gnuplot: no plot; the figures are in $csv"
elif gnuplot -e "csv='$csv'; out='$out/calls'" scripts/calls.gp; then
	echo "figures: $csv; plots: $out/calls.png, $out/calls.svg"
else
	echo "gnuplot failed: no plot; the figures are in $csv"
fi
[ -z "$failed" ] || give_up "not all was measured: $failed"
