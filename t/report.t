# handlers/report.c: the customers as a PDF.
use strict;
use warnings FATAL => 'all';

use File::Temp ();
use POSIX qw(strftime);
use Test::More;

use HandlerBridge::Picture;
use HandlerBridge::Test;

my $database = make_database('report');
my $poppler  = !system 'command -v pdfinfo pdftotext >/dev/null 2>&1';
ok wait_for('/report', vhost => 'report'), 'the database is found';
my $mark = log_mark();

whole();
repeated();
filters();
names();
refusals();
many();
is_deeply [log_grave($mark)], [], 'nothing grave is logged';
done_testing;

sub report {
    my ($query, %o) = @_;
    return fetch("/report$query", vhost => 'report', %o);
}

sub sql { system('sqlite3', '-cmd', '.timeout 5000', $database, shift) == 0 }

sub count {
    my $where = shift;
    chomp(my $n = `sqlite3 '$database' "SELECT count(*) FROM customers $where"`);
    return $n;
}

# What poppler's tool makes of a PDF; undef where it is not installed.
sub tool {
    my ($command, $pdf) = @_;
    my $file = File::Temp->new(SUFFIX => '.pdf');

    return undef unless $poppler;
    binmode $file;
    print $file $pdf;
    close $file or die "$file: $!";
    $command =~ s/PDF/$file/;
    return scalar `$command`;
}

sub info { return tool('pdfinfo PDF', shift) }
sub text { return tool('pdftotext -layout -enc UTF-8 PDF -', shift) }

sub whole {
    my $r    = report('');
    my $h    = $r->{headers};
    my $rows = count('');
    my $pages = int(($rows + 36) / 37);
    my $today = strftime '%Y-%m-%d', gmtime;

    is $r->{status}, 200, 'a report';
    is $h->{'content-type'}, 'application/pdf', 'its type';
    like $r->{body}, qr/\A%PDF-1\.\d.*%%EOF\s*\z/s, 'it is a PDF';
    is $h->{'content-length'}, length $r->{body}, 'its length is declared';
    is $h->{'content-disposition'}, qq(inline; filename="customers $today.pdf"),
        'its name';
    my $head = report('', method => 'HEAD');
    is $head->{headers}{'content-length'}, $h->{'content-length'}, 'HEAD';
    is $head->{body}, '', 'has no body';
    is report('', headers => ['Range: bytes=0-4'])->{body}, '%PDF-', 'Range';
  SKIP: {
        skip 'poppler-utils is not installed', 12 unless $poppler;
        my $info = info($r->{body});
        my $text = text($r->{body});

        like $info, qr/^Pages:\s+$pages$/m, "$pages pages";
        like $info, qr/^Title:\s+Customers$/m, 'a title';
        like $info, qr/^Page size:.*\(A4\)$/m, 'A4';
        like $text, qr/Page 1 of $pages\b/, 'the first page says so';
        like $text, qr/Page $pages of $pages\b/, 'and the last';
        unlike $text, qr/Page @{[$pages + 1]}\b/, 'it is the last';
        is scalar(() = $text =~ /^ *Name +City +Region/mg), $pages,
            'each has a row of titles';
        like $text, qr/\b$rows customers\b/, 'it says how many';
        like $text, qr/<b>Bold & Co<\/b>/, 'a name with markup, as it is';
        like $text, qr/O'Hara; DROP TABLE/, 'one with SQL';
        like $text, qr/\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd\xd0\xbe\xd0\xb2/,
            'one in Cyrillic letters';
        is scalar(() = $text =~ /\b\d{4}-\d\d-\d\d +-?[\d,]+\.\d\d$/mg), $rows,
            'a line for each';
    }
}

sub repeated {
    my $r   = report('?region=North');
    my $tag = $r->{headers}{etag};
    my $ask = sub { report('?region=North', headers => ["If-None-Match: $tag"]) };

    ok report('?region=North')->{body} eq $r->{body},
        'the same customers, the same bytes';
    is $ask->()->{status}, 304, 'a repeated request';
    isnt report('?region=South')->{headers}{etag}, $tag, 'others, another ETag';
    ok sql("UPDATE customers SET revenue = revenue + 1 WHERE region = 'North'"),
        'another revenue';
    is $ask->()->{status}, 200, 'another report';
}

sub filters {
    for my $case (['?region=North' => "WHERE region = 'North'"],
        ['?priority=1' => 'WHERE priority = 1'],
        ['?region=West&priority=5' => "WHERE region = 'West' AND priority = 5"],
        ['?region=&priority=' => '']) {
        my ($query, $where) = @$case;
        my $rows = count($where);
        my $r = report($query);

        is $r->{status}, 200, $query;
      SKIP: {
            skip 'poppler-utils is not installed', 2 unless $poppler;
            my $text = text($r->{body});
            like $text, qr/\b$rows customers\b/, "$rows customers";
            is scalar(() = $text =~ /\b\d{4}-\d\d-\d\d +-?[\d,]+\.\d\d$/mg),
                $rows, 'their lines';
        }
    }
}

sub names {
    like report('?region=West&disposition=attachment')->{headers}
        {'content-disposition'},
        qr/^attachment; filename="customers West \d{4}-\d\d-\d\d\.pdf"\z/,
        'to save';
    like report('?disposition=inline')->{headers}{'content-disposition'},
        qr/^inline; /, 'to look at';
}

sub refusals {
    for my $case (['region=Nowhere' => 'region'], ['region=north' => 'region'],
        ['region=%27%20OR%201%3D1--' => 'region'], ['region=%ff' => 'region'],
        ['priority=0' => 'priority'], ['priority=6' => 'priority'],
        ['priority=-1' => 'priority'], ['priority=1.5' => 'priority'],
        ['priority=99999999999999999999' => 'priority'],
        ['disposition=save' => 'disposition']) {
        my ($query, $name) = @$case;
        my $r = report("?$query");
        is $r->{status}, 400, "refused: $query";
        like $r->{body}, qr/Input "$name"/, "names $name";
    }
    is report('?region=%00')->{status}, 400, 'a NUL';
    is report('', method => 'POST')->{status}, 405, 'POST';
}

# No customer, one, a full page, one more; money and names at their ends.
sub many {
    my $insert = sub {
        my ($count, $name) = @_;
        sql("DELETE FROM customers; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
            . "SELECT i + 1 FROM n WHERE i < $count) "
            . "INSERT INTO customers SELECT i, '$name ' || i, NULL, 'East', 2, "
            . "NULL, '2020-01-01', i FROM n WHERE $count > 0");
    };
  SKIP: {
        skip 'poppler-utils is not installed', 18 unless $poppler;
        for my $case ([0, 1], [1, 1], [37, 1], [38, 2], [5001, 136]) {
            my ($rows, $pages) = @$case;
            ok $insert->($rows, 'Someone'), "$rows customers";
            my $body = report('')->{body};
            like info($body), qr/^Pages:\s+$pages$/m, "$pages pages";
            next if $rows > 1 && $rows <= 5000;
            like text($body), $rows == 1 ? qr/\b1 customer$/m
                : $rows ? qr/the first 5000 customers/ : qr/\b0 customers/,
                'says how many';
        }
        ok $insert->(1, 'A name that is far too long ' x 20), 'a long name';
        # Its text is whole, for who copies it; what is cut has the ellipsis'
        # place.
        my $words = tool('pdftotext -bbox PDF -', report('')->{body});
        my ($end) = sort { $b <=> $a }
            $words =~ /xMax="([\d.]+)"[^>]*>(?:A|name|that|is|far|too|long)</g;
        cmp_ok $end, '>', 100, 'fills its column';
        cmp_ok $end, '<', 202, 'and ends within it';
        ok sql('UPDATE customers SET revenue = -123456789012345'), 'a debt';
        like text(report('')->{body}), qr/-1,234,567,890,123\.45/, 'its sum';
    }
}
