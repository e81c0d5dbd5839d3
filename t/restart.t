# What was counted stays over graceful restarts with another configuration:
# modules that come and go, BridgeMetrics and BridgeMetricsHandlers changed. On
# a server of its own.
use strict;
use warnings FATAL => 'all';

use Apache::Test ();
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use JSON::PP qw(decode_json);
use Test::More;
use Time::HiRes qw(sleep time);

use HandlerBridge::Httpd;
use HandlerBridge::Test;

my $so      = $ENV{HBR_SO} || Apache::Test::vars('top_dir')
    . '/build/test/mod_handlerbridge.so';
my $libexec = HandlerBridge::Httpd::query('LIBEXECDIR');
my $run     = tempdir('hbr-restart.XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $httpd;

chmod 0755, $run or die "$run: $!";
moved();
done_testing;

END {
    my $status = $?;
    $httpd->stop if $httpd;
    $? = $status;
}

sub load {
    return join '', map { "LoadModule ${_}_module $libexec/mod_$_.so\n" } @_;
}

# Some modules, ours, and lines of configuration.
sub conf {
    my ($modules, $more) = @_;
    return load(@$modules) . "LoadModule handlerbridge_module $so\n"
        . ($more // '') . <<'END';
<Location /count>
    SetHandler metrics_count
</Location>
<Location /bridge-status>
    SetHandler bridge-status
</Location>
END
}

sub start {
    $httpd = HandlerBridge::Httpd->start($run, mpm(), conf(@_));
}

sub graceful {
    $httpd->write_conf(mpm(), conf(@_));
    my $before = $httpd->log_count('resuming normal operations');
    $httpd->command('graceful') or die $httpd->said;
    my $end = time + 20;
    sleep 0.05
        until $httpd->log_count('resuming normal operations') > $before
        || time > $end;
    is($httpd->log_count('resuming normal operations'), $before + 1,
        'restarted');
}

sub stop {
    $httpd->stop;
    undef $httpd;
}

sub ask {
    my ($path, @curl) = @_;
    return HandlerBridge::Test::run_curl('GET',
        qw(curl --silent --show-error --include --noproxy * --max-time 30),
        @curl, 'http://127.0.0.1:' . $httpd->port . $path);
}

sub status { return decode_json(ask('/bridge-status?format=json')->{body}) }

sub counted {
    my ($name) = @_;
    my ($of) = grep { $_->{name} eq $name } @{ status()->{handlers} };
    return $of;
}

# Ours is loaded to another place of the parent's memory, and the one where it
# was is taken by others, or nobody's.
sub moved {
    start([]);
    ask('/count') for 1 .. 3;
    graceful([qw(lua dav dav_fs md session)]);
    ask('/count') for 1 .. 2;
    is(counted('metrics_count')->{requests}, 5, 'behind other modules');
    graceful([]);
    ask('/count');
    is(counted('metrics_count')->{requests}, 6, 'and without them again');
    stop();
}
