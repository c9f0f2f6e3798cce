# Tests of power cuts. declare.sh says how to write one.
# shellcheck shell=bash
# shellcheck disable=SC2016 # $DISK is set where a test's command runs

# ---- Crashes --------------------------------------------------------------------------
host crash limit=300 'test/crash/crash.sh' <<'END'
^crash: [0-9]+ writes and flushes, [0-9]+ operations$
^crash: 20 power cuts, [0-9]+ with a log to replay, [0-9]+ more with a part$
^crash: 2 boots, [0-9]+ power cuts in them$
^crash: OK$
END
host crash_many full limit=1800 'test/crash/crash.sh -p 250 -b 20' <<'END'
^crash: 2[0-9][0-9] power cuts,
^crash: 20 boots,
^crash: OK$
END
# A larger log, which does not go round so soon.
host crash_large full limit=900 'CPUS=4 test/crash/crash.sh -m 16 -p 60 -b 4' <<'END'
^crash: OK$
END
