# The table of what the library's operations cost by each way, and which targets
# were reached; scripts/bench.sh calls it with libos.csv. One column for each way,
# in the order in which they came, and the first divided by each of the others.

NR == 1 { next }
{
	bench = $1; way = $2; cpus = $3
	median[bench, way, cpus] = $6
	if (!(way in seen_way)) {
		seen_way[way] = 1
		name[++ways] = way
	}
	if (!((bench, cpus) in seen)) {
		seen[bench, cpus] = 1
		list[cpus, ++n[cpus]] = bench
	}
	if (n[cpus] == 1 && !(cpus in counted)) {
		counted[cpus] = 1
		count[++counts] = cpus
	}
}
END {
	for (c = 1; c <= counts; c++)
		table(count[c])
	for (c = 1; c <= counts; c++)
		targets(count[c])
}

function table(cpus,    i, w, bench, first, this) {
	printf "\nlibrary, %d CPU%s: cycles, median\n  %-20s", cpus, (cpus > 1 ? "s" : ""), ""
	for (w = 1; w <= ways; w++)
		printf w == 1 ? " %11s" : " %11s %6s", name[w], "ratio"
	print ""
	for (i = 1; i <= n[cpus]; i++) {
		bench = list[cpus, i]
		printf "  %-20s", bench
		first = median[bench, name[1], cpus]
		for (w = 1; w <= ways; w++) {
			this = median[bench, name[w], cpus]
			printf " %11s", this == "" ? "-" : this
			if (w > 1)
				printf " %6s", first && this ? sprintf("%.2f", first / this) : "-"
		}
		print ""
	}
}

# The best way counts.
function target(cpus, bench, limit,    w, best, this) {
	for (w = 1; w <= ways; w++) {
		this = median[bench, name[w], cpus]
		if (this != "" && (best == "" || this + 0 < best + 0))
			best = this
	}
	if (best != "")
		printf "  %-7s %s: %d cycles, target under %d\n",
			(best + 0 < limit ? "reached" : "MISSED"), bench, best, limit
}

function targets(cpus) {
	printf "\ntargets, %d CPU%s\n", cpus, (cpus > 1 ? "s" : "")
	target(cpus, "fork_exit_wait", 500000)
	target(cpus, "pipe_round_trip", 60000)
	target(cpus, "ipc_round_trip", 20000)
}
