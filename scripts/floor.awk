# The table of what has figures of several units, with the cycles divided by the floor, a
# bare int and iret; and which targets were reached. scripts/bench.sh calls it with
# threads.csv and with memory.csv. The rows of a program begin with its floor.

NR == 1 { size = $2; next }
{
	cpus = $3
	if (!(cpus in nrows))
		count[++counts] = cpus
	if ($1 == "floor")
		floor = $7
	row[cpus, ++nrows[cpus]] = $0
	floor_of[cpus, nrows[cpus]] = floor
	median[$1, $2, cpus] = $7
}
END {
	for (c = 1; c <= counts; c++)
		table(count[c])
	for (c = 1; c <= counts; c++)
		targets(count[c])
}

function plural(cpus) {
	return cpus > 1 ? "s" : ""
}

function table(cpus,    i, f, floor) {
	printf "\n%s, %d CPU%s: cycles for a call, or percent\n", part, cpus, plural(cpus)
	printf "  %-18s %7s %9s %9s %9s %8s\n", "", size, "median", "smallest", "largest",
		"/ floor"
	for (i = 1; i <= nrows[cpus]; i++) {
		split(row[cpus, i], f, ",")
		floor = floor_of[cpus, i]
		printf "  %-18s %7d %9d %9d %9d %8s\n", f[1], f[2], f[7], f[6], f[8],
			f[5] != "cycles" ? "%" : floor ? sprintf("%.2f", f[7] / floor) : "-"
	}
}

function targets(cpus) {
	if (!(("mmap_touch_munmap", 1, cpus) in median))
		return
	printf "\ntargets, %d CPU%s\n", cpus, plural(cpus)
	target("mmap_touch_munmap", median["mmap_touch_munmap", 1, cpus], 30000)
}

function target(bench, this, limit) {
	printf "  %-7s %s of a page: %d cycles, target under %d\n",
		(this + 0 < limit ? "reached" : "MISSED"), bench, this, limit
}
