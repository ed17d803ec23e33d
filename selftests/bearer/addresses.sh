#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# Who meets whom, and under which address: nodes that are namespaces, all on one bridge. The C module
# has its discovery and its link protocol on the wire between namespaces, too.
# rows 5.4, 5.5: bearer/addresses.sh:colliding, bearer/addresses.sh:late
# rows 5.5, 11.7: bearer/addresses.sh:identical
# rows 11.7, 5.6: bearer/addresses.sh:clash
# rows 5.28, 11.6: bearer/addresses.sh:networks
# rows 5.6, 11.6: bearer/addresses.sh:domains
. "${0%/*}/../lib/spaces.sh"
bridge
said() {
	for i in $(seq 150); do
		since | grep -q "$1" && break
		usleep 200000
	done
	since | grep "$1" | sort -u
}
distinct() { for n in "$@"; do address "$n"; done | sort -u | grep -c .; }

echo "== colliding"
# identities with the same words in another order: the same address is tried by all of them, at once
fresh a; fresh b; fresh c
in_n a tipc node set identity AAAABBBBCCCC
in_n b tipc node set identity BBBBAAAACCCC
in_n c tipc node set identity CCCCBBBBAAAA
enable a & enable b & enable c & wait
sees a 2; sees b 2; sees c 2
echo "$(distinct a b c) addresses"
echo "== late"
# one more that comes when the address is in use, and one that comes back
fresh d
in_n d tipc node set identity BBBBCCCCAAAA
enable d
sees d 3; sees a 3
echo "$(distinct a b c d) addresses"
before=$(address d)
gone d
for i in $(seq 150); do [ "$(ups a)" = 2 ] && break; usleep 200000; done
fresh d
in_n d tipc node set identity BBBBCCCCAAAA
enable d
sees d 3; sees a 3
[ "$(address d)" = "$before" ] && echo "the same address again"
gone a b c d
echo "== identical"
# one identity twice, at once: they cannot know
fresh a; fresh b
in_n a tipc node set identity twin
in_n b tipc node set identity twin
enable a & enable b & wait
sees a 1; sees b 1
echo "$(distinct a b) addresses"
gone a b
echo "== clash"
# one address twice, set by hand
fresh a; fresh b
in_n a tipc node set addr 1.1.1
in_n b tipc node set addr 1.1.1
mark clash
enable a; enable b
said "^Duplicate.*:$number) seen"
ups a; ups b
gone b
fresh b
in_n b tipc node set addr 1.1.2
enable b
sees a 1; sees b 1
gone a b
echo "== networks"
for n in a b c; do fresh $n; done
in_n a tipc node set netid 17
in_n b tipc node set clusterid 17
for n in a b c; do in_n $n tipc node set identity $n; enable $n; done
sees a 1; sees b 1
ups c
gone a b c
echo "== domains"
# a seeks its cluster only; c, in the other one, seeks all
fresh a; fresh b; fresh c
in_n a tipc node set addr 1.1.1
in_n b tipc node set addr 1.1.2
in_n c tipc node set addr 1.2.1
# the tool reads no dots here: 1.1.0 is 0x1001000
enable a "domain 16781312"; enable b; enable c
sees a 1; sees b 2; sees c 1
in_n a tipc node list
gone a b c
unbridge
