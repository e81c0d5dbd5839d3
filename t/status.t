# The handler bridge-status and the section in mod_status' page: what they show
# is what was asked, in every form, and nothing of a client's runs or shows where
# it should not. CSP Level 3, OpenMetrics 1.0, RFC 9110 9.3.2 and 15.5.6.
use strict;
use warnings FATAL => 'all';

use Digest::SHA qw(sha256_base64);
use File::Temp ();
use JSON::PP qw(decode_json);
use Test::More;
use XML::LibXML ();

use HandlerBridge::Test;

my $json    = 'Accept: application/json';
my $evil    = '/status/count/"><script>alert(1)</script>&\'%0a%c3%28';
my @columns = qw(handler requests 2xx 3xx 4xx 5xx flight p50 p90 p99 max in out
    errors limits used idle methods lifetime file mappings);

ask();
page();
policy();
escaped();
sorted();
one();
as_json();
as_openmetrics();
forms();
refused();
server_status();
each_protocol(\&head_of);
done_testing;

# Known traffic, hostile paths among it.
sub ask {
    fetch('/status/count') for 1 .. 3;
    fetch("$evil?status=502&secret=1", headers => ['Cookie: secret=2']);
    fetch('/status/count', method => 'POST', body => 'x' x 11);
}

sub handler_of {
    my ($name) = @_;
    my $all = decode_json(fetch('/bridge-status', headers => [$json])->{body});
    my ($of) = grep { $_->{name} eq $name } @{ $all->{handlers} };
    return $of;
}

sub tree { return XML::LibXML->load_html(string => $_[0], recover => 2) }

sub texts {
    my ($tree, $path) = @_;
    return map { my $t = $_->textContent; utf8::encode($t); $t }
        $tree->findnodes($path);
}

sub page {
    my $r    = fetch('/bridge-status');
    my $tree = tree($r->{body});

    is($r->{status}, 200, 'the page');
    is($r->{headers}{'content-type'}, 'text/html; charset=utf-8', 'HTML');
    is($r->{headers}{'cache-control'}, 'no-store', 'not kept');
    is_deeply([texts($tree, '//h1')], ['Bridge status'], 'a heading');
    is($tree->findvalue('/html/@lang'), 'en', 'a language');
    for my $table ($tree->findnodes('//table')) {
        ok($table->findnodes('./caption')->size, 'a caption');
        is($table->findnodes('./thead//th[not(@scope="col")]')->size, 0,
            'columns have heads');
        is($table->findnodes('./tbody/tr[not(th[@scope="row"])]')->size, 0,
            'rows, too');
        my $heads = $table->findnodes('./thead/tr/th')->size;
        is_deeply([grep { $_->findnodes('./th|./td')->size != $heads }
            $table->findnodes('./tbody/tr')], [], 'as many cells as heads');
    }
    is($tree->findnodes('//*[@src or @style]|//link')->size, 0,
        'nothing is loaded');
    is($tree->findnodes('//h2[@id="load"]/following::th[@class="n"]')->size,
        16, 'heads of numbers stand above them');
    is($tree->findnodes(q(//@*[contains(., '"')]))->size, 0,
        'no attribute has a quote in it');
    my ($row) = $tree->findnodes('//tr[@data-h="status_count"]');
    my $of = handler_of('status_count');
    is(($row->findnodes('td[@data-k="requests"]'))[0]->textContent,
        $of->{requests}, 'the number of requests');
    my $places = $tree->findvalue(
        '//h2[@id="handlers"]/following::tr[th/a="status_count"][1]/td[4]');
    like($places, qr{<Location "/status/count"> SetHandler .*server main.*status\.conf:\d+},
        'where it is mapped');
}

sub policy {
    my $r = fetch('/bridge-status');
    my $policy = $r->{headers}{'content-security-policy'};
    my ($script) = $r->{body} =~ m{<script>(.*)</script>}s;
    my ($style)  = $r->{body} =~ m{<style>(.*?)</style>}s;

    is($policy, "default-src 'none'; script-src 'sha256-"
        . sha256_base64($script) . "='; style-src 'sha256-"
        . sha256_base64($style) . "='; connect-src 'self'; base-uri 'none'; "
        . "form-action 'none'; frame-ancestors 'none'", 'the policy');
    is($r->{headers}{'x-content-type-options'}, 'nosniff', 'no sniffing');
    is($r->{headers}{'referrer-policy'}, 'no-referrer', 'no referrer');
}

sub escaped {
    for my $query ('', '?handler=status_count') {
        my $body = fetch("/bridge-status$query")->{body};
        unlike($body, qr/<script>alert/, 'no script of a client');
        like($body, qr{/status/count/&quot;&gt;&lt;script&gt;alert\(1\)&lt;/script&gt;&amp;&#39;},
            'the path, escaped');
        unlike($body, qr/secret/, 'no query, no cookie');
    }
    my $text = fetch('/bridge-status', headers => [$json])->{body};
    unlike($text, qr/secret/, 'nor in JSON');
    my $error = handler_of('status_count')->{last_errors}[0];
    is($error->{path}, qq{/status/count/"><script>alert(1)</script>&'\n\x{fffd}(},
        'the path in JSON');
    is_deeply([@$error{qw(method status cut)}], ['GET', 502, JSON::PP::false],
        'and the rest');
    like($error->{time}, qr/^\d{4}-\d\d-\d\dT[\d:.]+Z$/, 'and when');
}

sub names {
    my ($query) = @_;
    my $tree = tree(fetch("/bridge-status$query")->{body});
    return texts($tree, '//h2[@id="load"]/following::table[1]/tbody/tr/th/a');
}

sub sorted {
    my @names = names('');
    is_deeply(\@names, [sort @names], 'by name');
    is_deeply([names('?sort=handler&order=desc')], [reverse @names], 'turned');
    for my $column (@columns) {
        my @links;
        for my $order (qw(asc desc)) {
            my $r = fetch("/bridge-status?sort=$column&order=$order");
            is($r->{status}, 200, "sorted by $column $order");
            my $long = $order . 'ending';
            my @heads = tree($r->{body})->findnodes("//th[\@aria-sort='$long']");
            ok(scalar @heads, 'which is said');
            push @links, $heads[0]->findvalue('a/@href');
        }
        is_deeply(\@links, ["?sort=$column&order=desc",
            "?sort=$column&order=asc"], 'a click turns it');
    }
    my $all = decode_json(
        fetch('/bridge-status?sort=requests&format=json')->{body});
    my @numbers = map { $_->{requests} } @{ $all->{handlers} };
    is_deeply(\@numbers, [sort { $b <=> $a } @numbers], 'the most first');
    is(fetch("/bridge-status?$_")->{status}, 400, "$_ is refused")
        for qw(sort=x order=x format=x);
}

sub one {
    my $r    = fetch('/bridge-status?handler=status_count');
    my $tree = tree($r->{body});

    is($r->{status}, 200, 'one handler');
    is_deeply([texts($tree, '//h1')], ['Handler status_count'], 'its name');
    is($tree->findnodes('//svg[@class="hour"]//rect')->size
        > 0, 1, 'its last hour');
    like(join("\n", texts($tree, '//h2[@id="limits"]/following::tr')),
        qr/BridgeLimitBody/, 'the limit that was hit');
    like(join("\n", texts($tree, '//h2[@id="own"]/following::tr')),
        qr/sold.*what was sold/, 'its own metrics');
    my $none = fetch('/bridge-status?handler=%3Cb%3Enobody');
    is($none->{status}, 404, 'an unknown one');
    unlike($none->{body}, qr/<b>/, 'which is not repeated');
    is($none->{headers}{'cache-control'}, 'no-store', 'that is not kept');
}

sub as_json {
    my $before = handler_of('status_count');
    fetch('/status/count');
    is(handler_of('status_count')->{bytes_out} - $before->{bytes_out}, 10,
        'bytes out');
    fetch('/status/count', method => 'POST', body => 'x' x 11);
    my $after = handler_of('status_count');
    is($after->{$_->[0]} - $before->{$_->[0]}, $_->[1], "$_->[0]")
        for (['requests', 2], ['limits_hit', 1]);
    is($after->{classes}{'2xx'} - $before->{classes}{'2xx'}, 1, '2xx');
    is($after->{limits}{BridgeLimitBody}, $after->{limits_hit}, 'limits');
    is_deeply([map { [@$_{qw(name type help)}] } @{ $after->{own} }],
        [['sold', 'counter', 'what was sold'], ['render', 'timer', undef]],
        'own metrics');
    my $sum = 0;
    $sum += $_ for @{ $after->{histogram} };
    is($sum, $after->{requests}, 'the histogram has them all');
    is($after->{file}, 't/handlers/status.c', 'the file');
    is($after->{methods}, 'GET, HEAD, POST, OPTIONS', 'the methods');
    my ($map) = @{ handler_of('metrics_other')->{mappings} }[-1];
    is_deeply([@$map{qw(server section directive methods)}],
        ['main', undef, 'BridgeMap', 'GET, POST'], 'a mapping')
        or diag explain $map;
    is(handler_of('metrics_pooled')->{lifetime}, 'pooled', 'a lifetime');
    my $one = decode_json(
        fetch('/bridge-status?handler=status_count&format=json')->{body});
    is(scalar @{ $one->{handlers}[0]{hour} }, 60, 'sixty minutes of one');
}

# Prometheus' own parser reads it: that of Debian's Python.
sub as_openmetrics {
    my $r = fetch('/bridge-status?format=openmetrics');
    my $file = File::Temp->new;
    print $file $r->{body};
    close $file;
    is($r->{headers}{'content-type'},
        'application/openmetrics-text; version=1.0.0; charset=utf-8', 'its type');
    like($r->{body}, qr/\n# EOF\n\z/, 'its end');
    my $text = `/usr/bin/python3 t/status.py $file 2>&1`;
    is($?, 0, 'prometheus_client reads it') or diag $text;
    my %of = $? ? () : %{ decode_json($text) };
    my $now = handler_of('status_count');
    my $c = 'handler=status_count';
    is($of{"handlerbridge_requests_total{$c,class=2xx}"},
        $now->{classes}{'2xx'}, 'the same number');
    is($of{"handlerbridge_request_duration_seconds_count{$c}"},
        $now->{requests}, 'durations');
    is($of{"handlerbridge_request_duration_seconds_bucket{$c,le=+Inf}"},
        $now->{requests}, 'in buckets');
    cmp_ok(abs($of{"handlerbridge_request_duration_seconds_sum{$c}"}
        - $now->{latency_us}{sum} / 1e6), '<', 1e-6, 'in seconds');
    is($of{"handlerbridge_limit_hits_total{$c,directive=BridgeLimitBody}"},
        $now->{limits_hit}, 'limits');
    is($of{"handlerbridge_counter_sold_total{$c}"}, $now->{own}[0]{count},
        'a counter');
    is($of{"handlerbridge_timer_render_seconds_count{$c}"},
        $now->{own}[1]{count}, 'a timer');
    is($of{'# UNIT handlerbridge_timer_render_seconds'}, 'seconds', 'its unit');
    is($of{'# HELP handlerbridge_counter_sold'}, 'what was sold', 'its help');
}

sub forms {
    my %type = (
        '*/*' => 'text/html; charset=utf-8',
        'application/json' => 'application/json',
        'application/openmetrics-text;version=1.0.0;q=0.8,text/plain;q=0.3,*/*;q=0.1'
            => 'application/openmetrics-text; version=1.0.0; charset=utf-8',
        'application/openmetrics-text; version=1.0.0' =>
            'application/openmetrics-text; version=1.0.0; charset=utf-8',
    );
    for my $accept (sort keys %type) {
        my $r = fetch('/bridge-status', headers => ["Accept: $accept"]);
        is($r->{headers}{'content-type'}, $type{$accept}, $accept);
        like($r->{headers}{vary}, qr/Accept/, 'by Accept');
    }
    is(fetch('/bridge-status', headers => ['Accept: image/png'])->{status}, 406,
        'another is not there');
}

sub refused {
    my $r = fetch('/bridge-status', method => 'POST', body => 'x');
    is($r->{status}, 405, 'POST');
    is(header_set($r, 'allow'), 'GET HEAD OPTIONS', 'what is allowed');
    is(fetch('/status-away')->{status}, 403, 'not for everyone');
    is(fetch('/')->{status} != 200 || fetch('/')->{body} !~ /Bridge status/, 1,
        'not mapped by itself');
}

sub server_status {
    my $now  = handler_of('status_count');
    my $page = fetch('/server-status')->{body};
    my $tree = tree($page);
    my ($row) = $tree->findnodes(
        '//h2[.="mod_handlerbridge"]/following::tr[th="status_count"]');
    ok($row, 'a row in the page of mod_status') or return;
    unlike($page, qr/[^\0-\x7f]/, 'ASCII, for the page is not UTF-8');
    my $latency = $now->{latency_us};
    is_deeply([texts($row, 'td')],
        [@$now{qw(requests in_flight)}, $now->{classes}{'4xx'}, $now->{errors},
         (map { duration($latency->{$_}) } qw(p50 p99 max)),
         map { "$_ B" } @$now{qw(bytes_in bytes_out)}], 'its numbers');
    is_deeply([texts($row, '../tr[1]/th')], ['Handler', 'Requests', 'In flight',
        qw(4xx Errors p50 p99 Max In Out)], 'and what they are');
    my %of = fetch('/server-status?auto')->{body}
        =~ /^HandlerBridge\.status_count\.([^:\n]+): (.*)$/mg;
    is_deeply(\%of, { Requests => $now->{requests}, %{ $now->{classes} },
        InFlight => $now->{in_flight}, Errors => $now->{errors},
        BytesIn => $now->{bytes_in}, BytesOut => $now->{bytes_out},
        P50us => $latency->{p50}, P90us => $latency->{p90},
        P99us => $latency->{p99}, Maxus => $latency->{max} }, '?auto');
}

# As the page writes microseconds, below a second.
sub duration {
    my ($us) = @_;
    return "$us \xc2\xb5s" if $us < 1000;
    return sprintf '%d.%d ms', $us / 1000, $us / 100 % 10;
}

sub head_of {
    my ($protocol) = @_;
    my $r = fetch('/bridge-status', method => 'HEAD', protocol => $protocol);
    is($r->{status}, 200, 'HEAD');
    is($r->{body}, '', 'has no body');
    like($r->{headers}{'content-security-policy'}, qr/^default-src 'none'/,
        'and the same fields');
}
