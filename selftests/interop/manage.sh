#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# manage.sh NETWORK alfa|bravo: one of two nodes that are shown and set by the tipc tool. The lab
# compares what each part ("== PART") says with what it says in a cluster of C nodes.
# What varies by time, and is taken out here: numbers of state messages, probes and acknowledgements,
# and the profile, which is a sample of what is in the queue at a tick.
l=alfa:eth0-bravo:eth0
[ $2 = alfa ] || l=bravo:eth0-alfa:eth0
said() { "$@"; local code=$?; [ $code = 0 ] || echo "exit code $code: $*"; }
until_() { # until_ TEXT COMMAND...: until its output has the text
	local text=$1 i; shift
	for i in $(seq 150); do
		"$@" 2>/dev/null | grep -q "$text" && return
		usleep 200000
	done
	echo "never said '$text': $*"
}
properties() { # properties WHAT...
	local p
	for p in priority tolerance window; do said tipc $1 get $p $2 $3 $4 $5; done
}
counted() { # what does not vary by time
	sed -e 's/states:[0-9]*/states:N/g; s/probes:[0-9]*/probes:N/g; s/acks:[0-9]*/acks:N/' \
	    -e 's/profile sample:.*/profile/; /[0-9]% *-/d; s/avg:[0-9]*/avg:N/'
}
answers() { # the other's services are known
	until_ "^3001 " tipc nametable show
	until_ "^3002 " tipc nametable show
}
everything() {
	for what in "node list" "bearer list" "media list" "link list" "nametable show"; do
		echo "-- $what"
		said tipc $what
		said tipc -j $what
	done
}

tipc node set identity $2
tipc node set netid $1
manage watch >/tmp/events &
if [ $2 = bravo ]; then
	manage serve 3002 &
	tipc bearer enable media eth device eth0
	manage serve 3001
	echo "== told"
	properties link link $l
	said tipc link list
	tipc bearer disable media eth device eth0
	echo "== events"
	sleep 1
	cat /tmp/events
	echo "== gone"
	said tipc link list
	said tipc bearer list
	sleep 3
	said tipc node list
	exit 0
fi

echo "== media"
said tipc media list
for m in eth ib udp; do properties media media $m; done
said tipc media get mtu media udp
said tipc media get mtu media eth
said tipc media set mtu 1400 media udp
said tipc media get mtu media udp
said tipc media set mtu 127 media udp
said tipc media set mtu 1500 media eth
said tipc media set mtu 14000 media udp
said tipc media set priority 32 media eth
said tipc media set tolerance 49 media eth
said tipc media set window 8192 media eth
said tipc media set tolerance 1600 media eth
said tipc media set window 100 media eth
said tipc media set priority 11 media eth
said tipc -j media list
properties media media eth
echo "== no-bearer"
said tipc bearer list
said tipc link list
said tipc -j link list
said tipc link get broadcast
said tipc link set broadcast BROADCAST
said tipc link monitor summary
said tipc bearer enable media eth device none
said tipc bearer enable media eth device lo
said tipc bearer enable media smoke device eth0
said tipc bearer enable media eth device eth0 priority 32
said tipc bearer enable media eth device 0123456789abcdef
said tipc bearer set tolerance 100 media eth device eth0
echo "== enable"
said tipc bearer enable media eth device eth0
said tipc bearer enable media eth device eth0
said tipc bearer list
properties bearer media eth device eth0
tipc media set priority 10 media eth
tipc media set tolerance 1500 media eth
tipc media set window 8191 media eth
until_ up tipc node list
manage serve 3003 &
until_ "^3003 " tipc nametable show
answers
echo "== shown"
everything | sed 's/"port":[0-9]*/"port":N/g; s/"key":[0-9]*/"key":N/g'
echo "== link"
properties link link $l
said tipc link get priority link nobody
said tipc link get broadcast
said tipc link list
echo "== traffic"
said tipc link statistics reset link $l
said tipc link statistics reset link broadcast-link
said manage ask 3002 50 64
said manage ask 3002 20 1400
said manage ask 3002 10 20000
said manage ask 3002 3 66000
tipc link statistics show link $l | counted
tipc link statistics show | counted
said tipc link statistics reset link broadcast-link
said tipc link statistics reset link broadcast-link:bravo
said tipc link statistics reset link broadcast-link:nobody
said tipc link statistics reset link nobody
echo "== set"
said tipc link set tolerance 2000 link $l
said tipc link set window 60 link $l
said tipc link set tolerance 49 link $l
said tipc link set priority 32 link $l
said tipc link set window 49 link $l
properties link link $l
said tipc bearer set tolerance 1800 media eth device eth0
said tipc bearer set window 70 media eth device eth0
said tipc bearer set priority 7 media eth device eth0
properties bearer media eth device eth0
properties link link $l
echo "== priority"
said tipc link set priority 9 link $l
until_ "^up 0," sed -n '/^down 0,/,$p' /tmp/events # that resets the link, when the other hears of it
answers
properties link link $l
said tipc link list
echo "== broadcast"
said tipc link set broadcast REPLICAST
said tipc link get broadcast
said tipc link set broadcast AUTOSELECT ratio 20
said tipc link get broadcast
said tipc link set broadcast AUTOSELECT ratio 101
said tipc link set window 64 link broadcast-link
said tipc link get window link broadcast-link
said tipc link set priority 5 link broadcast-link
echo "== monitor"
said tipc link monitor summary
said tipc link monitor list
said tipc link monitor get
echo "== sockets"
said tipc socket list
echo "== refused"
said tipc node set netid 5
said tipc node set addr 1.1.1
said tipc node set identity charlie
said tipc peer remove identity bravo
said tipc peer remove identity nobody
echo "== lost"
manage quit 3001
until_ down tipc node list
said tipc node list
said tipc link list
echo "== stale"
tipc link statistics show link $l | sed -n 2p
echo "== removed"
said tipc peer remove identity bravo
said tipc node list
said tipc peer remove identity bravo
said tipc bearer disable media eth device eth0
said tipc bearer disable media eth device eth0
said tipc link list
echo "== events"
cat /tmp/events
