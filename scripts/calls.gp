# Cost per call by batch size, a panel for each call and number of CPUs. Doors
# that take batches are curves, traps are horizontal lines.
#
#   gnuplot -e "csv='obj/bench/calls.csv'; out='obj/bench/calls'" scripts/calls.gp
#
# writes out.png and out.svg. The columns of csv are those of `make bench`.

# The different values of a column, in the order of the file, of the lines that
# an awk condition picks.
values(column, condition) = system(sprintf( \
	"awk -F, 'NR > 1 && (%s) && !seen[$%d]++ { print $%d }' '%s'", \
	condition, column, column, csv))
of(bench, cpus) = sprintf("$1 == \"%s\" && $3 == %s", bench, cpus)
lines(bench, cpus, door) = sprintf( \
	"< awk -F, '%s && $2 == \"%s\" { print $4, $6, $7, $8 }' '%s'", \
	of(bench, cpus), door, csv)
median(bench, cpus, door) = real(system(sprintf( \
	"awk -F, '%s && $2 == \"%s\" { v = $7 } END { print v + 0 }' '%s'", \
	of(bench, cpus), door, csv)))

# A door has the same colour in all panels.
colour(door) = \
	door eq 'floor' ? '#888888' : \
	door eq 'int' ? '#c1272d' : \
	door eq 'sysenter' ? '#e08214' : \
	door eq 'kernel' ? '#4d4d4d' : \
	door eq 'page' ? '#0000a7' : \
	door eq 'page-remote' ? '#008176' : '#9a4fb0'
dash(door) = door eq 'floor' ? 3 : door eq 'kernel' ? 2 : 1

# The elements of a plot command.
trap(bench, n, door) = sprintf( \
	", %g with lines lw 2 dt %d lc rgb '%s' title '%s'", \
	median(bench, n, door), dash(door), colour(door), door)
curve(bench, n, door) = sprintf( \
	", lines('%s', '%s', '%s') using 1:3:2:4 with yerrorbars pt 7 ps 0.4 lc rgb '%s' notitle", \
	bench, n, door, colour(door)) . sprintf( \
	", lines('%s', '%s', '%s') using 1:3 with lines lw 2 dt %d lc rgb '%s' title '%s'", \
	bench, n, door, bench eq 'ipc-self' ? 2 : 1, colour(door), \
	bench eq 'ipc-self' ? door . ', to itself' : door)

# What a process sends to itself is drawn with what it sends to another.
benches = values(1, '$1 != "ipc-self" && $1 !~ "scale"')
counts = values(3, '1')

set logscale x 2
set logscale y 10
set xrange [0.9:71]
set xtics (1, 2, 4, 8, 16, 32, 64)
set xlabel 'batch size'
set ylabel 'cycles per call'
set grid xtics ytics lc rgb '#dddddd'
set format y '%.0s%c'
set key noenhanced below center horizontal Left reverse samplen 2

do for [type in 'png svg'] {
	width = 620 * words(counts)
	height = 420 * words(benches)
	if (type eq 'svg') {
		set terminal svg size width, height dynamic background rgb 'white'
	} else {
		if (strstrt(GPVAL_TERMINALS, 'pngcairo') > 0) {
			set terminal pngcairo size width, height
		} else {
			set terminal png size width, height
		}
	}
	set output out . '.' . type
	set multiplot layout words(benches), words(counts)
	do for [bench in benches] {
		do for [n in counts] {
			traps = values(2, of(bench, n) . ' && $2 !~ /^page/')
			pages = values(2, of(bench, n) . ' && $2 ~ /^page/')
			itself = bench eq 'ipc' ? values(2, of('ipc-self', n)) : ''
			# By number: a loop over the words of nothing runs once.
			all = ''
			do for [i = 1:words(traps)] { all = all . trap(bench, n, word(traps, i)) }
			do for [i = 1:words(pages)] { all = all . curve(bench, n, word(pages, i)) }
			do for [i = 1:words(itself)] {
				all = all . curve('ipc-self', n, word(itself, i))
			}
			set title noenhanced bench . ', ' . n . (n eq '1' ? ' CPU' : ' CPUs')
			eval(strlen(all) ? 'plot ' . all[3:] : 'set multiplot next')
		}
	}
	unset multiplot
	set output
}
