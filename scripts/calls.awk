# The table of what calls cost, where the page overtakes the traps, and which
# targets were reached; scripts/bench.sh calls it with calls.csv. Traps have batch
# 1; median[bench, cpus, door, batch] is what all is built on.

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
