#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# Devices that change, or go away, under their bearers: two namespaces, a and b, joined by a pair of
# devices, va and vb. The C module keeps its link protocol between namespaces of one kernel, so
# what is seen here is seen on both modules.
# rows 10.3, 10.6: bearer/devices.sh:refused
# rows 10.2, 10.3: bearer/devices.sh:four
# rows 10.10: bearer/devices.sh:disable
# rows 10.11: bearer/devices.sh:down, bearer/devices.sh:mtu, bearer/devices.sh:address, bearer/devices.sh:rename
# rows 10.11: bearer/devices.sh:carrier, bearer/devices.sh:unregister, bearer/devices.sh:moved, bearer/devices.sh:end
# rows 11.6: bearer/devices.sh:network
# rows 10.22: bearer/devices.sh:vlan, bearer/devices.sh:bridge
. "${0%/*}/../lib/spaces.sh"
in_a() { ip netns exec a "$@"; }
in_b() { ip netns exec b "$@"; }

join() {
	ip link add va netns a type veth peer name vb netns b
	ip -n a link set va up
	ip -n b link set vb up
	# an address of its own would change with each boot
	ip -n a link set va address 02:00:00:00:00:01
	ip -n b link set vb address 02:00:00:00:00:02
}
enable() { in_a tipc bearer enable media eth device va; in_b tipc bearer enable media eth device vb; }

# what both see of each other when it has become so, or after 20 s and more
seen() {
	want_a=$(echo "$1" | sed 's/^/1001002 /') want_b=$(echo "${2:-$1}" | sed 's/^/1001001 /')
	for i in $(seq 100); do
		a=$(in_a tipc node list | grep -v '^Node\|^1001001') b=$(in_b tipc node list | grep -v '^Node\|^1001002')
		a=$(echo $a) b=$(echo $b)
		case "$a/$b" in
		*"${1}"/*"${2:-$1}") break ;;
		esac
		usleep 100000
	done
	echo "a sees: $a"
	echo "b sees: $b"
}
# how often the log has said that the bearer of a was reset
resets() { dmesg | grep -c 'tipc: Resetting bearer <eth:va>'; }
# does something, and says how often that has reset the bearer
counted() {
	before=$(resets)
	"$@"
	for i in $(seq 20); do
		[ "$(resets)" = "$before" ] || break
		usleep 50000
	done
	echo "$(($(resets) - before)) resets"
}
bearers() { echo "a has: $(in_a tipc bearer list)"; echo "b has: $(in_b tipc bearer list)"; }

ip netns add a
ip netns add b || exit
ip -n a link set lo up
ip -n b link set lo up
in_a tipc node set addr 1.1.1
in_b tipc node set addr 1.1.2
join

echo "== refused"
in_a tipc bearer enable media eth device none; echo "exit code $?"
in_a tipc bearer enable media eth device lo; echo "exit code $?"
ip -n a link set va mtu 99
in_a tipc bearer enable media eth device va; echo "exit code $?"
ip -n a link set va mtu 1500
in_a tipc bearer enable media eth device va priority 32; echo "exit code $?"
in_a tipc bearer list
echo "== up"
enable
seen up
bearers
in_a tipc bearer enable media eth device va; echo "exit code $?"
echo "== down"
ip -n a link set va down
seen down
bearers
ip -n a link set va up
seen up
echo "== carrier"
ip -n b link set vb down
seen down
ip -n b link set vb up
seen up
echo "== mtu"
counted ip -n a link set va mtu 1400
seen up
counted ip -n a link set va mtu 100
seen up
bearers
ip -n a link set va mtu 99
seen down
bearers
ip -n a link set va mtu 1500
in_a tipc bearer enable media eth device va
seen up
echo "== address"
counted ip -n a link set va address 02:00:00:00:00:07
seen up
echo "== disable"
in_a tipc bearer disable media eth device va
seen down
bearers
in_a tipc bearer disable media eth device va; echo "exit code $?"
in_a tipc bearer enable media eth device va
seen up
echo "== rename"
ip -n a link set va name wa 2>&1
seen down
bearers
ip -n a link set wa name va
in_a tipc bearer enable media eth device va
seen up
echo "== unregister"
ip -n a link del va
seen down
bearers
join
in_a tipc bearer enable media eth device va
in_b tipc bearer enable media eth device vb
seen up
echo "== network"
# a node of another network on the same wire is not seen; the same node, of the same network, is
fresh_b() {
	ip netns del b
	ip netns add b
	ip -n b link set lo up
	[ -z "$1" ] || in_b tipc node set netid "$1"
	in_b tipc node set addr 1.1.2
	ip -n a link del va 2>/dev/null
	join
	enable
}
fresh_b 4712
sleep 4
in_a tipc node list | grep -c ' up$'
in_b tipc node list | grep -c ' up$'
fresh_b
seen up
echo "== moved"
ip -n a link set va netns b
seen down
bearers
ip -n b link del vb
echo "== vlan"
join
ip -n a link add link va name va.5 type vlan id 5
ip -n b link add link vb name vb.5 type vlan id 5
ip -n a link set va.5 up
ip -n b link set vb.5 up
in_a tipc bearer enable media eth device va.5
in_b tipc bearer enable media eth device vb.5
seen up
bearers
ip -n a link del va.5
seen down
bearers
ip -n b link del vb.5
bearers
echo "== bridge"
ip -n a link add br0 type bridge
ip -n a link set va master br0
ip -n a link set br0 up
in_a tipc bearer enable media eth device br0
in_b tipc bearer enable media eth device vb
seen up
bearers
echo "== four"
for i in 1 2 3; do
	ip -n a link add d$i type dummy
	ip -n a link set d$i up
	in_a tipc bearer enable media eth device d$i; echo "exit code $?"
done
bearers
in_a tipc bearer disable media eth device d1
in_a tipc bearer enable media eth device d3; echo "exit code $?"
bearers
seen up
echo "== end"
ip netns del a
for i in $(seq 100); do
	in_b tipc node list | grep -q down && break
	usleep 100000
done
in_b tipc node list
ip netns del b
all_gone
