# Handlers that declare .cache_for and .vary behind httpd's own caches, mod_cache
# with mod_cache_socache and mod_cache_disk: how often they ran tells who
# answered. RFC 9111; RFC 9110 12.5.5, 13 and 15.4.5.
use strict;
use warnings FATAL => 'all';

use Apache::Test ();
use IO::Socket::INET ();
use Test::More;
use Time::HiRes qw(sleep time);

use HandlerBridge::Server ();
use HandlerBridge::Test;

use constant {
    FRESH => 0.9,    # so long output_brief's answers are
    BRIEF => 2.1,    # and so long no more
};

my $serial   = 0;

for my $cache (qw(socache disk)) {
    print "# $cache\n";
    once($cache);
    protocols_alike($cache);
    varied($cache);
    revalidated($cache, $_) for '', '&weak';
    compressed($cache);
    not_revalidated($cache);
    private($cache);
    not_kept($cache);
    cut($cache);
    ranges($cache);
    herd($cache);
    guarded($cache);
}
headers();
disk_alone();
done_testing;

# A URL that was not asked for before.
sub fresh {
    my ($cache, $path, $query) = @_;
    $serial++;
    return "/$cache/$path?n=$serial-$$" . ($query // '');
}

# How often a handler ran.
sub ran {
    my ($handler) = @_;
    return fetch("/plain/$handler")->{body} =~ /^ran (\d+)/ ? $1 : -1;
}

# Runs a handler's requests; how often it ran for them.
sub ran_for {
    my ($handler, $do) = @_;
    my $before = ran($handler);
    $do->();
    return ran($handler) - $before;
}

sub all_well {
    my ($what, @answers) = @_;
    is(scalar(grep { $_->{status} != 200 } @answers), 0, "$what: all well");
}

sub once {
    my ($cache) = @_;
    my $url = fresh($cache, 'kept');
    my @answers;
    is(ran_for(kept => sub { push @answers, fetch($url) for 1 .. 10 }), 1,
       'ten requests, it ran once');
    all_well('ten', @answers);
    is($answers[9]{body}, $answers[0]{body}, 'and they got the same');
    is($answers[9]{headers}{'cache-control'}, 'max-age=300', 'with its field');
    ok(exists $answers[9]{headers}{age}, 'and an age (RFC 9111 5.1)');
    is(ran_for(kept => sub { fetch($url, method => 'HEAD') }), 0,
       'HEAD is answered by what GET brought');
    is(ran_for(kept => sub { fetch($url . '&more') }), 1,
       'another query is another answer');
    my $silent = fresh($cache, 'silent');
    is(ran_for(silent => sub { fetch($silent) for 1 .. 3 }), 3,
       'without .cache_for nothing is kept');
}

sub protocols_alike {
    my ($cache) = @_;
    each_protocol(sub {
        my $protocol = shift;
        my $url      = fresh($cache, 'kept');
        my @answers;
        is(ran_for(kept => sub {
               push @answers, fetch($url, protocol => $protocol) for 1 .. 3;
           }), 1, "$protocol: once");
        all_well($protocol, @answers);
    });
}

sub varied {
    my ($cache) = @_;
    my $url = fresh($cache, 'varied');
    my %by;
    my $runs = ran_for(varied => sub {
        for my $language (qw(de en fr) x 3) {
            my $r =
                fetch($url, headers => ["Accept-Language: $language"]);
            $by{$language}{ $r->{body} } = 1;
            is($r->{headers}{vary}, 'Accept-Language', 'said');
        }
    });
    is($runs, 3, 'once for each language');
    like(join('', keys %{ $by{$_} }), qr/^ran \d+ $_\n\z/, "$_ is $_")
        for qw(de en fr);
}

# When it is no longer fresh httpd asks with the stored tag (RFC 9111 4.3). A 304
# would cost mod_cache_socache the body, so where it is loaded there is a whole
# new answer.
sub revalidated {
    my ($cache, $weak) = @_;
    my $url   = fresh($cache, 'brief', "&tag=one$weak");
    my $first = fetch($url);
    my $what  = $weak ? 'weak tag' : 'strong tag';
    my ($second, $asked, $third, $kept) = stale_and_fresh($url);
    is($asked, 1, "$what: after max-age it is asked again");
    is($second->{status}, 200, 'the client gets a whole answer');
    like($second->{body}, qr/^ran \d+ -$/, 'which is whole');
    is($kept, 0, 'it is fresh now');
    is($third->{body}, $second->{body}, 'and is what it was');
    is(fetch($url, headers => ["If-None-Match: $first->{headers}{etag}"])
           ->{status}, 304, 'a client who has it gets 304');
}

# Twice when what is stored is stale, the second time before it is so again: the
# answers, and how often the handler ran for each.
sub stale_and_fresh {
    my ($url, @o) = @_;
    my ($second, $third);

    for (1 .. 10) {
        sleep BRIEF;
        my $start = time;
        my $asked = ran_for(brief => sub { $second = fetch($url, @o) });
        my $kept  = ran_for(brief => sub { $third = fetch($url, @o) });
        return ($second, $asked, $third, $kept)
            if time - $start < FRESH || $_ == 10;
    }
}

# mod_deflate gives the stored answer another tag, which comes back.
sub compressed {
    my ($cache) = @_;
    my $url  = fresh($cache, 'brief/small', '&tag=two&pad');
    my @gzip = (headers => ['Accept-Encoding: gzip']);
    my $first = fetch($url, @gzip);
    is($first->{headers}{'content-encoding'}, 'gzip', 'compressed');
    my ($second, $asked, $third, $kept) = stale_and_fresh($url, @gzip);
    is($asked, 1, 'compressed: asked again');
    is($second->{status}, 200, 'a whole answer');
    is($second->{headers}{etag}, $first->{headers}{etag}, 'and its tag');
    is($kept, 0, 'kept');
    is($third->{body}, $second->{body}, 'as it is');
}

# Another tag, or none: a new answer.
sub not_revalidated {
    my ($cache) = @_;
    my $url   = fresh($cache, 'brief');
    my $first = fetch($url);
    sleep BRIEF;
    my $second = fetch($url);
    isnt($second->{body}, $first->{body}, 'without a tag it is made anew');
}

sub private {
    my ($cache) = @_;
    my %ask = (
        'Authorization' => ['kept', '', headers => ['Authorization: Bearer x']],
        'Set-Cookie'    => ['kept', '&set'],
        'a cookie was asked for' => ['kept', '&ask'],
        'a user' => ['kept/private', '', curl => ['--user', 'ann:secret']],
    );
    for my $what (sort keys %ask) {
        my ($path, $query, @o) = @{ $ask{$what} };
        my $url = fresh($cache, $path, $query);
        my @answers;
        is(ran_for(kept => sub { push @answers, fetch($url, @o) for 1 .. 2 }),
           2, "$what: not stored");
        all_well($what, @answers);
        is($answers[0]{headers}{'cache-control'}, 'private, max-age=300',
           'but by the client');
    }
}

sub not_kept {
    my ($cache) = @_;
    for my $status (404, 410, 500) {
        my $url = fresh($cache, 'kept', "&status=$status");
        my @answers;
        is(ran_for(kept => sub { push @answers, fetch($url) for 1 .. 2 }), 2,
           "$status is not kept");
        is($answers[1]{headers}{'cache-control'}, undef, 'and says nothing');
    }
}

# An answer that was cut is no answer.
sub cut {
    my ($cache) = @_;
    my $url = fresh($cache, 'kept', '&cut');
    my $last;
    is(ran_for(kept => sub { $last = fetch($url) for 1 .. 3 }), 3,
       'what was cut is not kept');
    ok($last->{exit}, 'and the client can tell');
}

# Of what is stored httpd makes the ranges.
sub ranges {
    my ($cache) = @_;
    my $url  = fresh($cache, 'kept', '&tag=three');
    my @part = (headers => ['Range: bytes=0-2']);
    my $r    = fetch($url, @part);
    is("$r->{status} $r->{body}", '206 ran', 'a part first');
    fetch($url);
    is(ran_for(kept => sub { $r = fetch($url, @part) }), 0,
       'a part of what is stored');
    is("$r->{status} $r->{body}", '206 ran', 'is that part');
    like($r->{headers}{'content-range'}, qr{^bytes 0-2/\d+$}, 'and says so');
}

# CacheLock: one asks, the others get what was stored (RFC 9111 4.2.4).
sub herd {
    my ($cache) = @_;
    my $url   = fresh($cache, 'brief', '&ms=2500');
    my $first = fetch($url);
    sleep BRIEF;
    my @bodies;
    my $runs = ran_for(brief => sub { @bodies = together(6, $url) });
    is($runs, 1, 'six at once, it ran once');
    is(scalar(grep { /^200 ran \d+ / } @bodies), 6, 'all have an answer');
    is(scalar(grep { $_ eq "200 $first->{body}" } @bodies), 5,
       'five the stored one');
}

sub together {
    my ($count, $url) = @_;
    my @readers;
    for (1 .. $count) {
        my $pid = open my $out, '-|';
        defined $pid or die "fork: $!";
        if (!$pid) {
            my $r = fetch($url);
            print "$r->{status} $r->{body}";
            close STDOUT;
            require POSIX;
            POSIX::_exit(0);
        }
        push @readers, $out;
        sleep 0.05;
    }
    return map { my $line = readline $_; $line // '' } @readers;
}

# CacheQuickHandler On answers before access is checked; Off does not.
sub guarded {
    my ($cache) = @_;
    my @word = (headers => ['X-Word: friend']);
    my $url  = fresh($cache, 'kept/guarded');
    is(fetch($url)->{status}, 403, 'guarded');
    is(fetch($url, @word)->{status}, 200, 'with the word');
    is(fetch($url)->{status}, 200, 'On: what is stored is for everybody');

    my @there = (vhost => 'output_guarded');
    $url = fresh($cache, 'kept/guarded');
    is(fetch($url, @there)->{status}, 403, 'guarded there, too');
    is(fetch($url, @there, @word)->{status}, 200, 'with the word');
    is(ran_for(kept => sub {
           is(fetch($url, @there, @word)->{status}, 200, 'and again');
       }), 0, 'out of the cache');
    is(fetch($url, @there)->{status}, 403, 'Off: still guarded');
}

# What stands in the answer with no cache in between.
sub headers {
    each_protocol(sub {
        my $protocol = shift;
        my $r = fetch('/plain/varied', protocol => $protocol);
        is($r->{headers}{'cache-control'}, 'max-age=300', $protocol);
        is($r->{headers}{vary}, 'Accept-Language', 'and what it varies by');
        is($r->{headers}{expires}, undef, 'no Expires');
        $r = fetch('/plain/silent', protocol => $protocol);
        is($r->{headers}{'cache-control'}, undef, 'and one that is silent');
    });
}

# A server without mod_cache_socache: after max-age the bridge says 304, and what
# mod_cache_disk has stored is fresh again (RFC 9111 4.3.4).
sub disk_alone {
    my $vars    = Apache::Test::vars();
    my $state   = "$vars->{serverroot}/state/cache/alone";
    my $modules = slurp("$vars->{t_conf}/modules.conf");
    $modules =~ s/^.*cache_socache.*\n//m;
    $modules =~ s/^.*outside.*\n//mg;
    mkdir $_, 0777 and chmod 0777, $_ for $state, "$state/cache";
    my $port = HandlerBridge::Server::free_port();
    open my $conf, '>', "$state/conf" or die "$state/conf: $!";
    print $conf $modules, <<"END";
ServerName localhost
Listen 127.0.0.1:$port
User $vars->{user}
Group $vars->{group}
DefaultRuntimeDir "$state"
PidFile "$state/pid"
ErrorLog "$state/log"
TypesConfig "/dev/null"
CacheRoot "$state/cache"
CacheEnable disk /disk
<LocationMatch "^/(disk|plain)/brief">
    SetHandler output_brief
</LocationMatch>
<Location /disk/brief/small>
    SetOutputFilter DEFLATE
</Location>
END
    close $conf;
    is(system($vars->{httpd}, '-d', $vars->{serverroot}, '-f', "$state/conf"),
       0, 'a server with mod_cache_disk alone');
    for (1 .. 600) {
        last if IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port");
        sleep 0.1;
    }
    my $ask = sub {
        my ($path, @headers) = @_;
        return fetch($path, headers => \@headers,
                     curl => ['--connect-to', "::127.0.0.1:$port"]);
    };
    made_fresh($ask, '/disk/brief?tag=one', 'strong tag');
    made_fresh($ask, '/disk/brief?tag=one&weak', 'weak tag');
    made_fresh($ask, '/disk/brief/small?tag=two&pad', 'compressed',
               'Accept-Encoding: gzip');
    kill 'TERM', slurp("$state/pid") =~ /(\d+)/;
}

sub made_fresh {
    my ($ask, $url, $what, @headers) = @_;
    my $runs  = sub { $ask->('/plain/brief')->{body} =~ /^ran (\d+)/ ? $1 : -1 };
    my $first = $ask->($url, @headers);
    is($first->{status}, 200, $what);
    my ($second, $again, $third, $more);
    for (1 .. 10) {
        sleep BRIEF;
        my $before = $runs->();
        my $start  = time;
        $second = $ask->($url, @headers);
        $again  = $runs->() - $before;
        $third  = $ask->($url, @headers);
        $more   = $runs->() - $before;
        last if time - $start < FRESH;
    }
    is($again, 1, 'after max-age it ran again');
    is($second->{status}, 200, 'the client gets a whole answer');
    is($second->{body}, $first->{body}, 'the stored one: it was a 304');
    is($second->{headers}{etag}, $first->{headers}{etag}, 'under its tag');
    is($more, 1, 'which made it fresh');
    is($third->{body}, $first->{body}, 'and is what it was');
}
