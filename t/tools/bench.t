#!/usr/bin/perl
# What bench/run makes of what it measured: medians and their spread, verdicts,
# rounds in which others disturbed; and how it reads answers, callgrind's counts
# and strace's lines.

use strict;
use warnings FATAL => 'all';

use File::Temp qw(tempfile);
use FindBin ();
use Symbol qw(gensym);
use Test::More;

use lib "$FindBin::RealBin/../../bench/lib";
use Bench::Callgrind ();
use Bench::Client ();
use Bench::Cpu ();
use Bench::Load ();
use Bench::Measure ();
use Bench::Report ();

chdir "$FindBin::RealBin/../.." or die "chdir: $!";

statistics();
rounds_that_count();
starts();
verdicts();
answers();
same_answers();
counts();
system_calls();
memory();
lua_strings();
groups();
done_testing;

sub statistics {
    is(Bench::Measure::median(3, 1, 2), 2, 'the median of three');
    is(Bench::Measure::median(4, 1, 3, 2), 2.5, 'the median of four');

    # By a table of the sign test's intervals, 95 %.
    my %reach = (1 => '0 0', 3 => '0 2', 5 => '0 4', 6 => '0 5', 8 => '0 7',
                 9 => '1 7', 15 => '3 11', 20 => '5 14', 30 => '9 20');
    is(join(' ', Bench::Measure::spread($_)), $reach{$_}, "of $_ ratios")
        for sort { $a <=> $b } keys %reach;
    my $result = Bench::Measure::result('x', [ [2, 1], [9, 3], [4, 4] ], 0, 0);
    is($result->{ratio}, 2, 'the median of the ratios, not of the sides');
    is_deeply($result->{spread}, [1, 3], 'all of three');
}

# Bench::Cpu tells who disturbs; here the test does.
sub rounds_that_count {
    no warnings 'redefine';
    my @others;
    my $round = 0;
    local *Bench::Cpu::begin = sub { return {} };
    local *Bench::Cpu::others = sub { return shift @others };
    my $run = sub {
        my ($wanted) = @_;
        $round = 0;
        return Bench::Measure::rounds($wanted, [], sub { [ $round++, 1 ] },
                                      sub { });
    };

    @others = (0, 0.5, 0, 0.11, 0.09);
    my ($kept, $disturbed, $noisy) = $run->(3);
    is_deeply([ map { $_->[0] } @$kept ], [0, 2, 4], 'quiet rounds count');
    is("$disturbed $noisy", '2 0', 'others are thrown away');
    @others = (1) x 6;
    ($kept, $disturbed, $noisy) = $run->(3);
    is(scalar @$kept, 6, 'without quiet ones all count');
    is("$disturbed $noisy", '6 1', 'and it says so');
}

# Servers that count how often they were started anew.
sub starts {
    no warnings 'redefine';
    my ($renewed, $rounds, @prepared) = (0, 0);
    local *Bench::Measure::sides = sub {
        return map { { httpd => Fake->new($_) } } 1, 2;
    };
    local *Bench::Measure::rounds = sub {
        my ($wanted, $pids, $round) = @_;
        $rounds += $wanted;
        return ([ map { $round->() } 1 .. $wanted ], 1, 0);
    };
    my $servers = Fake->new(0, sub { $renewed++ });

    for my $wanted (1, 3, 4, 5, 15) {
        ($renewed, $rounds, @prepared) = (0, 0);
        my $result = Bench::Measure::over_starts(
            $servers, { ours => {}, theirs => {} }, $wanted,
            sub { push @prepared, $_[1] }, sub { 1 }, sub { });
        my $starts = $wanted < 3 ? $wanted : 3;
        is($rounds, $wanted, "$wanted rounds in all");
        is(scalar @{ $result->{rounds} }, $wanted, 'which are kept');
        is($renewed, $starts - 1, "by $starts starts");
        is("@prepared", join(' ', (0, 1) x $starts), 'each side prepared');
        is($result->{disturbed}, $starts, 'disturbed ones are summed up');
    }
}

sub verdicts {
    my @cases = (
        [ 1.05, 1.05, [1, 1.1], 'ok', 'at the bound' ],
        [ 1.05, 1.06, [1, 1.1], 'MISSED', 'above it' ],
        [ 'same', 1.2, [0.99, 1.3], 'ok', 'the spread holds 1' ],
        [ 'same', 1.2, [1.02, 1.3], 'MISSED', 'it lies above' ],
        [ 'same', 0.5, [0.4, 0.6], 'ok', 'it lies below' ],
        [ undef, 9, [9, 9], '', 'no bound' ],
    );
    for (@cases) {
        my ($bound, $ratio, $spread, $verdict, $name) = @$_;
        is(Bench::Report::verdict({ bound => $bound },
                                  { unit => 'seconds of CPU', ratio => $ratio,
                                    spread => $spread }), $verdict, $name);
    }
    my %counted = (unit => 'instructions', spread => [1, 1]);
    is(Bench::Report::verdict({ bound => 1 }, { %counted, ratio => 1.0004 }),
       'ok', 'compared as printed');
    is(Bench::Report::verdict({ bound => 1 }, { %counted, ratio => 1.0006 }),
       'MISSED', 'to the third digit');
    is(Bench::Report::verdict({ bound => 0 }, { unit => 'reads', value => 1 }),
       'MISSED', 'one read() too many');
    is(Bench::Report::grouped($_->[0]), $_->[1], "$_->[0] in groups")
        for [12, '12'], [1234, '1 234'], [1234567, '1 234 567'];
}

sub answers {
    my $head = "HTTP/1.1 200 OK\r\n";
    my @cases = (
        [ 'a length', "Content-Length: 5\r\n\r\nhello", 'hello' ],
        [ 'no bytes', "Content-Length: 0\r\n\r\n", '' ],
        [ 'chunks', "Transfer-Encoding: chunked\r\n\r\n"
              . "3\r\nhel\r\nA\r\nlo\r\n0\r\n\r\nx\r\n0\r\n\r\n",
          "hello\r\n0\r\n\r\nx" ],
    );

    for (@cases) {
        my ($name, $text, $body) = @$_;
        # In pieces of every length.
        for my $step (1 .. 7, 1000) {
            my @pieces = unpack "(a$step)*", $head . $text;
            my $reply = reply_of(@pieces);
            is("$reply->{status} $reply->{body}|$reply->{rest}", "200 $body|",
               "$name, $step at a time");
        }
    }
    is(Bench::Client::head({ path => '/a', method => 'POST', type => 't/t',
                             body => 'xyz', fields => "A: b\r\n" }),
       "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Type: t/t\r\n"
           . "Content-Length: 3\r\nA: b\r\n\r\n", 'a head');
}

# Each piece arrives by itself.
sub reply_of {
    my (@pieces) = @_;

    my $socket = gensym;
    tie *$socket, 'Pieces', @pieces;
    my $reply = Bench::Client::read_reply(bless({}, 'Nobody'), $socket,
                                          { path => '/' });
    # The next reply begins where this one ends.
    $reply->{rest} = join '', @{ tied *$socket };
    return $reply;
}

sub same_answers {
    my $case = { name => 'a case' };
    my @reply = map { { body => $_ } } 'one', 'two';

    ok(eval { Bench::Measure::check_same($case, @reply[0, 0]); 1 }, 'the same');
    ok(!eval { Bench::Measure::check_same($case, @reply); 1 }, 'not the same');
    like($@, qr/a case: the answers differ/, 'it says which');
    ok(eval { Bench::Measure::check_same({ %$case, same => sub { undef } },
                                         @reply); 1 }, 'the case knows better');
    ok(!eval { Bench::Measure::check_same({ %$case, same => sub { 'why' } },
                                          @reply[0, 0]); 1 }, 'or does not');
    like($@, qr/a case: why/, 'and says why');
}

sub counts {
    my $file = written(<<'COUNTS');
ob=/x/mod_handlerbridge.so
fl=bridge/a.c
fn=serve
3 200
cfn=add
calls=10 1
4 300
fn=add
1 300
ob=/lib/libc.so.6
fl=(1)
fn=strlen
2 50
summary: 550
COUNTS
    my $ours = Bench::Callgrind::read_counts($file, 10);
    my @more = Bench::Callgrind::differences(
        $ours, { 'libc.so.6: strlen' => { self => 7 } });

    is($ours->{'bridge: a.c serve'}{self}, 20, 'a function by itself');
    is($ours->{'bridge: a.c serve'}{total}, 50, 'and with what it calls');
    is_deeply(\@more, [ [30, 'bridge: a.c add'], [20, 'bridge: a.c serve'],
                        [-2, 'libc.so.6: strlen'] ], 'the difference');
    is(Bench::Callgrind::total_of(undef, $file), 550, 'the total');
}

sub system_calls {
    my $file = written(<<'CALLS');
12 read(9</tmp/w/file.bin>, "0000"..., 8192) = 8192
12 read(9</tmp/w/other.bin>, "0000"..., 8192) = 8192
12 pread64(9</tmp/w/file.bin>, "0000"..., 8192, 0) = 8192
12 mmap(NULL, 4194304, PROT_READ, MAP_SHARED, 9</tmp/w/file.bin>, 0) = 0x7f
12 sendfile(8<socket:[1]>, 9</tmp/w/file.bin>, [0] => [9], 9) = 9
CALLS
    is_deeply(Bench::Measure::calls_in($file, 'file.bin'),
              { reads => 2, mmap => 1, sendfile => 1 }, 'of that file alone');
    ok(!eval { Bench::Measure::calls_in($file, 'none.bin'); 1 },
       'a file that nobody touched');
}

sub memory {
    my %flat = Bench::Load::growth(10, 12, 10, 11, 30, 11, 10, 9);
    my %grows = Bench::Load::growth(10 .. 17);
    my %one = Bench::Load::growth(7);

    is(sprintf('%.2f', $flat{ratio}), '0.86', 'a peak is no growth');
    is_deeply($flat{spread}, [9 / 11, 30 / 11], 'but is told');
    is(sprintf('%.2f', $grows{ratio}), '1.57', 'growth');
    is($one{ratio}, 1, 'one sample');
}

sub lua_strings {
    is(Bench::Load::lua(undef), 'nil', 'nothing');
    is(Bench::Load::lua(qq(a"b\\c\r\n\xE9 9)), '"a\034b\092c\013\010\233 9"',
       'what Lua would read otherwise');
}

# Each group can be read, and every case has what it needs.
sub groups {
    for my $file (sort glob 'bench/groups/*') {
        my ($name) = $file =~ m{([^/]+)\z};
        open my $fh, '<', $file or die "$file: $!";
        my $group = eval "package T::$name;" . do { local $/; <$fh> };
        is($@, '', "$name can be read");
        my @servers = map { $_->{server} // 'main' }
            map { ($_->{ours} ? @$_{qw(ours theirs)} : $_) }
            @{ $group->{cases} };
        is_deeply([ grep { !$group->{servers}{$_} } @servers ], [],
                  "$name: its servers are there");
        my %seen;
        is_deeply([ grep { $seen{$_}++ } map { $_->{name} }
                    @{ $group->{cases} } ], [], "$name: no case twice");
    }
}

sub written {
    my ($fh, $file) = tempfile(UNLINK => 1);

    print $fh @_;
    close $fh or die "$file: $!";
    return $file;
}

# A handle that gives one piece at a read.
package Pieces;

sub TIEHANDLE { my ($class, @pieces) = @_; return bless [@pieces], $class }

sub READ {
    my ($self, undef, undef, $offset) = @_;
    my $piece = shift @$self // return 0;

    substr($_[1], $offset) = $piece;
    return length $piece;
}

# A server, or all of them.
package Fake;

sub new { my ($class, @self) = @_; return bless [@self], $class }
sub pid { return $_[0][0] }
sub renew { return $_[0][1]->() }

package Nobody;

sub give_up { die "$_[1]\n" }
