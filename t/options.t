# Options: set with BridgeSet and on a BridgeMap line, merged along the sections,
# checked when the configuration is read. t/unit/option.c has every type.
use strict;
use warnings FATAL => 'all';

use Test::More;

use HandlerBridge::Test;

# URL => the options' values.
my %set = (
    '/options/x'            => 'title=server size=20 ratio=1 deep=0'
        . ' format=png seconds=0',
    '/options/set'          => 'title= size=20',
    '/options/inner/x'      => 'title=server size=41 ratio=1.5 deep=1'
        . ' format=jpeg seconds=1795219200',
    '/options/inner/most'   => 'title=most size=41 ratio=1.5 deep=0'
        . ' format=jpeg seconds=1795219200',
    '/options-files/htaccess/x' => 'title=directory size=61',
    # The mapping's own come last.
    '/options-line'         => 'title=line size=30 ratio=1',
    '/options-line/inner'   => 'title=inner size=31',
    # They are its handler's: not those of one that it chooses, and of the next
    # one when it declines.
    '/options/chosen?name=mapped_set' => 'title=server size=20',
    '/options/declined'     => 'title=server size=70',
);

each_protocol(sub {
    my $protocol = shift;

    # Twice: a request changes nothing for the next.
    for my $round (1, 2) {
        for my $url (sort keys %set) {
            my $r = fetch($url, protocol => $protocol);
            is($r->{status}, 200, "$url, $round");
            like($r->{body}, qr/^\Q$_\E$/m, "$url: $_")
                for split / /, $set{$url};
        }
    }
});

like(fetch('/options/x', vhost => 'options')->{body},
     qr/^title=vhost\nsize=20$/m, 'a virtual host');
like(fetch('/options/inner/x', vhost => 'options')->{body},
     qr/^title=vhost\nsize=41$/m, 'and the sections that it inherits');

my $mark = log_mark();
is(fetch('/options-files/wrong/x')->{status}, 500, 'a mistake in .htaccess');
ok(log_wait($mark, qr/\.htaccess: BridgeSet: .*"size".*from 1 to 99/),
   'the log says which');

mistaken_at_start();
done_testing;

sub mistaken_at_start {
    my @known = (qr/[iI]t has: title, size, ratio, deep, format, day/);
    my @mistaken = (
        ['mappd size 1', qr/no handler "mappd", did you mean "mapped"/],
        ['mapped sise 1', qr/no option "sise", did you mean "size"/, @known],
        ['mapped Size 1', qr/no option "Size", did you mean "size"/, @known],
        ['mapped colour 1', qr/no option "colour"; it has/, @known],
        ['show size 1', qr/"show" has no options, and so no "size"/],
        ['mapped size big', qr/"size" of the handler "mapped" is "big", but/,
         qr/must be a whole number from 1 to 99/],
        ['mapped size 0', qr/must be a whole number from 1 to 99/],
        ['mapped size 100', qr/must be a whole number from 1 to 99/],
        ['mapped size ""', qr/is "", but must be a whole number/],
        ['mapped ratio 0.4', qr/must be a number from 0\.5 to 2/],
        ['mapped deep maybe', qr/must be one of 1, true, yes, on/],
        ['mapped format gif', qr/must be one of png, jpeg/],
        ['mapped day 2026-02-30', qr/must be a date such as/],
        ['mapped title "123456789012345678901"',
         qr/must not be longer than 20 characters/],
    );
    for (@mistaken) {
        my ($line, @said) = @$_;
        my ($exit, $text) = httpd_t("\n<Location /x>\nBridgeSet $line\n"
                                    . "</Location>\n");
        isnt($exit, 0, "BridgeSet $line: refused");
        like($text, qr/line 3 of FILE/, "BridgeSet $line: file and line");
        like($text, qr/BridgeSet: /, "BridgeSet $line: the directive");
        like($text, $_, "BridgeSet $line: $_") for @said;

        my ($handler, $key, $value) = $line =~ /(\S+) (\S+) "?([^"]*)/;
        ($exit, $text) = httpd_t("BridgeMap GET /x $handler \"$key=$value\"\n");
        isnt($exit, 0, "BridgeMap ... $line: refused");
        like($text, qr/line 1 of FILE/, "BridgeMap ... $line: file and line");
        like($text, $_, "BridgeMap ... $line: $_") for @said;
    }
    for ('mapped size', 'mapped', 'mapped size 1 2') {
        my ($exit, $text) = httpd_t("BridgeSet $_\n");
        isnt($exit, 0, "BridgeSet $_: refused");
        like($text, qr/BridgeSet takes three arguments/, "BridgeSet $_");
    }
}
