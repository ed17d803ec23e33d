#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# filter.pl KERNEL-BINDINGS OUR-BINDINGS: drop from ours each struct and union
# that the kernel crate's bindings have complete (or that is opaque in both),
# with its impls and its layout test, so that both sides share one type.
use strict;
use warnings;
my ($kernel, $ours) = @ARGV;
sub slurp { local $/; open my $f, '<', $_[0] or die "$_[0]: $!"; <$f> }
# name => 1 complete, 0 opaque
sub types {
	my %t;
	while ($_[0] =~ /^pub (?:struct|union) (\w+)[^{;]*\{(.*?)^\}/msg) {
		my ($name, $body) = ($1, $2);
		$t{$name} = $body =~ /_unused: \[u8; 0\]|_address: u8/ ? 0 : 1;
	}
	return \%t;
}
my $text = slurp($ours);
my ($k, $o) = (types(slurp($kernel)), types($text));
my %drop = map { $_ => 1 } grep { exists $k->{$_} && ($k->{$_} || !$o->{$_}) } keys %$o;
# Items begin in column 0 and end with a line that begins with } or ends with ;
my (@item, $depth);
my @pending;
sub flush_item {
	my $item = join '', @_;
	return if $item =~ /^(?:#\[.*\]\s*\n)*pub (?:struct|union) (\w+)/m && $drop{$1};
	return if $item =~ /^impl(?:<[^\n]*?>)? (?:Default for |::core[\w:]* for )?(\w+)/m && $drop{$1};
	return if $item =~ /^unsafe impl[^\n]* for (\w+)/m && $drop{$1};
	if ($item =~ /^const _: \(\) = \{/m) { return if $item =~ /size_of::<(\w+)>/ && $drop{$1}; }
	print $item;
}
for (split /^/m, $text) {
	push @item, $_;
	if (/^\}/ || /^[^\s#].*;\s*$/ || /^[^\s#].*\}\s*$/) { flush_item(@item); @item = (); }
}
flush_item(@item) if @item;
