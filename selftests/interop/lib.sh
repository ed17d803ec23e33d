# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# What the scripts of interop/ share; sourced in each machine.
TYPE=1000	# of traffic's services, with the machine's number as instance

# meet NAME: wait until all machines are at this place of the case
meet() {
	wire meet "$case/$1"
}

# check CASE COMMAND...: when all machines have come to it, run it and report. A machine whose
# command fails keeps the others from waiting for it.
check() {
	case=$1
	shift
	[ -z "$ONLY" ] || echo "$case" | grep -qE "$ONLY" || return 0
	wire meet "at-$case"
	local began=$(sed 's/\..*//' /proc/uptime)
	echo "... $case"
	echo "<6>case: $case" >/dev/kmsg
	if "$@" >/tmp/said 2>&1; then
		cat /tmp/said
		echo "ok - $case # $(($(sed 's/\..*//' /proc/uptime) - began)) s"
	else
		wire give-up "$case"
		cat /tmp/said
		echo "not ok - $case # $(tail -n 3 /tmp/said | tr '\n' ' ' | tail -c 300)"
	fi
}

# unload: the module away, with everything that uses it
unload() {
	killall -q -9 traffic
	[ -d /sys/module/tipc_diag ] && rmmod tipc_diag
	for i in $(seq 100); do
		[ -d /sys/module/tipc ] || return 0
		rmmod tipc 2>/tmp/why && return 0
		usleep 300000	# closed sockets are still on their way out
	done
	cat /tmp/why
	return 1
}

# load IDENTITY: the module, and a node's identity
load() {
	insmod /lab/modules/tipc.ko && tipc node set identity "$1"
}

# join CARD...: enable bearers on network cards
join() {
	for card; do tipc bearer enable media eth device "eth$card" || return 1; done
}

leave() {
	for card; do tipc bearer disable media eth device "eth$card" || return 1; done
}

links() {
	# until link lists are everywhere: how many nodes are up
	if [ $TIPC_MODULE = ours ] && ! tipc link list | grep -q broadcast; then
		[ "$(tipc node list | grep -c up)" -ge 1 ] && echo $1 || echo 0
	else
		tipc link list | grep -v broadcast | grep -c ': up'
	fi
}

# linked N: wait until N links work
linked() {
	for i in $(seq 150); do
		[ "$(links $1)" = "$1" ] && return 0
		usleep 100000
	done
	echo "$(links) links instead of $1: $(tipc link list | tr '\n' ' ')"
	return 1
}

serve() {
	traffic serve $TYPE $LAB_INDEX &
	server=$!
}

# meanwhile COMMAND...: run it beside; `result` waits for it
meanwhile() {
	"$@" >/tmp/beside 2>&1 &
	beside=$!
}

result() {
	wait $beside
	local code=$?
	cat /tmp/beside
	return $code
}
