# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# Namespaces as nodes, for scripts that begin with `. "${0%/*}/../lib/spaces.sh"`.
# the shell has an ip of its own
ip() { /bin/ip "$@"; }
in_n() { n=$1; shift; ip netns exec "$n" "$@"; }
held=$(cat /sys/module/tipc/refcnt)
# namespaces end when the kernel gets round to it; not under the next test
all_gone() {
	for i in $(seq 150); do
		[ "$(cat /sys/module/tipc/refcnt)" -le "$held" ] && break
		usleep 200000
	done
}

# a bridge that nodes are on; `unbridge` in the end
bridge() {
	ip link add br0 type bridge
	ip link set br0 up
}
unbridge() {
	ip link del br0
	all_gone
}
# fresh NAME: a namespace on the bridge, its device eth0 with the address 02:00:00:00:00:NUMBER
number=16
fresh() {
	number=$((number + 1))
	ip netns add "$1"
	ip link add "v$number" type veth peer name eth0 netns "$1"
	ip link set "v$number" master br0 up
	ip -n "$1" link set eth0 address "02:00:00:00:00:$number" up
}
gone() { for n in "$@"; do ip netns del "$n"; done; }
enable() { in_n "$1" tipc bearer enable media eth device eth0 $2; }
address() { in_n "$1" tipc node get address; }
ups() { in_n "$1" tipc node list | grep -c ' up$'; }
# waits, 30 s and more, until NAME sees COUNT others
sees() {
	for i in $(seq 150); do
		[ "$(ups "$1")" = "$2" ] && break
		usleep 200000
	done
	echo "$1 sees $(ups "$1")"
}
# what the log says of TIPC since the last mark
mark() { echo "<6>lab: mark $$ $1" >/dev/kmsg; marked=$1; }
since() { dmesg | sed -n "/lab: mark $$ $marked\$/,\$p" | sed -n 's|^\(\[[^]]*\] \)\{0,1\}tipc: ||p'; }
# `inside_a "$@" || exit 0` runs the script in namespace a, joined by a pair of devices, va and vb, to
# namespace b: nodes 1.1.1 and 1.1.2
inside_a() {
	[ "$1" = in ] && return
	for n in a b; do ip netns add $n; done
	ip link add va netns a type veth peer name vb netns b
	ip -n a link set va address 02:00:00:00:00:01 up
	ip -n b link set vb address 02:00:00:00:00:02 up
	in_n b tipc node set addr 1.1.2
	in_n a sh -c 'tipc node set addr 1.1.1; exec "$0" in' "$0"
	gone a b
	all_gone
	return 1
}
