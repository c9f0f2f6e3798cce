# Copies its input to its output, and marks each pause: after so many seconds ($ARGV[0]) in
# which nothing came, or when a line goes on for long, comes a mark, 0x01 0x02, and a line's end.
# So a reader sees what is not a whole line yet without a time limit of its own: bash's `read
# -t` loses a line's end that comes at the moment when its time is up.
use strict;
use warnings;

my ($pause) = @ARGV;
my $since = time;    # the last line's end

$| = 1;
while (1) {
	my $ready = '';
	vec($ready, 0, 1) = 1;
	my $came = select($ready, undef, undef, $pause);
	if ($came) {
		sysread(STDIN, my $data, 65536) or last;
		print $data;
		$since = time if index($data, "\n") >= 0;
	}
	if (!$came || time > $since + 1) {
		print "\1\2\n";
		$since = time;
	}
}
