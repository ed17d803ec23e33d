#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# layout.pl BINDINGS: C static assertions for the structs our code uses by name.
use strict;
use warnings;
my %struct = map { $_ => 1 } qw(sock sock_common proto proto_ops net_proto_family socket msghdr
	sk_buff net pernet_operations genl_family wait_queue_entry sockaddr_tipc iov_iter);
my %c_name = (type_ => 'type', ref_ => 'ref', priv_ => 'priv');
print "#include \"tipc_bindings.h\"\n";
local $/;
my $text = <>;
my %seen;
while ($text =~ /\["Size of (\w+)"\]\[\s*::core::mem::size_of::<\w+>\(\) - (\d+)usize\]/g) {
	next unless $struct{$1} && !$seen{"$1"}++;
	print "static_assert(sizeof(struct $1) == $2);\n";
}
while ($text =~ /\["Offset of field: (\w+)::(\w+)"\]\[\s*::core::mem::offset_of!\(\w+, \w+\) - (\d+)usize\]/g) {
	next unless $struct{$1};
	my ($s, $f, $o) = ($1, $c_name{$2} // $2, $3);
	next if $f =~ /^__bindgen|^_bitfield|^_address/ || $seen{"$s.$f"}++;
	print "static_assert(offsetof(struct $s, $f) == $o);\n";
}
