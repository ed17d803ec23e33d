# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# Properties of media, bearers and links, as the tipc tool sets and shows them.
borders() {
	case $1 in
	priority) echo 0 31 32 4294967295 none ;;
	tolerance) echo 49 50 30000 30001 ;;
	window) echo 49 50 8191 8192 ;;
	mtu) echo 127 128 65535 65536 ;;
	esac
}
# tried WHAT PROPERTY OF-WHAT...: each value at a border, and what it is then
tried() {
	local what=$1 property=$2 v; shift 2
	for v in $(borders $property); do
		tipc $what set $property $v "$@" 2>&1; echo "$property $v: exit code $?"
		tipc $what get $property "$@" 2>&1
	done
}
# get WHAT OF-WHAT...
get() {
	local what=$1 p; shift
	for p in priority tolerance window; do echo "$p $(tipc $what get $p "$@" 2>&1)"; done
}
# set_all PRIORITY TOLERANCE WINDOW WHAT OF-WHAT...
set_all() {
	local priority=$1 tolerance=$2 window=$3 what=$4; shift 4
	tipc $what set priority $priority "$@"
	tipc $what set tolerance $tolerance "$@"
	tipc $what set window $window "$@"
}
# until_ TEXT COMMAND...: what it says when it is that, or after 20 s
until_() {
	local text=$1 i said; shift
	for i in $(seq 60); do
		said=$("$@" 2>&1)
		[ "$said" = "$text" ] && break
		usleep 200000
	done
	echo "$said"
}
