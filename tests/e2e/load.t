#!/bin/bash
# A hundredth of what `make bench-load` loads: a county's registry and a month-end list with bad rows.
exec "$(dirname "$0")/../bench/load" 1060 2156 77 2000
