# httpd -t -D DUMP_BRIDGE: every mapping, every handler, every option, in columns
# that stand two blanks or more apart.
use strict;
use warnings FATAL => 'all';

use Test::More;

use HandlerBridge::Test;

my ($exit, $text) = httpd_t(<<'CONF', more => ['-D', 'DUMP_BRIDGE']);
BridgeSet mapped size 12
BridgeMap GET *.a,/b/{id:int} mapped "title=two words" require=file
BridgeMap "GET, POST" /c Mapped

AddHandler show .show .x
<VirtualHost *:443>
    ServerName shop.example.org
    <Location /show>
        SetHandler SHOW
        <If "true">
            BridgeMap * /show/x mapped_any
        </If>
    </Location>
    BridgeUnmap GET *.a
    BridgeUnmap * *
</VirtualHost>
<Directory "/srv">
    BridgeMap POST *.b mapped size=99 size=98
    BridgeUnmap POST *.b
    SetHandler server-status
</Directory>
<If "true">
    BridgeMap GET /if mapped
</If>
<Else>
    BridgeMap "GET,   POST" /else mapped "title=a   b"
</Else>
CONF

is($exit, 0, 'it is taken') or diag($text);
like($text, qr/^Syntax OK$/m, "and so httpd's own words are there");

my %tables = tables($text);

is_deeply($tables{'Bridge mappings'}, [
    [qw(SERVER SECTION DIRECTIVE METHODS PATTERN HANDLER SETS WHERE)],
    ['main', '-', 'BridgeMap', 'GET', '*.a', 'mapped',
     'title="two words" require=file', 'FILE:2'],
    ['main', '-', 'BridgeMap', 'GET', '/b/{id:int}', 'mapped',
     'title="two words" require=file', 'FILE:2'],
    ['main', '-', 'BridgeMap', 'GET, POST', '/c', 'mapped', '-', 'FILE:3'],
    ['main', '-', 'AddHandler', '-', '.show', 'show', '-', 'FILE:5'],
    ['main', '-', 'AddHandler', '-', '.x', 'show', '-', 'FILE:5'],
    ['shop.example.org:443', '<Location /show>', 'SetHandler', '-', '-',
     'show', '-', 'FILE:9'],
    ['shop.example.org:443', '<Location /show> <If "true">', 'BridgeMap', '*',
     '/show/x', 'mapped_any', '-', 'FILE:11'],
    ['shop.example.org:443', '-', 'BridgeUnmap', 'GET', '*.a', '-', '-',
     'FILE:14'],
    ['shop.example.org:443', '-', 'BridgeUnmap', '*', '*', '-', '-',
     'FILE:15'],
    ['main', '<Directory "/srv">', 'BridgeMap', 'POST', '*.b', 'mapped',
     'size=98', 'FILE:18'],
    ['main', '<Directory "/srv">', 'BridgeUnmap', 'POST', '*.b', '-', '-',
     'FILE:19'],
    ['main', '<If "true">', 'BridgeMap', 'GET', '/if', 'mapped', '-',
     'FILE:23'],
    ['main', '<Else>', 'BridgeMap', 'GET, POST', '/else', 'mapped',
     'title="a b"', 'FILE:26'],
], 'mappings, in the order of the files') or diag($text);

my @handlers = @{ $tables{'Bridge handlers'} || [] };
is_deeply(shift @handlers, [qw(HANDLER METHODS LIFETIME FILE SUMMARY)],
          'the head of the handlers');
is_deeply([map { $_->[0] } @handlers], [sort map { $_->[0] } @handlers],
          'handlers are sorted');
my %handlers = map { $_->[0] => $_ } @handlers;
is_deeply($handlers{mapped},
          ['mapped', 'GET, HEAD, POST, OPTIONS', '-', 't/handlers/mapped.c',
           'Shows what its mapping says'], 'a handler');
is_deeply($handlers{mapped_any},
          ['mapped_any', '*', '-', 't/handlers/mapped.c', '-'],
          'one that takes any method');

my @options = @{ $tables{'Bridge options, as the main server sets them'} || [] };
is_deeply(shift @options, [qw(HANDLER OPTION VALUE TAKES HELP)],
          'the head of the options');
is_deeply([grep { $_->[0] eq 'mapped' } @options], [
    ['mapped', 'title', '"none"', 'text of at most 20 characters',
     'what stands above it'],
    ['mapped', 'size', '12', 'a whole number from 1 to 99', 'in points'],
    ['mapped', 'ratio', '1', 'a number from 0.5 to 2', '-'],
    ['mapped', 'deep', 'off', 'one of 1, true, yes, on, 0, false, no, off',
     '-'],
    ['mapped', 'format', 'png', 'one of png, jpeg', '-'],
    ['mapped', 'day', '1970-01-01T00:00:00Z',
     'a date such as 2026-11-21 or 2026-11-21T08:30:00Z', '-'],
], "a handler's options");

aligned($text);

($exit, $text) = httpd_t("BridgeMap GET /x mapped\n");
unlike($text, qr/Bridge mappings/, 'nothing without the define');
($exit, $text) = httpd_t("\n", more => ['-D', 'DUMP_BRIDGE']);
is($exit, 0, 'nothing is mapped');
is_deeply({ tables($text) }->{'Bridge mappings'},
          [[qw(SERVER SECTION DIRECTIVE METHODS PATTERN HANDLER SETS WHERE)]],
          'the head alone');
($exit, $text) = httpd_t("BridgeMap GET /x mappd\n", more => ['-D', 'DUMP_BRIDGE']);
isnt($exit, 0, 'a mistaken configuration');
unlike($text, qr/Bridge mappings/, 'is not printed');
done_testing;

# title => [[cell, ...], ...]
sub tables {
    my ($dump) = @_;
    my (%tables, $rows);

    for (split /\n/, $dump) {
        if (/^(Bridge .*):$/) {
            $rows = $tables{$1} = [];
        } elsif (/^  (\S.*)$/ && $rows) {
            push @$rows, [split / {2,}/, $1];
        }
    }
    return %tables;
}

# Each column of the mappings begins where its head does.
sub aligned {
    my ($dump) = @_;
    my ($table) = $dump =~ /^Bridge mappings:\n((?:  .*\n)+)/m;
    my ($head, @rows) = split /\n/, $table;
    my $what = 'columns';

    for my $name (qw(SECTION DIRECTIVE METHODS PATTERN HANDLER SETS WHERE)) {
        my $at = index $head, $name;
        $what = "$name: $_"
            for grep { substr($_, $at - 2, 3) !~ /^  \S$/ } @rows;
    }
    is($what, 'columns', 'each begins where its head does');
}
