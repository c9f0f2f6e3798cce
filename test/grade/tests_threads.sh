# Threads, the ticket lock, and malloc among threads.
# shellcheck shell=bash

# Four children die by a wrong free.
check thread_join core limit=60 <<'END'
#4 user panic in thread_join at .*: free\(0xc00..000\): not in the heap$
^thread_join: OK$
END
guest thread_many core limit=90
guest thread_lock core limit=60
guest thread_end core limit=60
guest thread_wait core limit=60
check malloc_threads core limit=60 <<'END'
#2 user panic in malloc_threads at .*: free\(0x.*\): the block is free already$
^malloc_threads: OK$
END
guest malloc_fork core limit=60

# A function that clone has begun returns.
check thread_return end=destroyed core <<'END'
^the function runs$
^\[........\] user fault va ffffffff ip ffffffff
!not reached
END

# At length.
check thread_many_10000 run='thread_many 10000' full cpus='1 2 4 8' limit=300 <<<'^thread_many: OK$'
check thread_end_20s run='thread_end 20000' full cpus='2 4' limit=120 <<<'^thread_end: OK$'
check thread_wait_20 run='thread_wait 20' full cpus='2 4' limit=120 <<<'^thread_wait: OK$'
check malloc_threads_60s run='malloc_threads 60000' full cpus='2 4' limit=200 <<'END'
#2 user panic in malloc_threads at .*: free\(0x.*\): the block is free already$
^malloc_threads: OK$
END
check malloc_fork_300 run='malloc_fork 300' full cpus='2 4' limit=200 <<<'^malloc_fork: OK$'
