#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# Namespaces as nodes: all on one bridge, each of them finds all others. `mesh.sh N SECONDS` also
# says how long that took and the memory a node takes, and lets them idle for so long, which is counted.
# rows 10.22: bearer/mesh.sh:mesh
# the shell has an ip of its own
ip() { /bin/ip "$@"; }
count=${1:-8}
held=$(cat /sys/module/tipc/refcnt)

uptime_ms() { sed 's/\.//;s/ .*/0/' /proc/uptime; }
free_kb() { sync; echo 3 >/proc/sys/vm/drop_caches; sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo; }
in_n() { n=$1; shift; ip netns exec "n$n" "$@"; }
sees() { in_n "$1" tipc node list | grep -c ' up$'; }

ip link add br0 type bridge
ip link set br0 up
for i in $(seq "$count"); do
	ip netns add "n$i"
	ip link add "v$i" type veth peer name eth0 netns "n$i"
	ip link set "v$i" master br0 up
	ip -n "n$i" link set eth0 up
	in_n "$i" tipc node set identity "n$i"
done
# Who asks takes nothing from who answers: the kernel's thread for soft interrupts has its full share.
renice -n 19 $$ >/dev/null
before=$(free_kb)
begin=$(uptime_ms)
for i in $(seq "$count"); do
	in_n "$i" tipc bearer enable media eth device eth0
done
enabled=$(uptime_ms)
echo "== mesh"
missing=$count
for turn in $(seq 20); do
	missing=0
	for i in $(seq "$count"); do
		[ "$(sees "$i")" = $((count - 1)) ] || missing=$((missing + 1))
	done
	[ -n "$1" ] && echo "$(uptime_ms) ms: $missing do not see all others"
	[ "$missing" = 0 ] && break
	sleep 2
done
end=$(uptime_ms)
echo "$count nodes, $missing of them do not see all others"
if [ -n "$1" ]; then
	after=$(free_kb)
	printf 'row\tmesh\t%d\t%d\t%d\t%d\t%d\n' "$count" "$missing" $((enabled - begin)) $((end - begin)) \
		$(((before - after) / count))
	table -m all "idle/rdm/$2"
	exit
fi
for i in $(seq "$count"); do
	ip netns del "n$i"
done
ip link del br0
# namespaces end when the kernel gets round to it; not under the next test
for i in $(seq 100); do
	[ "$(cat /sys/module/tipc/refcnt)" -le "$held" ] && break
	usleep 200000
done
