# An httpd with the shared cache, in a folder of its own, and what is asked of
# t/handlers/cache.c there.
package HandlerBridge::CacheServer;

use strict;
use warnings FATAL => 'all';

use Digest::SHA qw(sha256_hex);
use Exporter qw(import);
use File::Temp ();
use HTTP::Tiny ();
use POSIX ();
use Time::HiRes qw(sleep time);

use Apache::Test ();

use HandlerBridge::Httpd ();
use HandlerBridge::Test;

our @EXPORT = qw($httpd apart_as_root ask bytes folder module_lines start start_log together
    took until_answers value);

use constant {
    PATIENT => 10,    # BridgeCacheTimeout of a server that may be slow
    WAIT    => 12,    # BridgeCacheWait
};

our $httpd;    # the last that start() gave
my $dir;
my @blocks = map { my $more = $_;
    join '', map { chr(($_ * 31 + $more) & 255) } 0 .. 255 } 0 .. 255;

sub module_lines {
    my $vars = Apache::Test::vars();
    my @lines = grep { /handlerbridge_module|socache_shmcb|mod_watchdog/ }
        map { split /^/, slurp($_) // '' }
        "$vars->{t_conf}/modules.conf", "$vars->{t_conf}/httpd.conf";
    my %seen;
    return join '', grep { !$seen{$_}++ && /^\s*LoadModule/ } @lines;
}

# A file of this run's that httpd's children can enter.
sub folder {
    my $folder = File::Temp->newdir(DIR => Apache::Test::vars('t_logs'));
    chmod 0777, $folder or die "$folder: $!";
    return $folder;
}

sub conf {
    my ($cache, $modules, $timeout) = @_;
    my $threads = mpm() eq 'prefork'
        ? "StartServers 8\nMinSpareServers 8\nMaxRequestWorkers 24\n"
        : "StartServers 2\nThreadsPerChild 12\nMinSpareThreads 12\n"
        . "MaxSpareThreads 36\nMaxRequestWorkers 36\n";

    return $modules . $threads . $cache . <<"END";
BridgeCacheTimeout @{[ ($timeout // PATIENT) * 1000 ]}
BridgeCacheWait @{[ WAIT * 1000 ]}
NameVirtualHost_PLACE
END
}

# Starts one, with lines that say which cache, and modules other than its own;
# timeout: BridgeCacheTimeout in seconds; the others are HandlerBridge::Httpd's.
sub start {
    my ($cache, $modules, %o) = @_;
    my $hosts = '';

    for my $name (qw(one two three)) {
        my $space = $name eq 'three' ? 'BridgeCacheSpace shared' : '';
        my $other = $name eq 'one' ? 'BridgeCacheSpace shared' : '';
        $hosts .= <<"END";
<VirtualHost *:*>
    ServerName $name.example
    $space
    <Location /cache>
        SetHandler cache
    </Location>
    <Location /other>
        SetHandler cache_other
    </Location>
    <Location /small>
        SetHandler cache
        BridgeLimitCacheValue 1000
    </Location>
    <Location /wait>
        SetHandler cache
        BridgeCacheWait 300
    </Location>
    <Location /late>
        SetHandler cache
        BridgeDeadline 100
    </Location>
</VirtualHost>
END
    }
    $dir = File::Temp->newdir(DIR => Apache::Test::vars('t_logs'));
    chmod 0755, $dir;
    return $httpd = HandlerBridge::Httpd->start("$dir", mpm(),
        conf($cache, $modules // module_lines(), $o{timeout})
            =~ s/NameVirtualHost_PLACE\n/$hosts/r, %o);
}

# What the last one wrote, if it started or not.
sub start_log { return slurp("$dir/error.log") }

sub ask {
    my ($path, $host) = @_;
    my $name = ($host // 'one') . '.example:' . $httpd->port;
    my $r = HTTP::Tiny->new(timeout => 30)->get("http://$name$path",
        { peer => '127.0.0.1' });

    return $r->{success} ? $r->{content} =~ s/\n\z//r
        : "$r->{status} $r->{content}";
}

# As many as is said: 256 of them, then the same with one added to each.
sub bytes {
    my ($length, $seed) = @_;
    my $bytes = join '', map { $blocks[($seed + $_) & 255] } 0 .. $length >> 8;
    return substr $bytes, 0, $length;
}

sub value { return "ok\n$_[0] " . sha256_hex(bytes(@_)) }

# So many at once, as the function says for each; their answers.
sub together {
    my ($count, $function) = @_;
    my @readers;

    for my $i (1 .. $count) {
        my $pid = open my $out, '-|';
        defined $pid or die "fork: $!";
        if (!$pid) {
            print $function->($i);
            close STDOUT;
            POSIX::_exit(0);
        }
        push @readers, $out;
    }
    return map { my $all = do { local $/; <$_> }; close $_; $all } @readers;
}

# The seconds that a function took.
sub took {
    my $start = time;
    $_[0]->();
    return time - $start;
}

sub until_answers {
    for (1 .. 50) {
        return if ask('/cache/get') !~ /\A5/;
        sleep 0.2;
    }
}

# httpd, in name spaces of its own, which are root's to make: what is done there
# is seen by nobody else.
sub apart_as_root {
    my ($spaces, $first) = @_;
    my $folder = folder();
    my $program = Apache::Test::vars('httpd');

    return if $> != 0 || system("unshare $spaces true 2>/dev/null") != 0;
    open my $fh, '>', "$folder/httpd" or die "$folder: $!";
    print $fh "#!/bin/sh\nexec unshare $spaces sh -c '$first; "
        . "exec \"\$0\" \"\$@\"' $program \"\$@\"\n";
    close $fh or die "$folder: $!";
    chmod 0755, "$folder/httpd";
    return $folder;
}

1;
