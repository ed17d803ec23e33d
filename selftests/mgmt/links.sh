#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# Priority, tolerance and window of links, set by the tipc tool to what is at the ends of their ranges and
# beyond, and read back; what a user without privileges can set of anything. The C module has its
# links between namespaces of one kernel, too.
# rows 10.5, 10.12, 13.9: mgmt/links.sh:inherited
# rows 13.8, 13.9, 13.29: mgmt/links.sh:link, mgmt/links.sh:broadcast
# rows 7.3: mgmt/links.sh:broadcast
# rows 13.3, 13.5, 13.9, 13.10, 13.12, 13.15, 13.17, 13.21, 13.24, 13.25: mgmt/links.sh:nobody
. "${0%/*}/../lib/spaces.sh"
. "${0%/*}/../lib/properties.sh"
inside_a "$@" || exit 0
link=1001001:va-1001002:vb
link_list() { tipc link list | grep -v broadcast; }
up() { until_ "$link: up" link_list; }

echo "== inherited"
# a link has what its bearer has when it is made, and what is set of a bearer later
tipc bearer enable media eth device va priority 4
tipc bearer set tolerance 1800 media eth device va
tipc bearer set window 60 media eth device va
in_n b tipc bearer enable media eth device vb
up
get link link $link
tipc bearer set tolerance 3000 media eth device va
tipc bearer set window 70 media eth device va
tipc bearer set priority 7 media eth device va
get bearer media eth device va
get link link $link
until_ 3000 in_n b tipc link get tolerance link 1001002:vb-1001001:va
echo "== link"
for p in tolerance window priority; do
	tried link $p link $link
	up
done
tipc link set mtu 1400 link $link 2>&1; echo "exit code $?"
set_all 10 1500 8191 link link $link
up
echo "== broadcast"
for p in priority tolerance window; do tried link $p link broadcast-link; done
tipc link set window 50 link broadcast-link
echo "== nobody"
export link
su nobody -c '
	for what in "media set priority 5 media eth" "media set tolerance 500 media eth" "media set window 55 media eth" \
		"media set mtu 1300 media udp" "bearer set priority 5 media eth device va" \
		"bearer set tolerance 500 media eth device va" "bearer set window 55 media eth device va" \
		"bearer enable media eth device va" "bearer disable media eth device va" \
		"link set priority 5 link $link" "link set tolerance 500 link $link" "link set window 55 link $link" \
		"link set broadcast REPLICAST" "link set window 55 link broadcast-link" "link statistics reset link $link" \
		"link monitor set threshold 5" "peer remove address 1.1.2" "node set netid 5" "node set identity me" \
		"node set addr 1.1.5" "node set key 0x6162636465666768696a6b6c6d6e6f70" "node flush key"; do
		tipc $what 2>&1; echo "exit code $?: $what"
	done
	tipc bearer list; tipc media list; tipc link list; tipc link get broadcast; tipc node get netid'
get media media eth
get bearer media eth device va
get link link $link
up
