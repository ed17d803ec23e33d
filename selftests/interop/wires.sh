# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# Two nodes, a and b, with three wires between them: how large packets are, and which wire carries
# them. Both machines run this; they meet where one has to wait for the other.
. /lib.sh
ip() { /bin/ip "$@"; }
other=$((3 - LAB_INDEX))
me() { [ $LAB_NAME = $1 ]; }
ask() { traffic ask "$@" $TYPE $other; }
fail() { echo "$*"; tipc link list; false; }

# of the link on a card: its line that begins with WORD
line() { tipc link stat show | awk -v card=":eth$1-" -v word="^ *$2" '/^Link/ { on = index($0, card) } on && $0 ~ word { print; exit }'; }
# the largest packet, the packets sent, the fragments sent; ACTIVE or STANDBY
mtu() { line $1 "(ACTIVE|STANDBY)" | sed 's/.*MTU:\([0-9]*\).*/\1/'; }
sent() { line $1 "TX packets" | sed 's/.*packets:\([0-9]*\).*/\1/'; }
fragments() { line $1 "TX packets" | sed 's/.*fragments:\([0-9]*\).*/\1/'; }
role() { line $1 "(ACTIVE|STANDBY)" | awk '{ print $1 }'; }

# until COMMAND...: has said what is wanted, or 20 s have passed
until_is() {
	local want=$1 got i
	shift
	for i in $(seq 200); do
		got=$("$@")
		[ "$got" = "$want" ] && return 0
		usleep 100000
	done
	fail "$*: $got instead of $want"
}

# Both ends have 9000: a message of 8500 bytes is one packet, one of 9000 bytes is two.
jumbo() {
	ip link set eth0 mtu 9000
	meet large || return 1
	unload && load $LAB_NAME && join 0 && serve
	until_is 9000 mtu 0 || return 1
	meet up || return 1
	local before=$(fragments 0)
	ask -k rdm,seq -s 8500 -n 20 || return 1
	meet whole || return 1
	[ "$(fragments 0)" = "$before" ] || { fail "8500 bytes in fragments"; return 1; }
	meet seen || return 1
	ask -k rdm,seq -s 9000 -n 20 || return 1
	meet cut || return 1
	# what was asked, and what was sent back
	[ $(($(fragments 0) - before)) = 160 ] || { fail "$(($(fragments 0) - before)) fragments instead of 160"; return 1; }
	ask -s classes || return 1
	meet jumbo_done
}

# One end has 1500: so has the link, at both ends.
mixed() {
	me b && { ip link set eth0 mtu 1500; true; }
	until_is 1500 mtu 0 || return 1
	meet small || return 1
	ask -s some || return 1
	meet mixed_done
}

# The size changes while traffic goes on; a link comes back with the new one.
changed() {
	meet change || return 1
	meanwhile ask -k rdm,addr,stream -r -s some -t 100 -p 4
	sleep 1
	me b && { ip link set eth0 mtu 9000; true; }
	until_is 9000 mtu 0 || return 1
	meet larger || return 1
	sleep 1
	me a && { ip link set eth0 mtu 2000; true; }
	until_is 2000 mtu 0 || return 1
	meet smaller || return 1
	sleep 1
	killall -USR1 traffic
	result || return 1
	ip link set eth0 mtu 1500
	until_is 1500 mtu 0 || return 1
	meet same || return 1
	ask -s some || return 1
	meet changed_done
}

# Two links of one priority: both are active, and both carry messages.
shared() {
	join 1
	linked 2 || return 1
	meet two || return 1
	until_is ACTIVE role 0 && until_is ACTIVE role 1 || return 1
	local first=$(sent 0) second=$(sent 1)
	# each flow takes the link its socket's port falls to: five rounds, and more while chance favours one
	for i in $(seq 20); do
		ask -k rdm,addr,seq,stream -s small -n 20 || return 1
		[ $i -ge 5 ] && [ $(($(sent 0) - first)) -ge 100 ] && [ $(($(sent 1) - second)) -ge 100 ] && break
	done
	meet sent || return 1
	first=$(($(sent 0) - first)) second=$(($(sent 1) - second))
	[ $first -ge 100 ] && [ $second -ge 100 ] || { fail "$first and $second packets"; return 1; }
	meet shared_done || return 1
	leave 1
	linked 1
}

# carried CARD BEFORE: `enough` when 20 packets have gone out there since it had sent BEFORE
carried() {
	local packets=$(($(sent $1) - $2))
	[ $packets -ge 20 ] && echo enough || echo $packets packets
}

# Two links of different priority: the lower one waits, takes over when the other is cut, and waits
# again when that is back; nothing is lost.
standby() {
	meet standby || return 1
	tipc bearer enable media eth device eth1 priority 5
	linked 2 || return 1
	until_is ACTIVE role 0 && until_is STANDBY role 1 || return 1
	meet two || return 1
	local before=$(sent 1)
	ask -k rdm,addr,seq,stream -s small -n 50 || return 1
	meet sent || return 1
	[ $(($(sent 1) - before)) -lt 10 ] || { fail "$(($(sent 1) - before)) packets by the one that waits"; return 1; }
	meet seen || return 1
	meanwhile ask -k rdm,addr,seq,stream -t 100 -p 30
	sleep 1
	me a && wire cut 0
	# (C goes on to show it as STANDBY)
	linked 1 || return 1
	meet over || return 1
	before=$(sent 1)
	until_is enough carried 1 $before || return 1
	meet carries || return 1
	me a && wire heal 0
	linked 2 && until_is ACTIVE role 0 && until_is STANDBY role 1 || return 1
	sleep 1
	meet back || return 1
	killall -USR1 traffic
	result || return 1
	meet standby_done || return 1
	leave 1
	linked 1
}

# A third bearer gets the next lower priority; a node has two links to another, and when one goes
# the third bearer gives another.
third() {
	meet third || return 1
	join 1
	linked 2 || return 1
	meet two || return 1
	join 2
	tipc bearer get priority media eth device eth2
	[ "$(tipc bearer get priority media eth device eth2)" = 9 ] || { fail "priority is not 9"; return 1; }
	meet three || return 1
	sleep 2
	[ "$(tipc link list | grep -c ': up')" = 3 ] || { fail "not two links and that of broadcasts"; return 1; }
	meet still_two || return 1
	leave 0
	meet one_less || return 1
	until_is STANDBY role 2 || return 1
	until_is ACTIVE role 1 || return 1
	ask -s some || return 1
	meet third_done || return 1
	leave 1
	leave 2
}

check jumbo jumbo
check mixed mixed
check changed changed
check shared shared
check standby standby
check third third
check unload unload
