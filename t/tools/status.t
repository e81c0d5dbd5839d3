#!/usr/bin/perl
# Wherever this tree shows how bridge-status is mapped, or maps it, nobody but
# the own machine may see it. No httpd is asked; t/restart.t has that it is not
# there where it is not mapped.
use strict;
use warnings FATAL => 'all';

use FindBin ();
use Test::More;

chdir "$FindBin::Bin/../.." or die "chdir: $!";

my $shown = 0;
for my $file (glob 'docs/*.md README.md demo/*.in examples/*/*.in tools/*') {
    next unless -f $file;
    my $text = do { local (@ARGV, $/) = $file; <> };
    while ($text =~ m{^[ \t]*<Location [^\n]*\n(.*?)</Location>}msg) {
        my $inside = $1;
        next unless $inside =~ /SetHandler\s+"?bridge-status/;
        $shown++;
        like($inside, qr/^\s*Require local$/m, "$file: for the own machine");
        unlike($inside, qr/Require (?!local$)/m, "$file: and nobody else");
    }
}
cmp_ok($shown, '>=', 2, 'the guide and the demo');
done_testing;
