#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# What can be a bearer: tunnels, but not the loopback device; two on one wire. Nodes are namespaces.
# rows 11.6: bearer/doors.sh:one_wire
# rows 10.6, 10.22: bearer/doors.sh:tunnel, bearer/doors.sh:loopback
# rows 5.2: bearer/doors.sh:hardware
. "${0%/*}/../lib/spaces.sh"
bridge

echo "== hardware"
# who has no identity gets that of the first device
fresh a; fresh b
enable a; enable b
sees a 1; sees b 1
in_n a tipc node get identity
gone a b
echo "== one_wire"
# a node with two devices on one wire
fresh a
ip link add wa type veth peer name eth1 netns a
ip link set wa master br0 up
ip -n a link set eth1 address 02:00:00:00:01:01 up
in_n a tipc node set identity nodeA
mark one_wire
in_n a tipc bearer enable media eth device eth0 &
in_n a tipc bearer enable media eth device eth1 &
wait
for i in $(seq 50); do [ "$(address a)" = 2f6f6465 ] && break; usleep 200000; done
[ "$(address a)" = 2f6f6465 ] || echo "wrong: it does not have the address it wants"
# both call out several times
sleep 3
since | grep -q '^Duplicate' && echo "wrong: another node is said to have its address"
gone a
echo "== loopback"
fresh a
ip -n a link set lo up
mark loopback
in_n a tipc bearer enable media eth device lo; echo "exit code $?"
since | grep "<eth:lo>"
gone a
echo "== tunnel"
# not Ethernet: packets of any ethertype in IPv4
for n in a b; do fresh $n; done
ip -n a addr add 10.0.0.1/24 dev eth0
ip -n b addr add 10.0.0.2/24 dev eth0
ip -n a link add tun0 type gre local 10.0.0.1 remote 10.0.0.2
ip -n b link add tun0 type gre local 10.0.0.2 remote 10.0.0.1
ip -n a link set tun0 up
ip -n b link set tun0 up
in_n a tipc node set addr 1.1.1
in_n b tipc node set addr 1.1.2
in_n a tipc bearer enable media eth device tun0
in_n b tipc bearer enable media eth device tun0
# a kernel without tunnels need not be waited for
ip -n a link show tun0 >/dev/null && { sees a 1; sees b 1; }
in_n a tipc bearer list
gone a b
unbridge
