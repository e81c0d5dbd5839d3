# Factories: a handler with .choose instead of .process, which picks the one
# that answers. That one's methods, inputs and options count, and its name is
# the one that is logged.
use strict;
use warnings FATAL => 'all';

use Test::More;
use Time::HiRes qw(sleep time);

use HandlerBridge::Test;

each_protocol(sub {
    my $protocol = shift;
    my $ask = sub { fetch($_[0], protocol => $protocol, @_[1 .. $#_]) };

    chooses($ask);
    methods($ask);
    chosen_inputs($ask);
    refuses($ask);
    routes($ask);
    mistakes($ask);
});
in_the_log();
done_testing;

sub chooses {
    my $ask = shift;

    like($ask->('/choose/name?handler=hello&name=you')->{body}, qr/you/,
         'by name, which the query gives');
    is($ask->('/choose/method?number=3')->{body},
       "chosen GET text=around number=3 path=/method way=none field=none\n",
       'by declaration; path info is the mapping\'s, options its own');
    is($ask->('/choose/method', method => $_)->{body}, "taken $_\n",
       "by the method: $_") for qw(PUT DELETE);
    my $r = $ask->('/choose/fields?number=3');
    is($r->{status}, 200, 'the status that the factory set is gone');
    is($r->{headers}{'x-factory'}, undef, 'and its field');
    like($r->{body}, qr/field=none/, 'already for the chosen one');
    is($ask->('/choose/twice/name?handler=choose&number=2')->{status}, 500,
       'two of them that come back to each other');
    like($ask->('/choose/twice/method?handler=choose&number=2')->{body},
         qr/^chosen GET text=around number=2 path=\/method /,
         'a factory that chooses a factory');
    is($ask->('/choose-file/factory.hb/method?number=4')->{body},
       "chosen GET text=none number=4 path=/method way=none field=none\n",
       'by a descriptor file, whose options are the factory\'s');
}

# RFC 9110 15.5.6: Allow lists what the resource answers.
sub methods {
    my $ask = shift;
    my $get = 'GET HEAD OPTIONS POST';

    my $r = $ask->('/choose/writer');
    is($r->{status}, 405, 'the chosen one has other methods');
    is(header_set($r, 'Allow'), 'DELETE OPTIONS PUT', "Allow: its own");
    $r = $ask->('/choose/method?number=1', method => 'PATCH');
    is($r->{status}, 405, 'a method that only the factory takes');
    is(header_set($r, 'Allow'), $get, 'Allow: the chosen one\'s');
    $r = $ask->('/choose/method', method => 'OPTIONS');
    is($r->{status}, 200, 'OPTIONS');
    is(header_set($r, 'Allow'), $get, 'is the chosen one\'s');
    $r = $ask->('/choose/method?number=1', method => 'HEAD');
    is($r->{status}, 200, 'HEAD');
    is($r->{body}, '', 'HEAD: no body');

    # What the mapping or the factory refuses is not in Allow.
    $r = $ask->('/choose/narrow/method', method => 'DELETE');
    is($r->{status}, 405, 'the factory does not take it');
    is(header_set($r, 'Allow'), 'GET HEAD OPTIONS PUT', 'Allow: its own');
    is($ask->('/choose/narrow/method', method => 'PUT')->{status}, 200,
       'both take it');
    $r = $ask->('/choose-only/writer');
    is($r->{status}, 405, 'neither of the line\'s');
    is(header_set($r, 'Allow'), 'OPTIONS', 'Allow: what both take');
    $r = $ask->('/choose/few/method?number=1', method => 'POST');
    is($r->{status}, 405, 'BridgeMethods');
    $r = $ask->('/choose/few/writer');
    is(header_set($r, 'Allow'), 'OPTIONS', 'BridgeMethods for the chosen one');
}

sub chosen_inputs {
    my $ask = shift;

    for my $query ('', '?number=x', '?number=10') {
        my $r = $ask->("/choose/method$query");
        is($r->{status}, 400, "its inputs: '$query'");
        like($r->{body}, qr/number/, 'the answer names the input');
    }
}

sub refuses {
    my $ask = shift;

    my $r = $ask->('/choose/not-found');
    is($r->{status}, 404, 'it answers 404');
    like($r->{body}, qr/No such way\./, 'in its own words');
    is($ask->('/choose/too-long')->{status}, 414, 'it answers 414');
    is($ask->('/choose/declined')->{status}, 404, 'it declines');
    is($ask->('/choose/name?handler=chosen_declines')->{status}, 404,
       'the chosen one declines');
}

sub routes {
    my $ask = shift;

    is($ask->('/choose-map/method?number=3')->{body},
       "chosen GET text=none number=3 path= way=method field=none\n",
       'BridgeMap: its parameters; what the line sets is the factory\'s');
    for my $path ('declined', 'unknown-way', 'name?handler=chosen_declines') {
        my $r = $ask->("/choose-map/$path");
        is($r->{status}, 200, "$path goes on");
        like($r->{body}, qr{^method=GET\nuri=/choose-map/}, 'to the next one');
    }
    is($ask->('/choose-map/not-found')->{status}, 404, 'a status does not');
    my $r = $ask->('/choose-map/name?handler=chosen_declines',
                   method => 'DELETE');
    is($r->{status}, 404, 'nothing behind takes the method');
}

sub mistakes {
    my $ask  = shift;
    my @rows = (
        ['name?handler=chossen', 'choose',
         qr/HBR0042.*chose an unknown handler: "chossen", did you mean "chosen"\?/],
        ['name?handler=nosuch-of-any', 'choose',
         qr/HBR0042.*chose an unknown handler: "nosuch-of-any"$/],
        ['name', 'choose', qr/HBR0042.*chose no handler$/],
        ['nothing', 'choose', qr/HBR0042.*chose no handler$/],
        ['name?handler=choose', 'choose',
         qr/HBR0042.*chose in a circle, last "choose"$/],
        ['wrote?number=1', 'choose',
         qr/HBR0040.*chose another after it had written$/],
    );
    for (@rows) {
        my ($path, $name, $said) = @$_;
        my $mark = log_mark();
        my $r    = $ask->("/choose/$path");

        is($r->{status}, 500, "500: $path");
        unlike($r->{body}, qr/written by the factory|chosen GET/, 'no more');
        my $line = log_wait($mark, $said);
        ok($line, 'the log says why') or diag(log_since($mark));
        like($line // '', qr/HBR00\d\d: $name: /, 'of the factory');
    }
    my $mark = log_mark();
    my $r = $ask->('/choose/body', method => 'POST', body => 'number=1');
    is($r->{status}, 500, 'it read the body');
    ok(log_wait($mark, qr/HBR0040.*chose another after the request's body was read/),
       'the log says so');
}

sub in_the_log {
    my $log = Apache::Test::vars('t_logs') . '/choose_log';
    my $end = time + 30;
    my $text;

    fetch('/choose/name?handler=hello', method => 'GET');
    fetch('/choose-map/logged');
    sleep 0.05 until ($text = slurp($log)) =~ m{/logged} || time > $end;
    like($text, $_, "%R: $_") for
        qr{^GET /choose/name hello$}m, qr{^GET /choose/method chosen$}m,
        qr{^PUT /choose/method chosen_writer$}m,
        qr{^GET /choose/not-found choose$}m, qr{^GET /choose-map/logged show$}m;
}
