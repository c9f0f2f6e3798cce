# Which of the states that a workload went through a tree is in.
#
#   awk -v low=K -v high=K -f states.awk BASE WORK TREE
#
# BASE is the tree before the first operation, WORK what test/guest/fs_crash.c
# said, TREE the tree in question; trees as `fsck -s` shows them. Prints the least
# K from low to high after whose operation the tree must be what it is. If there
# is none: what differs from the state that it resembles most; exit status 1.

FNR == 1 { ++file }

# rest: all behind the path
{ path = $1; rest = substr($0, length($1) + 2) }

file == 1 { first[path] = rest; next }

file == 2 && /^[-+=] / { work[++nwork] = $0; next }

file == 3 { tree[path] = rest; ++ntree }

# A state is compared with the tree by how many of its files agree with it.
function put(path, rest) {
	drop(path)
	state[path] = rest
	++nstate
	agree += (path in tree) && tree[path] == rest
}

function drop(path) {
	if (!(path in state))
		return
	agree -= (path in tree) && tree[path] == state[path]
	delete state[path]
	--nstate
}

# After operation k.
function look(k) {
	apart = nstate + ntree - 2 * agree
	if (apart == 0 && found == "" && k >= low && k <= high)
		found = k
	else if (apart == 0)
		elsewhere = elsewhere " " k
	if (nearest == "" || apart < least) {
		nearest = k
		least = apart
	}
}

function replay(last,    i, part) {
	for (path in state)
		delete state[path]
	nstate = agree = 0
	for (path in first)
		put(path, first[path])
	look(0)
	if (last != "" && last == 0)
		return
	for (i = 1; i <= nwork; i++) {
		split(work[i], part, " ")
		path = part[2]
		if (part[1] == "+")
			put(path, substr(work[i], length(path) + 4))
		else if (part[1] == "-")
			drop(path)
		else {
			look(path + 0)
			if (path == last)
				return
		}
	}
}

END {
	replay("")
	if (found != "") {
		print found
		exit 0
	}
	if (elsewhere != "") {
		print "operations done:" elsewhere "; must be " low " to " high
		exit 1
	}
	print "no state after whole operations; nearest: " nearest
	replay(nearest)
	for (path in state)
		if (!(path in tree))
			print "  missing: " path " " state[path]
		else if (tree[path] != state[path])
			print "  " path " is " tree[path] ", not " state[path]
	for (path in tree)
		if (!(path in state))
			print "  too many: " path " " tree[path]
	exit 1
}
