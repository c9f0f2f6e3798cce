# mmap, sbrk, mprotect, copy-on-write, swap.
# shellcheck shell=bash

guest vm_anon core limit=60
guest vm_file core limit=60
guest vm_protect core limit=60
guest vm_sbrk core limit=60
guest vm_threads core limit=60
guest vm_cut core limit=60
check vm_time <<'END'
^mmap, touch, munmap: [0-9]+$
^vm_time: OK$
END

# With 256 KiB and so much more of it in the swap area.
check vm_swap limit=90 <<'END'
^mmap: resident [0-9]+, swapped [0-9]+$
^sbrk: resident [0-9]+, swapped [0-9]+$
^malloc: resident [0-9]+, swapped [0-9]+$
^data: resident [0-9]+, swapped [0-9]+$
^vm_swap: OK$
END
check vm_swap_large full run='vm_swap 250 4 20000' limit=300 <<<'^vm_swap: OK$'
for page in '' ' page'; do
	check "vm_text${page/ /_}" run="vm_text$page" core <<-'END'
		#1 ^vm_text 0 [.]+$
		#3840 ^vm_text [0-9]+ [.]+$
		^vm_text 3839 [.]+$
		^vm_text: OK$
	END
done
check vm_limit core limit=90 <<'END'
#4 user panic in vm_limit at .*: out of memory$
^vm_limit: OK$
END
guest vm_writeable core
guest vm_read core limit=60
guest vm_swapmix limit=90
guest vm_short limit=90
