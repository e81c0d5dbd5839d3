# handlers/customers.c: the list of the demo's database as HTML, JSON and CSV.
use strict;
use warnings FATAL => 'all';

use JSON::PP ();
use Test::More;

use HandlerBridge::Demo;
use HandlerBridge::Test;

demo_database();
my $mark = log_mark();
my $all  = demo_rows('SELECT * FROM customers');

# What SQL says about a customer of each number.
my %by_id = map { $_->{id} => $_ } @$all;

for my $protocol ('http/1.1', mpm() eq 'event' ? 'h2c' : ()) {
    my $ask = sub { demo("/customers$_[0]", protocol => $protocol,
                         @_[1 .. $#_]) };
    formats($ask);
    html($ask);
}
json_is_complete();
csv();
filters();
searches();
sorts();
pages();
refused();
links();
nothing_grave();
done_testing;

sub ask { return demo('/customers' . shift, @_) }

sub json {
    my ($query) = @_;
    my $r = ask("?format=json&$query");
    my $json = eval { JSON::PP->new->utf8->decode($r->{body}) };
    ok $json, "$query is JSON" or diag substr $r->{body}, 0, 300;
    return $json || { customers => [] };
}

sub ids { return join ' ', map { $_->{id} } @{ $_[0]{customers} } }

sub formats {
    my $ask = shift;
    my $browser = 'Accept: text/html,application/xhtml+xml,*/*;q=0.8';

    for (['', [], qr{^text/html}], ['', [$browser], qr{^text/html}],
         ['', ['Accept: application/json'], qr{^application/json}],
         ['', ['Accept: text/csv, application/json;q=0.5'], qr{^text/csv}],
         ['?format=csv', [$browser], qr{^text/csv}],
         ['?format=html', ['Accept: application/json'], qr{^text/html}],
         ['?format=json', ['Accept: image/png'], qr{^application/json}]) {
        my ($query, $headers, $type) = @$_;
        my $r = $ask->($query, headers => $headers);
        is($r->{status}, 200, "$query @$headers");
        like($r->{headers}{'content-type'}, $type, 'its type');
        is($r->{headers}{'x-content-type-options'}, 'nosniff');
        my $varies = ($r->{headers}{vary} || '') =~ /\baccept\b(?!-)/i ? 1 : 0;
        is($varies, $query eq '' ? 1 : 0, 'varies when Accept decided');

        my $head = $ask->($query, headers => $headers, method => 'HEAD');
        is($head->{status}, 200, 'HEAD');
        is($head->{body}, '', 'without a body');
        is($head->{headers}{'content-length'}, length $r->{body},
            "but GET's length");
    }
    is($ask->('', headers => ['Accept: image/png'])->{status}, 406,
        'nothing that fits');
}

sub html {
    my $ask = shift;
    my $r = $ask->('?q=%3Cb%3E%22%27%26&size=7');

    like($r->{body}, qr/value="&lt;b&gt;&quot;&#39;&amp;"/,
        'what was searched for is escaped');
    unlike($r->{body}, qr/<b>/, 'no markup of the client\'s');
    like($r->{body}, qr/No customer fits/);
    like($r->{body}, qr/<input type="hidden" name="size" value="7">/);

    $r = $ask->('?q=bold');
    like($r->{body}, qr{<th scope="row">&lt;b&gt;Bold &amp; Co&lt;/b&gt;</th>},
        'names are escaped');
    unlike($r->{body}, qr/<b>Bold/);
    unlike($r->{body}, qr/<script|\son[a-z]+=|javascript:|\sstyle=/i,
        'nothing that runs');

    my ($nonce) = $r->{body} =~ /<style nonce="([0-9a-f]{32})">/;
    ok $nonce, 'the style sheet is marked' or return;
    my $policy = $r->{headers}{'content-security-policy'};
    like($policy, qr/\Adefault-src 'none'; style-src 'nonce-$nonce';/);
    unlike($policy, qr/unsafe/);
    unlike($ask->('')->{body}, qr/$nonce/, 'with another mark each time');

    $r = $ask->('?sort=revenue&direction=desc&region=North&priority=2');
    like($r->{body}, qr/<option selected>North</, 'the form shows the filter');
    like($r->{body}, qr/<option selected>2</);
    like($r->{body}, qr/<option selected>revenue</);
    like($r->{body}, qr/<option selected>desc</);
    is(() = $r->{body} =~ /aria-sort="descending"/g, 1, 'one column is marked');
    like($r->{body}, qr/href="report\?region=North&amp;priority=2&amp;"/);
    is(() = $r->{body} =~ /<th scope="row">/g, 20, 'as many rows as customers');
    like($ask->('?q=dash')->{body}, qr/not known/, 'NULL is not empty');
}

sub json_is_complete {
    my $json = json('size=200');

    is($json->{total}, 500, 'all are counted');
    is($json->{pages}, 3);
    is(scalar @{ $json->{customers} }, 200);
    my @got = map { @{ json("size=200&page=$_")->{customers} } } 1 .. 3;
    is(scalar @got, 500, 'three pages hold all');

    my $text = JSON::PP->new->canonical;
    for my $customer (@got) {
        $customer->{revenue} = delete $customer->{revenue_cents};
        my $want = delete $by_id{ $customer->{id} };
        next if $text->encode($customer) eq $text->encode($want || {});
        fail "customer $customer->{id}";
        diag $text->encode($customer), "\n", $text->encode($want);
    }
    is(scalar keys %by_id, 0, 'each once');
    like(ask('?format=json&q=bold')->{body},
        qr/"id":1,.*"priority":1,.*"revenue_cents":\d+\}/, 'numbers are');
    like(ask('?format=json&q=dash')->{body}, qr/"city":null,.*"email":null/,
        'NULL is null');
    like(ask('?format=json&q=hara')->{body}, qr/"email":""/, 'empty is not');
}

# RFC 4180 taken apart: rows of cells.
sub parse_csv {
    my ($text) = @_;
    my @rows = ([]);

    while ($text =~ /\G(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gc) {
        my ($cell, $end) = (defined $1 ? $1 : $2, $3);
        $cell =~ s/""/"/g;
        push @{ $rows[-1] }, $cell;
        push @rows, [] if $end ne ',';
    }
    is(pos $text, length $text, 'well-formed CSV to its end');
    pop @rows;
    return @rows;
}

sub csv {
    my $r = ask('?format=csv');

    is($r->{headers}{'content-type'}, 'text/csv; charset=utf-8; header=present');
    is($r->{headers}{'content-disposition'},
        'attachment; filename="customers.csv"');
    my ($head, @rows) = parse_csv($r->{body});
    is("@$head", 'id name city region priority email since revenue');
    is(scalar @rows, 500, 'all of them, not a page');
    is(scalar(grep { @$_ != 8 } @rows), 0, 'with eight cells each');
    is(scalar(grep { grep { /\A[=+\-@\t\r]/ } @$_ } @rows), 0,
        'no cell is a formula');

    my %row = map { $_->[0] => $_ } @rows;
    is($row{1}[1], '<b>Bold & Co</b>');
    is($row{2}[1], "'=SUM(A1:A9)", 'a formula gets an apostrophe');
    is($row{2}[5], "'+49\@example.com");
    is($row{3}[1], 'Say "Cheese", Ltd', 'quotes and commas');
    is($row{7}[1], "'\@home -dash +plus");
    is($row{7}[2], '', 'NULL is an empty cell');
    is($row{8}[1], "Back\\slash & Tab\tAG", 'only at the beginning');
    my ($cents) = map { $_->{revenue} } grep { $_->{id} == 1 } @$all;
    is($row{1}[7], sprintf('%d.%02d', $cents / 100, $cents % 100), 'in euros');

    my (undef, @some) = parse_csv(ask('?format=csv&size=3&page=2')->{body});
    is(scalar @some, 3, 'a page when one is asked for');
    my (undef, @north) = parse_csv(ask('?format=csv&region=North')->{body});
    is(scalar @north, scalar(grep { $_->{region} eq 'North' } @$all),
        'filtered');
    like(ask('?format=csv&q=nobody+has+this')->{body}, qr/\Aid,[^\n]*\r\n\z/,
        'the heading alone');
}

sub filters {
    for my $region ('', qw(North South East West Overseas)) {
        for my $priority ('', 1 .. 5) {
            my $json = json("region=$region&priority=$priority&size=200");
            my @want = grep { ($region eq '' || $_->{region} eq $region)
                && ($priority eq '' || $_->{priority} == $priority) } @$all;
            is($json->{total}, scalar @want, "total of $region $priority");
            is(scalar(grep { ($region ne '' && $_->{region} ne $region)
                || ($priority ne '' && $_->{priority} != $priority) }
                @{ $json->{customers} }), 0, 'and no others');
        }
    }
}

# What is searched for => the customers that are found.
sub searches {
    my @cases = (
        ['100%25'                      => '5'],
        ['%25%25'                      => ''],
        ['_und_'                       => '5'],
        ['Bold_%26'                    => ''],
        ['Bold+%26'                    => '1'],
        ['!'                           => ''],
        ['%5C'                         => '8'],
        ['BOLD'                        => '1'],
        ['SUM('                        => '2'],
        ['"Cheese"'                    => '3'],
        ['%27+OR+1%3D1+--'             => ''],
        ['%27%3B+DROP+TABLE+customers' => ''],
        ['%3B+DROP+TABLE+customers'    => '4'],
        ['%3Cb%3E'                     => '1'],
        ['%E3%81%95%E3%81%8F%E3%82%89' => '6'],
        ['%22quoted%22@'               => '8'],
        ['%25s%25n%25d'                => ''],
    );
    for (@cases) {
        my ($search, $want) = @$_;
        $search =~ s/"/%22/g;
        my $json = json("q=$search");
        is(ids($json), $want, "search for $search");
    }
    is(json('q=')->{total}, 500, 'an empty search finds all');
    is(json('q=' . '%C3%A4' x 100)->{total}, 0, 'a hundred characters');
    is(scalar @{ demo_rows('SELECT id FROM customers') }, 500,
        'and all are still there');
}

sub sorts {
    my %key = (name => 'lower(name)', city => 'lower(city)');

    for my $column (qw(name city region priority since revenue)) {
        for my $direction (qw(asc desc)) {
            my $by = $key{$column} || $column;
            my $want = demo_rows("SELECT id FROM customers
                ORDER BY $by $direction, id LIMIT 200");
            is(ids(json("sort=$column&direction=$direction&size=200")),
                join(' ', map { $_->{id} } @$want), "$column $direction");
        }
    }
}

sub pages {
    my $json = json('size=200&page=3');
    is(scalar @{ $json->{customers} }, 100, 'the last page');
    is($json->{links}{next}, undef, 'none behind it');
    like($json->{links}{prev}, qr/page=2\b/);

    $json = json('size=200&page=4');
    is(scalar @{ $json->{customers} }, 0, 'a page behind the last');
    like($json->{links}{prev}, qr/page=3\b/, 'the way back');
    $json = json('page=1000000&size=200');
    is(scalar @{ $json->{customers} }, 0, 'far behind');
    like($json->{links}{prev}, qr/page=3\b/, 'the way back');
    my $r = ask('?page=77');
    is($r->{status}, 200);
    like($r->{body}, qr/There is no such page/);
    like($r->{body}, qr/href="\?page=20&amp;[^"]*" rel="prev"/);
    is(json('q=no+such+customer')->{pages}, 1, 'an empty list has one page');
}

# Each is refused, and the response names the input.
sub refused {
    for (['priority=0', 'priority'], ['priority=6', 'priority'],
         ['priority=high', 'priority'], ['priority=1.5', 'priority'],
         ['priority=99999999999999999999', 'priority'],
         ['priority=1%27+OR+1%3D1', 'priority'],
         ['region=north', 'region'], ['region=%27+OR+1%3D1+--', 'region'],
         ['sort=id', 'sort'], ['sort=name%3BDROP+TABLE+customers', 'sort'],
         ['direction=up', 'direction'], ['page=0', 'page'],
         ['page=-1', 'page'], ['page=1000001', 'page'],
         ['size=0', 'size'], ['size=201', 'size'], ['format=xml', 'format'],
         ['q=%FF', 'q'], ['q=%C3', 'q'], ['q=' . 'x' x 101, 'q']) {
        my ($query, $name) = @$_;
        my $r = ask("?$query");
        is($r->{status}, 400, $query);
        like($r->{body}, qr/(?:"|&quot;)$name(?:"|&quot;)/, "names $name");
        unlike($r->{body}, qr/DROP|1=1/, 'and repeats nothing');
    }
    like(ask('?q=a%00b')->{body}, qr/NUL/, 'a NUL');
    like(ask('?priority=9', headers => ['Accept: application/json'])->{body},
        qr/"detail":\s*"[^"]*\\"priority\\"/, 'problem+json (RFC 9457)');
    is(ask('/below')->{status}, 404, 'nothing lies below the list');
    my $post = ask('', method => 'POST', body => 'q=x');
    is($post->{status}, 405);
    like(header_set($post, 'Allow'), qr/^GET HEAD/);
}

# Each link of a page leads somewhere, and keeps the filter.
sub links {
    my $body = ask('?region=West&q=%26+S&size=1')->{body};
    my @links = $body =~ /href="(\?[^"]*)"/g;

    ok(@links > 5, 'there are links');
    s/&amp;/&/g for @links;
    for my $link (@links) {
        is(ask($link)->{status}, 200, $link);
        next if $link eq '?';
        like($link, qr/\bregion=West&/, 'keeps the region');
        like($link, qr/\bq=%26%20S&/, 'keeps the search');
    }
    my $next = json('region=West&size=5')->{links}{next};
    is(ask($next)->{status}, 200, 'next');
    my $got = JSON::PP->new->utf8->decode(ask($next)->{body});
    is($got->{page}, 2, 'is the second page');
}

sub nothing_grave {
    my @grave = demo_grave($mark);
    print "# $_\n" for @grave;
    is(scalar @grave, 0, 'nothing grave in the error log');
}
