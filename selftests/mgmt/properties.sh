#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# Priority, tolerance, window and MTU of media and bearers, set by the tipc tool to what is at the ends of
# their ranges and beyond, and read back; what a bearer is enabled with.
# rows 10.13, 13.11, 13.12, 13.29: mgmt/properties.sh:media, mgmt/properties.sh:udp
# rows 10.5, 13.3: mgmt/properties.sh:enable, mgmt/properties.sh:domain
# rows 10.12, 13.4, 13.5, 13.29: mgmt/properties.sh:bearer
. "${0%/*}/../lib/spaces.sh"
. "${0%/*}/../lib/properties.sh"
inside_a "$@" || exit 0
enable() { tipc bearer enable media eth device va "$@" 2>&1; echo "exit code $?"; }
disable() { tipc bearer disable media eth device va 2>&1; }

echo "== media"
for p in priority tolerance window; do tried media $p media eth; done
tipc media set mtu 1500 media eth 2>&1; echo "exit code $?"
set_all 10 1500 8191 media media eth
get media media eth
echo "== udp"
tried media mtu media udp
tipc media set priority 32 media udp 2>&1; echo "exit code $?"
tipc media set mtu 14000 media udp
tipc media get mtu media udp
echo "== enable"
for v in 0 31 32 none; do
	enable priority $v
	tipc bearer get priority media eth device va 2>&1
	disable
done
echo "== domain"
# the own address, cluster and zone, other ones, and what is no number
for v in 16781313 16781312 16777216 16781314 33558528 1 0 4294967295 none; do
	enable domain $v
	tipc bearer list
	disable
done
echo "== bearer"
# what it has when it is made is its medium's at that time
set_all 3 700 60 media media eth
enable
set_all 10 1500 8191 media media eth
get bearer media eth device va
for p in priority tolerance window; do tried bearer $p media eth device va; done
tipc bearer set mtu 1400 media eth device va 2>&1; echo "exit code $?"
