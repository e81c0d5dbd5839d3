# handlers/download.c: attachments out of the demo's database.
use strict;
use warnings FATAL => 'all';

use Digest::SHA qw(sha256_hex);
use Test::More;
use Time::HiRes qw(sleep);

use HandlerBridge::Demo;
use HandlerBridge::Test;

use constant { BIG => 6, LINE => 64, PIECE => 262144 };

demo_database();
my $mark = log_mark();
my $rows = demo_rows('SELECT id, name, type, size, digest FROM attachments');
my %attachment = map { $_->{id} => $_ } @$rows;
my $size = $attachment{ +BIG }{size};

for my $protocol ('http/1.1', mpm() eq 'event' ? 'h2c' : ()) {
    my $ask = sub { demo("/download$_[0]", protocol => $protocol,
                         @_[1 .. $#_]) };
    whole($ask);
    ranges($ask);
}
names();
disposition();
by_path();
conditional();
odd_ranges();
if_range();
refused();
hang_up();
slow_reader();
nothing_grave();
done_testing;

sub ask { return demo('/download' . shift, @_) }

sub whole {
    my $ask = shift;

    is(scalar keys %attachment, 8, 'there are attachments');
    for my $a (@$rows) {
        my $r = $ask->("?id=$a->{id}");
        is($r->{status}, 200, "attachment $a->{id}");
        is(sha256_hex($r->{body}), $a->{digest}, 'its bytes');
        is($r->{headers}{'content-length'}, $a->{size}, 'its length');
        is($r->{headers}{'content-type'}, $a->{type}, 'its type');
        is($r->{headers}{etag}, qq("$a->{digest}"), 'its ETag');
        is($r->{headers}{'x-content-type-options'}, 'nosniff');
        like($r->{headers}{'last-modified'}, qr/^\w{3}, \d\d Jan 2026 00:00:00 GMT$/);

        my $head = $ask->("?id=$a->{id}", method => 'HEAD');
        is($head->{status}, 200, 'HEAD');
        is($head->{body}, '', 'without a body');
        is($head->{headers}{$_}, $r->{headers}{$_}, "GET's $_")
            for qw(content-type etag content-disposition);
        # httpd leaves a length of 0 out for HEAD (RFC 9110 8.6 lets it).
        is($head->{headers}{'content-length'} || 0, $a->{size}, "its length");
    }
}

# The big one holds its own offsets: line n begins at byte 64 * n.
sub expected {
    my ($from, $to) = @_;
    my $first = int($from / LINE);
    my $text = join '', map { sprintf "%08d %08x %s\n", $_,
        $_ * 2654435761 % 4294967296,
        'abcdefghijklmnopqrstuvwxyz0123456789-handler.' }
        $first .. int($to / LINE);
    return substr $text, $from - $first * LINE, $to - $from + 1;
}

sub ranges {
    my $ask = shift;
    my $last = $size - 1;

    for (['0-0', 0, 0], ['0-63', 0, 63], ['64-', 64, $last, 1],
         [PIECE - 1 . '-' . PIECE, PIECE - 1, PIECE],
         [PIECE . '-' . (2 * PIECE - 1), PIECE, 2 * PIECE - 1],
         [PIECE - 5 . '-' . (3 * PIECE + 5), PIECE - 5, 3 * PIECE + 5],
         ['-1', $last, $last], ['-100', $size - 100, $last],
         ["$last-", $last, $last], ["$last-99999999", $last, $last],
         ['-99999999', 0, $last, 1], ['10000001-10000050', 10000001, 10000050]) {
        my ($range, $from, $to, $long) = @$_;
        my $r = $ask->('?id=' . BIG, headers => ["Range: bytes=$range"]);
        is($r->{status}, 206, $range);
        is($r->{headers}{'content-range'}, "bytes $from-$to/$size");
        is($r->{headers}{'content-length'}, $to - $from + 1);
        is(length $r->{body}, $to - $from + 1);
        ok($r->{body} eq expected($from, $to), 'its bytes') unless $long;
    }

    my $r = $ask->('?id=' . BIG,
        headers => ['Range: bytes=0-9,262140-262150,-64']);
    is($r->{status}, 206, 'several ranges');
    my ($mark) = $r->{headers}{'content-type'}
        =~ m{^multipart/byteranges; boundary=(\S+)$};
    ok $mark, 'in parts' or return;
    my @parts = split /\r\n--\Q$mark\E(?:\r\n|--\r\n)/, "\r\n$r->{body}";
    shift @parts;
    is(scalar @parts, 3);
    for my $want ([0, 9], [262140, 262150], [$size - 64, $last]) {
        my ($from, $to) = @$want;
        my ($head, $body) = split /\r\n\r\n/, shift @parts, 2;
        like($head, qr{^Content-Range: bytes $from-$to/$size\r?$}mi);
        is($body, expected($from, $to), "$from-$to");
    }
}

# RFC 6266 and RFC 8187: ASCII in filename, everything in filename*.
sub names {
    my %star;
    for my $id (sort keys %attachment) {
        my $field = ask("?id=$id")->{headers}{'content-disposition'};
        my ($plain) = $field =~ /^attachment; filename="((?:[^"\\]|\\.)*)"/;
        ok defined $plain, "$id has a plain name" or diag $field;
        unlike($field, qr/[^\x20-\x7e]/, 'in ASCII');
        my $name = $plain;
        if ($field =~ /filename\*=UTF-8''(\S+)\z/) {
            ($name = $1) =~ s/%([0-9A-F]{2})/chr hex $1/ge;
            $star{$id} = 1;
        }
        utf8::decode($name);
        is($name, $attachment{$id}{name}, 'the name arrives');
    }
    ok($star{1} && $star{3} && $star{8}, 'three names need filename*');
    ok(!$star{2} && !$star{6}, 'plain ones do not');
}

sub disposition {
    my %inline = map { $_ => 1 } 1, 2, 4, 5, 8;

    for my $id (1 .. 8) {
        my $r = ask("?id=$id&disposition=inline");
        my $want = $inline{$id} ? 'inline' : 'attachment';
        like($r->{headers}{'content-disposition'}, qr/^$want; filename=/,
            "$id is $want");
        like($r->{headers}{'content-security-policy'}, qr/default-src 'none'/);
        like($r->{headers}{'content-security-policy'}, qr/sandbox/)
            unless $id == 8;
    }
}

sub by_path {
    for my $id (1 .. 8) {
        my $r = ask("/$id");
        is($r->{status}, 200, "/$id");
        is($r->{headers}{etag}, qq("$attachment{$id}{digest}"));
    }
    is(ask('/1?id=4')->{headers}{etag}, qq("$attachment{1}{digest}"),
        'the path comes first');
    is(ask('/?id=4')->{headers}{etag}, qq("$attachment{4}{digest}"),
        'a slash is no id');
    like(ask('/4?disposition=inline')->{headers}{'content-disposition'},
        qr/^inline/);
}

# RFC 9110 13.
sub conditional {
    my $etag = qq("$attachment{1}{digest}");
    my $other = qq("$attachment{4}{digest}");
    my $date = ask('/1')->{headers}{'last-modified'};

    for ([304, "If-None-Match: $etag"], [304, "If-None-Match: W/$etag"],
         [304, "If-None-Match: $other, $etag"], [304, 'If-None-Match: *'],
         [304, "If-Modified-Since: $date"],
         [200, "If-None-Match: $other"],
         [200, "If-None-Match: $other", "If-Modified-Since: $date"],
         [200, 'If-None-Match: garbage'], [200, 'If-None-Match: "'],
         [200, 'If-None-Match: ,,,"x'], [200, "If-None-Match: \"\xff\x80"],
         [200, 'If-None-Match: ' . '"x",' x 500],
         [200, 'If-Modified-Since: yesterday'],
         [200, 'If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT'],
         [200, "If-Match: $etag"], [412, "If-Match: $other"],
         [412, 'If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT']) {
        my ($status, @headers) = @$_;
        for my $method (qw(GET HEAD)) {
            my $r = ask('/1', headers => \@headers, method => $method);
            is($r->{status}, $status, "$method " . substr "@headers", 0, 60);
            is($r->{headers}{etag}, $etag, 'its ETag') if $status != 412;
            is($r->{body}, '', 'without a body') if $status == 304;
        }
    }
}

# RFC 9110 14.2: what is no valid Range is ignored; what cannot be is 416.
sub odd_ranges {
    for my $range ('bytes=', 'bytes=x-y', 'bytes=5-2', 'bytes=-', 'lines=1-2',
                   'bytes 0-5', 'bytes=1-2-3', 'bytes=0x0-5',
                   'bytes=99999999999999999999999-', "bytes=\xff",
                   'bytes=--1') {
        my $r = ask('/1', headers => ["Range: $range"]);
        like($r->{status}, qr/^(?:200|416)\z/, $range);
        is(sha256_hex($r->{body}), $attachment{1}{digest}, 'all of it')
            if $r->{status} == 200;
    }
    for my $range ('172-', '9999-10000', '-0') {
        my $r = ask('/1', headers => ["Range: bytes=$range"]);
        is($r->{status}, 416, $range);
        is($r->{headers}{'content-range'}, 'bytes */172');
    }
    is(ask('/2', headers => ['Range: bytes=0-'])->{status}, 416,
        'an empty one has no first byte');
    my $many = join ',', map { $_ * 2 . '-' . $_ * 2 } 0 .. 300;
    my $r = ask('/6', headers => ["Range: bytes=$many"]);
    like($r->{status}, qr/^(?:200|206|416)\z/, 'hundreds of ranges');
    is(ask('/1', headers => ['Range: bytes=0-4'], method => 'HEAD')->{status},
        200, 'a Range is for GET only');
}

sub if_range {
    my $etag = qq("$attachment{1}{digest}");
    my $date = ask('/1')->{headers}{'last-modified'};

    for ([206, $etag], [200, "W/$etag"], [200, '"other"'], [200, 'garbage'],
         [206, $date], [200, 'Thu, 01 Jan 1970 00:00:00 GMT']) {
        my ($status, $value) = @$_;
        my $r = ask('/1', headers => ['Range: bytes=0-4', "If-Range: $value"]);
        is($r->{status}, $status, "If-Range: $value");
    }
}

sub refused {
    for my $query ('', '/', '?id=', '/abc', '?id=abc', '/1x', '/1/2', '/-1',
                   '?id=0', '/0', '?id=-1', '/%201', '/+1', '?id=1.5',
                   '/99999999999999999999', '?id=99999999999999999999',
                   '?id=1%27+OR+1%3D1', '/1;DROP', '?id=%3Cb%3E') {
        my $r = ask($query);
        is($r->{status}, 400, "'$query'");
        like($r->{body}, qr/(?:"|&quot;)id(?:"|&quot;)/, 'names id');
        unlike($r->{body}, qr/<b>|OR 1/, 'and repeats nothing');
    }
    for my $query ('/9', '?id=123456', '/9223372036854775807') {
        my $r = ask($query);
        is($r->{status}, 404, $query);
        is($r->{headers}{etag}, undef, 'no ETag');
        is($r->{headers}{'content-disposition'}, undef, 'no name');
    }
    my $r = ask('/1?disposition=open');
    is($r->{status}, 400);
    like($r->{body}, qr/disposition/);
    is(ask('/1', method => 'DELETE')->{status}, 405);
    my @r = responses(raw("GET /download/../download/1 HTTP/1.1\r\nHost: x\r\n"
        . "Connection: close\r\n\r\n", where => 'demo'));
    is($r[0]{status}, 200, 'dots are resolved before');
}

# Clients that go away in the middle leave nothing behind.
sub hang_up {
    for my $bytes (1, 100, 70_000, 3_000_000) {
        my $socket = raw_open('demo') or die 'no connection';
        print $socket "GET /download/6 HTTP/1.1\r\nHost: x\r\n\r\n";
        my ($got, $piece) = (0);
        while ($got < $bytes) {
            my $n = sysread $socket, $piece, $bytes - $got or last;
            $got += $n;
        }
        is($got, $bytes, "$bytes bytes and away");
        close $socket;
    }
    for (1 .. 10) {
        is(ask('/4')->{status}, 200, 'still there');
    }
}

# Clients that do not read hold no connection to the database. On prefork each
# has a process, and that one's, to himself.
sub slow_reader {
    return if mpm() eq 'prefork';
    my @slow = map { raw_open('demo') } 1 .. 6;

    for my $socket (@slow) {
        print $socket "GET /download/6 HTTP/1.1\r\nHost: x\r\n\r\n";
    }
    sleep 0.5;
    my $r;
    my $took = quickest(2, sub { $r = demo('/customers?size=1') });
    is($r->{status}, 200, 'a query meanwhile');
    cmp_ok($took, '<', 2, 'does not wait for them');
    my $socket = shift @slow;
    my $bytes = raw_read($socket, until => qr/-handler\.\n\z/);
    like($bytes, qr/^HTTP\/1.1 200/, 'a slow one gets its bytes');
    close $_ for $socket, @slow;
}

sub nothing_grave {
    sleep 0.3;
    my @grave = demo_grave($mark);
    print "# $_\n" for @grave;
    is(scalar @grave, 0, 'nothing grave in the error log');
}
