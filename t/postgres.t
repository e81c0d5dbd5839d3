# PostgreSQL beside SQLite: the same handlers and statements on both, and a
# server that is late, goes away, comes back, is slow, or has no connection
# left.
use strict;
use warnings FATAL => 'all';

use Apache::Test ();
use Digest::SHA qw(sha256_hex);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use JSON::PP ();
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use HandlerBridge::Demo;
use HandlerBridge::Postgres;
use HandlerBridge::Test;

my $root   = Apache::Test::vars('serverroot');
my $lite   = "$root/state/postgres.sqlite";
my $server = HandlerBridge::Postgres->new("$root/state/postgres");
my @both   = qw(postgres postgres_sqlite);
my $next   = 1;

late();
make_databases();
values_there_and_back();
large_blob();
constraints();
transactions();
demo_handlers();
upload_and_download();
slow_statements();
silent();
no_connection_left();
schema_change();
killed_between();
dies_under_it();
restarted();
directives();
done_testing;

# ---- tools --------------------------------------------------------------------

sub probe {
    my ($vhost, $do, %o) = @_;
    return fetch("/probe?do=$do", vhost => $vhost, %o);
}

# Numbers that no row has yet, with room behind them.
sub fresh { return ($next += 10) - 10 }

sub hex_of { return unpack 'H*', $_[0] }

sub escape {
    my $text = shift;
    $text =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ge;
    return $text;
}

# How many rows there are from a number on.
sub rows_from {
    my ($vhost, $id) = @_;
    my $r = probe($vhost, "count&id=$id");
    chomp $r->{body};
    return $r->{body};
}

# Runs a function in as many processes; what they return, a list of lines each.
sub together {
    my ($count, $work) = @_;
    my @pipes;

    for my $i (1 .. $count) {
        my $pid = open my $pipe, '-|';
        defined $pid or die "fork: $!";
        if (!$pid) {
            my @lines = $work->($i);
            { local $| = 1; print map { "$_\n" } @lines; }
            POSIX::_exit(0);
        }
        push @pipes, $pipe;
    }
    return map { my $pipe = $_; [map { chomp; $_ } <$pipe>] } @pipes;
}

# ---- a server that is late ----------------------------------------------------

sub late {
    my $mark = log_mark();

    ok scalar(grep { /HBR0209: / } log_since(0)),
        'children start without the server';
    for (1 .. 3) {
        my $start = time;
        my $r = probe('postgres', 'count');
        is $r->{status}, 503, 'no server yet';
        is $r->{headers}{'retry-after'}, 5, 'Retry-After';
        ok time - $start < 5, 'at once';
    }
    ok log_wait($mark, qr/HBR0201/), 'logged';
}

sub make_databases {
    my %blob = (postgres => 'BYTEA', postgres_sqlite => 'BLOB');
    my $tables = join '', map { "$_;" } (
        'CREATE TABLE probe (id BIGINT PRIMARY KEY, t TEXT, n BIGINT, '
            . 'r DOUBLE PRECISION, b %s, yes BOOLEAN, CHECK (n <> 13))',
        'CREATE TABLE child (id BIGINT PRIMARY KEY, parent BIGINT '
            . 'REFERENCES probe (id) DEFERRABLE INITIALLY DEFERRED)');

    $server->start;
    # Nobody has to trust the settings of a server.
    $server->sql($_) for "ALTER ROLE hbr SET bytea_output = 'escape'",
        "ALTER ROLE hbr SET client_encoding = 'LATIN1'";
    $server->sql(sprintf "CREATE SEQUENCE tries; $tables", $blob{postgres});
    make_path($lite);
    chmod 0777, $lite or die "$lite: $!";
    unlink glob "$lite/*";
    system('sqlite3', "$lite/probe.db", 'PRAGMA journal_mode = WAL;'
        . sprintf $tables, $blob{postgres_sqlite}) == 0 or die "sqlite3\n";
    chmod 0666, glob "$lite/*";
    demo_database();
    system(dirname($root) . '/demo/fill-postgresql', $server->params,
        "$root/state/demo/made.db") == 0 or die "fill-postgresql\n";
    for my $vhost (@both) {
        my $good = 0;
        for (1 .. 400) {
            $good = probe($vhost, 'count')->{status} == 200 ? $good + 1 : 0;
            last if $good == 20;
            sleep 0.05 unless $good;
        }
        is $good, 20, "$vhost: all children find the database";
    }
}

# ---- values -------------------------------------------------------------------

sub values_there_and_back {
    my @texts = ('', 'plain', "it's", '\x', '\x00ff', '\x414', '\\\\', '\001',
        '%s %d', "\xc3\xa4\xe2\x82\xac\xf0\x9f\x8c\x89", "tab\tline\nend");
    my @blobs = ('', "\0", "\0\1\2", "\\x00ff", "\\", "'", "\xff\xfe\x80",
        join('', map { chr } 0 .. 255));
    my @numbers = (0, 1, -1, 2147483648, 9223372036854775807,
        '-9223372036854775808');
    my @doubles = qw(0 0.5 -2.5e-9 1e300 5e-324 123456789.125 1e15);

    for my $vhost (@both) {
        for my $i (0 .. 10) {
            my $t = $texts[$i % @texts];
            my $b = $blobs[$i % @blobs];
            my $n = $numbers[$i % @numbers];
            my $r = $doubles[$i % @doubles];
            there_and_back($vhost, t => $t, b => $b, n => $n, r => $r,
                yes => $i % 2);
        }
        my $id = fresh();
        is probe($vhost, "put&id=$id", method => 'POST')->{body}, "1\n",
            "$vhost: nothing but NULL";
        is probe($vhost, "get&id=$id")->{body},
            "t=NULL\nn=0 NULL\nr=0 NULL\nb=NULL\nyes=0\n", 'and back';
    }
    is $server->sql(q{SELECT bool_and(r = 1e300) FROM probe
        WHERE r > 1e299 AND r < 2e300}), 't', 'PostgreSQL has the same number';
}

sub there_and_back {
    my ($vhost, %v) = @_;
    my $id = fresh();
    my $query = join '&', "id=$id", 'b=1',
        map { "$_=" . escape($v{$_}) } qw(t n r yes);
    my $r = probe($vhost, "put&$query", method => 'POST', body => $v{b},
        headers => ['Content-Type: application/octet-stream']);

    is "$r->{status} $r->{body}", "200 1\n", "$vhost: put";
    my %got = probe($vhost, "get&id=$id")->{body} =~ /^(\w)\w*=(.*)$/mg;
    is $got{t}, hex_of($v{t}), 'text';
    is $got{b}, hex_of($v{b}), 'bytes';
    is $got{n}, $v{n}, 'a whole number';
    # SQLite's driver hands on 15 digits.
    ok $got{r} == $v{r} || ($vhost eq 'postgres_sqlite'
        && abs($got{r} - $v{r}) <= 1e-14 * abs $v{r}), "$v{r}"
        or diag $got{r};
    is $got{y}, $v{yes}, 'a truth';
}

sub large_blob {
    my $bytes = join '', map { pack 'N*', map { $_ * 2654435761 & 0xffffffff }
        $_ * 65536 .. $_ * 65536 + 65535 } 0 .. 79;

    is length $bytes, 20 << 20, '20 MB';
    for my $vhost (@both) {
        my $id = fresh();
        is probe($vhost, "put&id=$id&b=1", method => 'POST', body => $bytes,
            headers => ['Content-Type: application/octet-stream'])->{status},
            200, "$vhost: 20 MB in";
        is sha256_hex(probe($vhost, "blob&id=$id")->{body}),
            sha256_hex($bytes), 'and out';
    }
}

sub constraints {
    for my $vhost (@both) {
        my $mark = log_mark();
        my $id   = fresh();
        is probe($vhost, "add&id=$id")->{status}, 200, "$vhost: RETURNING";
        for my $put ("add&id=$id", "put&id=" . ($id + 1) . '&n=13') {
            my $r = probe($vhost, $put, method => 'POST');
            is $r->{status}, 409, "$vhost: $put";
            ok !exists $r->{headers}{'retry-after'}, 'no use to try again';
        }
        like log_wait($mark, qr/HBR0220/), qr/violates a constraint: /,
            'logged';
        ok !(grep { /HBR0204/ } log_since($mark)), 'not as an outage';
        is rows_from($vhost, $id), 1, 'one row';
    }
    # What a column cannot hold is the handler's to look after.
    my $mark = log_mark();
    my $r = probe('postgres', 'put&id=' . fresh() . '&t=%FF', method => 'POST');
    is $r->{status}, 500, 'a text that is no UTF-8';
    like log_wait($mark, qr/HBR0338/), qr/22021/, 'with its code';
}

# ---- transactions -------------------------------------------------------------

sub transactions {
    # how it ends, the status, how many rows stay, what is logged
    my @cases = (
        ['two',    200, 2],
        ['one',    200, 1],
        ['refuse', 418, 0],
        ['ignore', 409, 0, qr/HBR0220/],
        ['orphan', 409, 0, qr/HBR0220: .*the transaction violates/],
        ['flush',  500, 0, qr/HBR0335.*hbr_flush\(\) passes/],
        ['fill',   500, 0, qr/HBR0335.*hbr_puts\(\) passes/],
        ['body',   500, 0, qr/HBR0335.*hbr_body\(\) waits/],
        ['nest',   500, 0, qr/HBR0335.*hbr_transaction\(\) begins another/],
    );

    for my $vhost (@both) {
        for (@cases) {
            my ($how, $status, $stay, $words) = @$_;
            my $id   = fresh();
            my $mark = log_mark();
            my $r    = probe($vhost, "transact&how=$how&id=$id",
                method => 'POST', body => 'x',
                headers => ['Content-Type: text/plain']);
            is $r->{status}, $status, "$vhost: $how";
            is rows_from($vhost, $id), $stay, "$how: rows that stay";
            ok log_wait($mark, $words), "$how: logged" if $words;
            $next = $id + 10;
        }
        # Each in its turn, and none half.
        my $id = $next;
        $next += 100;
        my @got = together(6, sub {
            my $i = shift;
            map { probe($vhost, 'transact&id=' . ($id + 12 * $i + 2 * $_))
                ->{status} } 0 .. 5;
        });
        my $good = grep { $_ == 200 } map { @$_ } @got;
        ok !(grep { $_ != 200 && $_ != 503 } map { @$_ } @got), 'at once';
        ok $good >= 6, 'most or all are done' or diag $good;
        is rows_from($vhost, $id), 2 * $good, 'each whole or not at all';
    }
}

# ---- handlers -----------------------------------------------------------------

sub demo_handlers {
    my @paths = ('/customers?format=json&sort=name&size=200',
        (map { "/customers?format=csv&sort=$_" } qw(city region priority
            since revenue)), '/customers?format=csv&sort=city&direction=desc',
        '/customers?q=%25&format=json', '/customers?q=son&region=North',
        '/customers?priority=3&page=2&direction=desc&sort=revenue',
        '/customers?q=%27%3B+DROP', '/chart?data=customers&format=svg',
        '/chart?data=months&format=svg', (map { "/download/$_" } 1 .. 8),
        '/download/99');

    for my $path (@paths) {
        my $lite = demo($path);
        my $pg   = fetch($path, vhost => 'postgres');
        # A page's own mark, and the number that cairo gives a picture.
        s/nonce="?[-\w+\/=]+"?|id="surface\K\d+//g for $lite->{body},
            $pg->{body};
        is $pg->{status}, $lite->{status}, $path;
        ok $pg->{body} eq $lite->{body}, "$path: the same bytes"
            or diag difference($pg->{body}, $lite->{body});
    }
    my $part = fetch('/download/6', vhost => 'postgres',
        headers => ['Range: bytes=262100-262200']);
    is $part->{status}, 206, 'a part over two pieces';
    is $part->{body}, substr(demo('/download/6')->{body}, 262100, 101),
        'its bytes';
    like fetch('/report', vhost => 'postgres')->{body}, qr/^%PDF-/, 'a report';
}

# Where two texts begin to differ.
sub difference {
    my @texts = @_;
    my $at = ($texts[0] ^ $texts[1]) =~ /[^\0]/ ? $-[0] : 0;
    return "at $at: " . join "\nand: ", map { substr $_, $at, 200 } @texts;
}

sub upload_and_download {
    my %files = (nul => "\0" x 70000, hex => '\x4142', empty => '',
        bytes => join('', map { chr } 0 .. 255) x 3000,
        two => "\\x00\0\xff" x 150000);
    my $body = join '', map { "--X\r\nContent-Disposition: form-data; "
        . "name=\"f\"; filename=\"$_\"\r\n\r\n$files{$_}\r\n" }
        sort keys %files;
    my $r = fetch('/upload', vhost => 'postgres', method => 'POST',
        body => "$body--X--\r\n", headers => ['Accept: application/json',
            'Content-Type: multipart/form-data; boundary=X']);

    is $r->{status}, 201, 'five files' or diag $r->{body};
    my $stored = JSON::PP->new->utf8->decode($r->{body})->{files};
    is @$stored, 5, 'all there';
    for my $file (@$stored) {
        my $got = fetch("/download/$file->{id}", vhost => 'postgres');
        ok $got->{body} eq $files{ $file->{name} }, "$file->{name} comes back";
        is $file->{sha256}, sha256_hex($files{ $file->{name} }), 'its digest';
    }
}

# ---- bounds -------------------------------------------------------------------

sub slow_statements {
    my $mark  = log_mark();
    my $start = time;
    my $r     = fetch('/sleep?seconds=20', vhost => 'postgres_one');

    is $r->{status}, 503, 'a statement that takes too long';
    is $r->{headers}{'retry-after'}, 5, 'Retry-After';
    like $r->{body}, qr/took too long \(BridgeDBTimeout\)/, 'what bounds it';
    ok time - $start < 10, 'it is given up';
    like log_wait($mark, qr/HBR0330/),
        qr/statement "sleep" took longer than BridgeDBTimeout allows/, 'logged';

    $start = time;
    $r = fetch('/hurried?seconds=20', vhost => 'postgres_one');
    is $r->{status}, 503, 'a request that has no time';
    like $r->{body}, qr/took too long \(BridgeDeadline\)/, 'what bounds it';
    ok time - $start < 10, 'it is given up, too';
    is fetch('/sleep?seconds=0.9', vhost => 'postgres_one')->{body},
        "UTF8 hex 1500ms\n", 'later ones have their own time, and settings';

    # A ROLLBACK takes back what was set behind the BEGIN. Children have a
    # connection each.
    for (1 .. 8) {
        like fetch('/hurried', vhost => 'postgres_one')->{body},
            qr/^UTF8 hex \d{3}ms$/, 'less time';
        is probe('postgres_one', 'transact&how=refuse&id=' . fresh())->{status},
            418, 'a transaction without that bound is rolled back';
        is fetch('/sleep', vhost => 'postgres_one')->{body},
            "UTF8 hex 1500ms\n", 'the bound is what it should be';
    }
}

# A server that is stopped cannot give up by itself.
sub silent {
    my $mark = log_mark();
    my %to = ('/sleep?seconds=0' => 'BridgeDBTimeout',
        '/hurried?seconds=0' => 'BridgeDeadline',
        '/probe?do=transact&how=two&id=' . fresh() => undef);

    like fetch($_, vhost => 'postgres_one')->{body}, qr/^UTF8/, 'a connection'
        for ('/sleep') x 6;
    for my $path (sort keys %to) {
        $server->pause;
        my $start = time;
        my @got = together(4, sub {
            my $r = fetch($path, vhost => 'postgres_one');
            return "$r->{status} $r->{body}";
        });
        $server->resume;
        cmp_ok time - $start, '<', 20, "a silent server: $path";
        is scalar(grep { $_->[0] =~ /^503/ } @got), 4, '... nobody has an answer'
            or diag explain \@got;
        ok scalar(grep { /took too long \($to{$path}\)/ } map { @$_ } @got),
            "... that is $to{$path}" or diag explain \@got if $to{$path};
        my $good = 0;
        for (1 .. 100) {
            $good = fetch('/sleep', vhost => 'postgres_one')->{status} == 200
                ? $good + 1 : 0;
            last if $good == 8;
            sleep 0.1 unless $good;
        }
        is $good, 8, '... afterwards all is well';
    }
    ok log_wait($mark, qr/HBR0330: .*took longer than BridgeDBTimeout/),
        'logged';
}

sub no_connection_left {
    my @got = map { split ' ', $_->[0] } together(6, sub {
        my $start = time;
        my $r = fetch('/sleep?seconds=0.8', vhost => 'postgres_one');
        return sprintf '%d:%.2f:%d', $r->{status}, time - $start,
            $r->{body} =~ /BridgeDBWait, BridgeDBMax/ ? 1 : 0;
    });
    my @busy = grep { /^503/ } @got;

    ok !(grep { !/^(?:200|503)/ } @got), 'each was answered' or diag "@got";
    ok scalar(grep { /^200/ } @got), 'one at least had the connection';
    if (mpm() eq 'prefork') {
        is @busy, 0, 'a process of its own waits for nobody';
    } else {
        ok @busy > 0, 'others gave up waiting';
        ok !(grep { (split /:/)[1] > 8 } @busy), 'in time' or diag "@busy";
        ok !(grep { !/:1$/ } @busy), 'and were told what bounds it';
    }
    is fetch('/sleep', vhost => 'postgres_one')->{status}, 200, 'afterwards';
}

# ---- what changes under it ----------------------------------------------------

sub schema_change {
    my $mark = log_mark();

    # "cached plan must not change result type"
    for my $type ('TEXT', 'BIGINT') {
        $server->sql("ALTER TABLE probe ALTER COLUMN n TYPE $type "
            . "USING n::$type") if $type eq 'BIGINT';
        $server->sql('ALTER TABLE probe DROP CONSTRAINT probe_n_check, '
            . 'ALTER COLUMN n TYPE TEXT') if $type eq 'TEXT';
        my @got = map { probe('postgres', "get&id=1")->{status} } 1 .. 12;
        is "@got", join(' ', (200) x 12), "n is $type: selects go on";
    }
    my @added = map { probe('postgres', 'add&id=' . fresh())->{status} }
        1 .. 12;
    is "@added", join(' ', (200) x 12), 'inserts do, too';
    ok log_wait($mark, qr/HBR0206/), 'prepared anew';

    # In a transaction it is too late; those that follow are well. Each
    # connection is stale once.
    $server->sql('ALTER TABLE probe ALTER COLUMN id TYPE INTEGER');
    my ($good, $tries) = (0, 0);
    while ($good < 16 && $tries++ < 60) {
        my $r = probe('postgres', 'transact&id=' . fresh());
        $good = $r->{status} == 200 ? $good + 1 : 0;
        is $r->{status}, 503, 'a stale statement in a transaction'
            unless $good;
    }
    is $good, 16, 'and transactions go on';
    cmp_ok $tries, '>', 16, 'some were stale';
}

# The connections die while they lie in the pool: nobody notices.
sub killed_between {
    my $id = fresh();

    $next += 100;
    for my $round (0 .. 2) {
        my $mark = log_mark();
        $server->sql('SELECT pg_terminate_backend(pid) FROM pg_stat_activity '
            . 'WHERE pid <> pg_backend_pid() AND backend_type LIKE '
            . q{'client%'});
        my @got = map { probe('postgres', 'add&id=' . ($id + 20 * $round + $_))
            ->{status} } 0 .. 15;
        is "@got", join(' ', (200) x 16), 'inserts after the sessions ended';
        ok log_wait($mark, qr/HBR0336/), 'logged';
    }
    is rows_from('postgres', $id), 48, 'each was done once';
    like fetch('/sleep', vhost => 'postgres_one')->{body}, qr/^UTF8 hex 1500ms/,
        'settings are made again';
}

# A SELECT can be run again; a change that may have been made cannot.
sub dies_under_it {
    for ([read => 2], [change => 1]) {
        my ($as, $tries) = @$_;
        my $before = $server->sql(q{SELECT nextval('tries')});
        my $mark = log_mark();
        my $r = fetch("/die?as=$as", vhost => 'postgres_one');
        is $r->{status}, 503, "its server process ends under a $as";
        is $r->{headers}{'retry-after'}, 5, 'Retry-After';
        is $server->sql(q{SELECT nextval('tries')}) - $before - 1, $tries,
            "a $as is run so often";
        ok log_wait($mark, qr/HBR0204: sql_die: statement "die" failed/),
            'logged';
        is fetch('/sleep', vhost => 'postgres_one')->{body},
            "UTF8 hex 1500ms\n", 'later ones are well' for 1 .. 4;
    }
}

# Clients write and read while the server is restarted: what was answered with
# 200 is there, what was not may be, and nothing is there twice or wrong.
sub restarted {
    my $id = fresh();

    $next += 100_000;
    my @pipes = load($id, 6, 4);
    sleep 0.8;
    $server->restart;
    sleep 0.5;
    $server->restart('QUIT');
    my @lines = map { my $pipe = $_; map { chomp; $_ } <$pipe> } @pipes;

    my %status;
    $status{ (split ' ')[1] }++ for @lines;
    diag join ', ', map { "$status{$_} times $_" } sort keys %status
        if $ENV{TEST_VERBOSE};
    is join(' ', grep { !/^(?:200|503)$/ } sort keys %status), '',
        'statuses are 200 and 503';
    ok $status{200} > 20, 'most is done';
    ok !(grep { /wrong/ } @lines), 'no wrong answer';

    my %there = map { $_ => 1 } split /\n/,
        $server->sql("SELECT id FROM probe WHERE id >= $id");
    my @added  = map { (split ' ')[2] } grep { /^add 200/ } @lines;
    my @failed = map { (split ' ')[2] } grep { /^add 503/ } @lines;
    my @lost   = grep { !$there{$_} } @added;
    is "@lost", '', 'what was done is there';
    my %known = map { $_ => 1 } @added, @failed;
    is join(' ', grep { !$known{$_} } keys %there), '', 'and nothing else';

    my @after = map { probe('postgres', 'count')->{status} } 1 .. 40;
    is "@after", join(' ', (200) x 40), 'then all is well';
    my $crash = grep { /child pid \d+ exit signal/ } log_since(0);
    is $crash, 0, 'no child died';
}

# Clients that add a row and read it, for some seconds: "add 200 17".
sub load {
    my ($id, $clients, $seconds) = @_;
    my @pipes;

    for my $client (0 .. $clients - 1) {
        my $pid = open my $pipe, '-|';
        defined $pid or die "fork: $!";
        if ($pid) {
            push @pipes, $pipe;
            next;
        }
        my ($end, $row) = (time + $seconds, $id + 10_000 * $client);
        my @lines;
        while (time < $end) {
            my $add = probe('postgres', "add&id=$row");
            my $get = probe('postgres', "get&id=$row");
            push @lines, "add $add->{status} $row", "get " . ($get->{status}
                == 404 && $add->{status} != 200 ? 200 : $get->{status});
            push @lines, 'get wrong' if $get->{status} == 200
                && $get->{body} !~ /^t=NULL\nn=0\nr=0 NULL\nb=NULL\nyes=0\n\z/;
            $row++;
        }
        { local $| = 1; print map { "$_\n" } @lines; }
        POSIX::_exit(0);
    }
    return @pipes;
}

sub directives {
    for (['BridgeDBTimeout -1' => qr/BridgeDBTimeout takes a number from 0 to/],
         ['BridgeDBTimeout 5s' => qr/BridgeDBTimeout .* not "5s"/]) {
        my ($line, $words) = @$_;
        my ($exit, $text) = httpd_t("$line\n");
        ok $exit != 0, "$line is refused";
        like $text, $words, 'with these words';
    }
    my ($exit, $text) = httpd_t("BridgeDBTimeout 0\n");
    is $exit, 0, 'what is right is taken' or diag $text;
}
