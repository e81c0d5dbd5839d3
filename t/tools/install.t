#!/usr/bin/perl
# tools/install-files: what it puts there, and what it leaves to its owner.
use strict;
use warnings FATAL => 'all';

use File::Path qw(make_path);
use File::Temp ();
use FindBin ();
use Test::More;

chdir "$FindBin::Bin/../.." or die "chdir: $!";

my $below = File::Temp->newdir;
my $example = "$below/etc/handlerbridge/session.conf";

make_path("$below/made/handlerbridge");
write_file("$below/made/handlerbridge/api_table.h", '');

install();
is read_file($example), read_file('tools/session.conf'), 'session.conf';
is((stat $example)[2] & 07777, 0644, 'that all may read');
ok -e "$below/include/handlerbridge/session.h", 'the headers';
run('uninstall');
ok !-e "$below/etc/handlerbridge", 'uninstalled';

install();
write_file($example, "Session On\n");
install();
is read_file($example), "Session On\n", 'one that was changed stays';
run('uninstall');
is read_file($example), "Session On\n", 'also after that';
done_testing;

sub install { return run('install') }

sub run {
    my ($action) = @_;
    my @where = ("$below", '/lib', '/etc', '/include', "$below/made");

    my $said = qx(tools/install-files $action @where 2>&1);
    is $?, 0, $action or diag $said;
}

sub read_file {
    my ($file) = @_;
    local (@ARGV, $/) = $file;
    return -e $file ? scalar <> : undef;
}

sub write_file {
    my ($file, $text) = @_;
    open my $fh, '>', $file or die "$file: $!";
    print $fh $text;
    close $fh or die "$file: $!";
}
