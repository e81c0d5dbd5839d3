# handlers/chart.c: numbers out of the database as a picture.
use strict;
use warnings FATAL => 'all';

use Test::More;

use HandlerBridge::Picture;
use HandlerBridge::Test;

my $database = make_database('chart');
ok wait_for('/chart', vhost => 'chart'), 'the database is found';
my $mark = log_mark();

pictures();
repeated();
sizes();
refusals();
is_deeply [log_grave($mark)], [], 'nothing grave is logged';
away();
done_testing;

sub chart {
    my ($query, %o) = @_;
    return fetch("/chart$query", vhost => 'chart', %o);
}

sub sql { system('sqlite3', '-cmd', '.timeout 5000', $database, shift) == 0 }

sub pictures {
    for my $data (qw(customers revenue months)) {
        for my $kind (qw(bar line)) {
            my $query = "?data=$data&kind=$kind&format";
            my $r = chart("$query=png");
            is $r->{headers}{'content-type'}, 'image/png', "$data, $kind";
            is picture($r->{body}), 'png 800x450', 'a PNG';
            $r = chart("$query=svg");
            is $r->{headers}{'content-type'}, 'image/svg+xml', 'its type';
            is picture($r->{body}), 'svg 800x450', 'an SVG';
            is svg_fault($r->{body}), '', 'well-formed';
        }
    }
    # 5 regions and their colours, a bar each.
    my %bars = map { $_ => 1 }
        chart('?data=months&kind=bar&format=svg')->{body}
        =~ /fill:(rgb\([^)]*\))/g;
    cmp_ok keys %bars, '>=', 5, 'a colour for each region';

    ok chart('')->{body} eq chart('?data=customers&kind=bar&format=png')->{body},
        'what is left out';
    ok chart('?data=months')->{body} eq chart('?data=months&kind=line')->{body},
        'months are a line';
    is chart('', headers => ['Accept: image/svg+xml'])->{headers}
        {'content-type'}, 'image/svg+xml', 'Accept decides';
    is chart('', headers => ['Accept: image/svg+xml'])->{headers}{vary},
        'Accept', 'and Vary says so';
    is chart('', headers => ['Accept: image/jpeg'])->{status}, 406, 'no JPEG';
    my $head = chart('', method => 'HEAD');
    is $head->{headers}{'content-length'}, length chart('')->{body}, 'HEAD';
    is $head->{body}, '', 'has no body';
}

sub repeated {
    my $tag = chart('')->{headers}{etag};
    my $ask = sub { chart('', headers => ["If-None-Match: $tag"]) };

    is chart('')->{headers}{etag}, $tag, 'the same numbers, the same ETag';
    is $ask->()->{status}, 304, 'a repeated request';
    isnt chart($_)->{headers}{etag}, $tag, "another ETag: $_"
        for '?kind=line', '?data=revenue', '?width=801', '?height=451',
            '?format=svg';
    ok sql("INSERT INTO customers VALUES (9999, 'New', NULL, 'West', 1, NULL, "
        . "'2026-01-01', 5)"), 'another customer';
    my $r = $ask->();
    is $r->{status}, 200, 'the numbers are others';
    isnt $r->{headers}{etag}, $tag, 'so is the ETag';
    ok sql('DELETE FROM customers WHERE id = 9999'), 'and back';
    is $ask->()->{status}, 304, 'they are the old ones again';
    is $ask->()->{headers}{'cache-control'}, 'no-cache', 'ask each time';
}

sub sizes {
    for my $size ([240, 160], [2000, 1600], [333, 777]) {
        my ($width, $height) = @$size;
        for my $data (qw(customers months)) {
            my $r = chart("?data=$data&width=$width&height=$height");
            is picture($r->{body}), "png ${width}x$height", "$data $width";
        }
    }
}

sub refusals {
    for my $case (['data=nothing' => 'data'], ['kind=pie' => 'kind'],
        ['format=jpeg' => 'format'], ['width=239' => 'width'],
        ['width=2001' => 'width'], ['width=9999999999999999999' => 'width'],
        ['height=159' => 'height'], ['height=1601' => 'height'],
        ['height=-450' => 'height'], ["data=%27%3B--" => 'data'],
        ['kind=%ff' => 'kind']) {
        my ($query, $name) = @$case;
        my $r = chart("?$query");
        is $r->{status}, 400, "refused: $query";
        like $r->{body}, qr/Input "$name"/, "names $name";
    }
    is chart('', method => 'POST')->{status}, 405, 'POST';
}

# The table goes away and comes back.
sub away {
    ok sql('ALTER TABLE orders RENAME TO elsewhere'), 'orders are away';
    my $r = chart('?data=months');
    is $r->{status}, 503, 'no chart of them';
    unlike $r->{body}, qr/orders|SELECT/, 'the answer does not say why';
    ok sql('ALTER TABLE elsewhere RENAME TO orders'), 'they are back';
    ok wait_for('/chart?data=months', vhost => 'chart'), 'so is the chart';
}
