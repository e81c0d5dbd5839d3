# SQL against a real httpd: mod_dbd's connections are borrowed for a statement
# and shared fairly, and what goes wrong with one handler or one database stays
# there and passes.
use strict;
use warnings FATAL => 'all';

use Apache::Test ();
use File::Path qw(make_path);
use Test::More;
use Time::HiRes qw(sleep time);

use HandlerBridge::Test;

my $LARGE = 8_000_000;    # more than a socket's buffers take
my $state = Apache::Test::vars('serverroot') . '/state/database';

my %databases = (main => "$state/main.db", one => "$state/one.db",
                 away => "$state/there/away.db");

make_databases();
wait_for_httpd();
values_and_injection();
no_waiting_in_the_mutex();
bad_statement_is_alone();
schema_change();
one_connection();
slow_client_holds_none();
away_and_back();
no_database();
directives();
done_testing;

sub sql {
    my ($database, $text) = @_;

    return system('sqlite3', '-cmd', '.timeout 5000', $databases{$database},
                  $text) == 0;
}

# httpd's children are not always the user who runs this.
sub make_databases {
    make_path("$state/there");
    chmod 0777, $state, "$state/there" or die "$state: $!";
    for my $name (sort keys %databases) {
        ok sql($name, <<'END'), "$name is made";
DROP TABLE IF EXISTS notes; DROP TABLE IF EXISTS users;
CREATE TABLE notes (id INTEGER PRIMARY KEY, note);
CREATE TABLE users (name, password);
INSERT INTO users VALUES ('ann', '{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=');
END
        chmod 0666, $databases{$name} or die "$databases{$name}: $!";
    }
}

# It started before there were databases; each child finds out by itself.
sub wait_for_httpd {
    ok scalar(grep { /HBR0209: |HBR0203: database_bad: / } log_since(0)),
        'each child tries the statements when it starts';
    for my $vhost (qw(database database_one database_away)) {
        my $good = 0;
        for (1 .. 200) {
            my $r = fetch('/probe', vhost => $vhost);
            $good = $r->{status} == 200 ? $good + 1 : 0;
            last if $good == 20;
            sleep 0.05 unless $good;
        }
        is $good, 20, "$vhost recovers from a database that came late";
    }
}

sub escape {
    my $text = shift;
    $text =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ge;
    return $text;
}

sub values_and_injection {
    my @notes = ("plain", "it's", "'); DROP TABLE notes; --", "%s %d", "a?b",
                 "\xc3\xa4", '" OR 1=1');

    each_note($_) for @notes;
    is fetch('/probe', vhost => 'database')->{body}, join('', map { "$_\n" }
        @notes), 'all notes are as they were';
    is fetch('/probe?do=put', vhost => 'database')->{body}, "1\n", 'NULL';
    like fetch('/probe', vhost => 'database')->{body}, qr/^\(null\)\n\z/m,
        'NULL comes back';
}

sub each_note {
    my $note = shift;
    is fetch('/probe?do=put&note=' . escape($note), vhost => 'database')
        ->{body}, "1\n", "put $note";
}

# All connections of a child share it.
sub no_waiting_in_the_mutex {
    is fetch('/probe?do=wait', vhost => 'database')->{body}, "0\n",
        "SQLite's own waiting for a lock is off";
}

sub login {
    my ($password, %o) = @_;
    return fetch('/private', curl => ['--user', "ann:$password"], %o);
}

sub bad_statement_is_alone {
    my $mark = log_mark();
    my $r = fetch('/bad', vhost => 'database');

    is $r->{status}, 503, 'a handler with a bad statement';
    is $r->{headers}{'retry-after'}, 5, 'Retry-After';
    like $r->{body}, qr/The database is not available\./, 'a sentence';
    unlike $r->{body}, qr/nowhere/, 'the driver speaks to the log only';
    my $line = log_wait($mark, qr/HBR0203/);
    like $line, qr/database_bad: statement "never" cannot be prepared: no such table: nowhere/,
        'handler, statement and driver are in the log';

    for (1 .. 5) {
        is fetch('/bad', vhost => 'database')->{status}, 503, 'still bad';
        is fetch('/probe', vhost => 'database')->{status}, 200, 'others work';
        is login('test', vhost => 'database')->{status}, 200,
            'so does mod_authn_dbd';
        is login('wrong', vhost => 'database')->{status}, 401, 'and looks';
    }
}

# Every prepared statement of every child is stale after it.
sub schema_change {
    for my $column (1 .. 3) {
        ok sql('main', "ALTER TABLE notes ADD COLUMN c$column"),
            'schema changed outside';
        my @put = map { fetch('/probe?do=put&note=x', vhost => 'database')
            ->{status} } 1 .. 5;
        is "@put", '200 200 200 200 200', 'inserts go on';
        is fetch('/probe', vhost => 'database')->{status}, 200, 'selects too';
    }
    my $notes = () =
        fetch('/probe', vhost => 'database')->{body} =~ /^x$/mg;
    is $notes, 15, 'each was done once';
}

# Runs requests at the same time; their answers, each with its seconds.
sub together {
    my ($count, $path, %o) = @_;
    my @pipes;

    for (1 .. $count) {
        my $pid = open my $pipe, '-|';
        defined $pid or die "fork: $!";
        if (!$pid) {
            my $start = time;
            my $r = fetch($path, %o);
            printf "%d %.3f %s", $r->{status}, time - $start,
                $r->{body} =~ s/\s+/ /gr;
            close STDOUT;
            require POSIX;
            POSIX::_exit(0);
        }
        push @pipes, $pipe;
    }
    return map {
        my ($status, $seconds, $body) = split / /, readline($_), 3;
        { status => $status, seconds => $seconds, body => $body };
    } @pipes;
}

# So many rows to count that a query takes well over BridgeDBWait here, and the
# seconds it takes.
sub slow_query {
    for (my $rows = 1_000_000; ; $rows *= 2) {
        my $start = time;
        my $r = fetch("/probe?do=slow&n=$rows", vhost => 'database_one');
        my $seconds = time - $start;
        next if $seconds < 0.8 && $r->{status} == 200;
        is $r->{body}, "$rows\n", 'a slow query alone';
        return $rows, $seconds;
    }
}

sub one_connection {
    my $mark = log_mark();
    my $many = mpm() eq 'prefork' ? 3 : 8;
    my ($rows, $alone) = slow_query();

    my @all = together($many, "/probe?do=slow&n=$rows", vhost => 'database_one');
    my @ok   = grep { $_->{status} == 200 } @all;
    my @busy = grep { $_->{status} == 503 } @all;
    is @ok + @busy, $many, 'each was answered';
    ok @ok > 0, 'some had a connection';
    if (mpm() eq 'prefork') {
        is @busy, 0, 'a process of its own waits for nobody';
    } else {
        ok @busy > 0, 'others gave up waiting';
        ok !(grep { $_->{seconds} > 8 * $alone + 10 } @busy), 'in time';
        ok !(grep { $_->{body} !~ /BridgeDBWait, BridgeDBMax/ } @busy),
            'and were told what bounds it';
        like log_wait($mark, qr/HBR0202/),
            qr/BridgeDBWait; BridgeDBMax of them/, 'as is the log';
    }
    is fetch('/probe', vhost => 'database_one')->{status}, 200, 'afterwards';

    # mod_authn_dbd keeps the one connection while the handler runs.
    my @held = map { login('test', vhost => 'database_one',
                           curl => [qw(--user ann:test --max-time 60)])
        ->{status} } 1 .. 5;
    is "@held", '200 200 200 200 200', "a request's own connection is used";
}

# An answer that nobody reads must not keep the connection it came from.
sub slow_client_holds_none {
    my @readers = map {
        my $socket = raw_open('database_one');
        syswrite $socket, "GET /probe?do=large&n=$LARGE HTTP/1.1\r\n"
            . "Host: x\r\nConnection: close\r\n\r\n";
        sysread $socket, my $head, 1000;
        like $head, qr{^HTTP/1.1 200 }, 'a large answer begins';
        $socket;
    } 1 .. 4;

    my @all = map { fetch('/probe', vhost => 'database_one')->{status} }
        1 .. 10;
    is "@all", join(' ', (200) x 10), 'others have the connection meanwhile';
    close $_ for @readers;
}

sub away_and_back {
    for my $round (1 .. 2) {
        rename "$state/there", "$state/elsewhere" or die "rename: $!";
        my $mark = log_mark();
        my $r = fetch('/probe', vhost => 'database_away');
        is $r->{status}, 503, 'the database is away';
        is $r->{headers}{'retry-after'}, 5, 'Retry-After';
        like log_wait($mark, qr/HBR0201/),
            qr/database_probe: the database cannot be reached/, 'logged';
        is fetch('/probe', vhost => 'database_away')->{status}, 503, 'still'
            for 1 .. 8;
        rename "$state/elsewhere", "$state/there" or die "rename: $!";
        is fetch('/probe', vhost => 'database_away')->{status}, 200, 'and back';
    }
    # BridgeDBMax is 3: who fails has to leave room for the next.
    is fetch('/bad', vhost => 'database_away')->{status}, 503, "round $_"
        for 1 .. 10;
    is fetch('/probe', vhost => 'database_away')->{status}, 200, 'room is left';
}

sub no_database {
    my $mark = log_mark();
    my $r = fetch('/probe', vhost => 'database_none');

    is $r->{status}, 500, 'no database is a mistake, not a failure';
    ok !exists $r->{headers}{'retry-after'}, 'waiting does not help';
    like log_wait($mark, qr/HBR0200/), qr/DBDriver is not set/, 'logged';
}

sub directives {
    my @mistakes = (
        ['BridgeDBMax 0'       => qr/BridgeDBMax takes a number from 1 to/],
        ['BridgeDBMax -1'      => qr/BridgeDBMax takes a number from 1 to/],
        ['BridgeDBMax ten'     => qr/BridgeDBMax .* not "ten"/],
        ['BridgeDBMax 5x'      => qr/BridgeDBMax .* not "5x"/],
        ['BridgeDBMax 99999999999999999999' => qr/BridgeDBMax takes/],
        ['BridgeDBWait -1'     => qr/BridgeDBWait takes a number from 0 to/],
        ['BridgeDBWait 5s'     => qr/BridgeDBWait .* not "5s"/],
        ['DBDriver no_such'    => qr/apr_dbd_no_such/],
        ['DBDMax many'         => qr/numeric/],
    );
    for (@mistakes) {
        my ($line, $words) = @$_;
        my ($exit, $text) = httpd_t("$line\n");
        ok $exit != 0, "$line is refused";
        like $text, $words, 'with these words';
        like $text, qr{line 1 of FILE}, 'and its place';
    }
    my ($exit, $text) = httpd_t(
        "BridgeDBMax 5\nBridgeDBWait 0\nDBDriver sqlite3\nDBDMax 7\n");
    is $exit, 0, 'what is right is taken' or diag $text;
}
