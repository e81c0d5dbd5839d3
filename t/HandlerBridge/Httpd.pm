# An httpd of a long test's own, in a directory of its own, and what its parent
# process holds.
#
#   my $httpd = HandlerBridge::Httpd->start($dir, $mpm, $conf);
#   $httpd->command('graceful') or die $httpd->said;
#   $httpd->port, ->parent, ->children, ->measure, ->log
#   $httpd->stop;
#
# $dir is there, and httpd's user can enter it; $conf is what httpd.conf has
# besides the MPM and the least that httpd needs. More for start: program => FILE,
# another httpd; first => 'ulimit -v 1000000', what its shell does before.
# HBR_HTTPD in the environment is the program otherwise, when it is not apxs' own.
package HandlerBridge::Httpd;

use strict;
use warnings FATAL => 'all';

use Time::HiRes qw(sleep time);

use HandlerBridge::Test qw(slurp);

use constant { PORTS => [8300 .. 8340], SECONDS => 60 };

sub query {
    my ($what) = @_;
    chomp(my $text = `apxs -q $what`);
    return $text;
}

# On the first port that is free.
sub start {
    my ($class, $dir, $mpm, $conf, %o) = @_;
    my $self = bless { dir => $dir, %o }, $class;

    $self->{program} ||= $ENV{HBR_HTTPD}
        || query('SBINDIR') . '/' . query('PROGNAME');
    $self->{first} ||= ':';

    for (@{ +PORTS }) {
        $self->{port} = $_;
        $self->write_conf($mpm, $conf);
        return $self->wait_for_parent if $self->command('start');
    }
    die $self->said;
}

sub port   { return $_[0]{port} }
sub parent { return $_[0]{parent} }
sub said   { return slurp("$_[0]{dir}/said") // '' }
sub log    { return split /^/, slurp("$_[0]{dir}/error.log") // '' }

sub write_conf {
    my ($self, $mpm, $conf) = @_;
    my $libexec = query('LIBEXECDIR');
    my $user = $> == 0 ? "User nobody\nGroup nogroup\n" : '';

    open my $fh, '>', "$self->{dir}/httpd.conf" or die "httpd.conf: $!";
    print $fh <<"END";
ServerRoot $self->{dir}
ServerName localhost
Listen 127.0.0.1:$self->{port}
PidFile $self->{dir}/httpd.pid
ErrorLog $self->{dir}/error.log
LogLevel info
LoadModule mpm_${mpm}_module $libexec/mod_mpm_$mpm.so
LoadModule authz_core_module $libexec/mod_authz_core.so
$user
$conf
END
    close $fh or die "httpd.conf: $!";
}

# As `httpd -k COMMAND`; false when httpd does not like it.
sub command {
    my ($self, $command) = @_;
    return system("$self->{first}; '$self->{program}' -f"
        . " '$self->{dir}/httpd.conf' -k $command"
        . " > '$self->{dir}/said' 2>&1") == 0;
}

sub wait_for_parent {
    my ($self) = @_;
    my $end = time + SECONDS;

    while (!-s "$self->{dir}/httpd.pid") {
        die "httpd does not start\n", $self->log
            if time > $end || $self->log_count('Configuration Failed, exiting');
        sleep 0.05;
    }
    $self->{parent} = $self->pid_file;
    return $self;
}

sub pid_file { return 0 + slurp("$_[0]{dir}/httpd.pid") }

sub stop {
    my ($self) = @_;
    my $end = time + SECONDS;

    kill 'TERM', $self->{parent};
    while (kill 0, $self->{parent}) {
        die "httpd does not stop\n", $self->log if time > $end;
        sleep 0.05;
    }
}

sub log_count {
    my ($self, $pattern) = @_;
    return scalar grep { /$pattern/ } $self->log;
}

# The lines that an operator would have to look at, and all of the bridge's.
sub log_grave {
    my ($self) = @_;
    return grep { /:(?:warn|error|crit|alert|emerg)\]|exit signal|HBR\d/ }
        $self->log;
}

sub children {
    my ($self) = @_;
    return split ' ',
        slurp("/proc/$self->{parent}/task/$self->{parent}/children");
}

# What of the parent may not grow: kB of memory that is its own, how many
# mappings, its open files without their numbers; and the .so files that are
# mapped though they have been replaced.
sub measure {
    my ($self) = @_;
    my $proc   = "/proc/$self->{parent}";
    my ($anon) = slurp("$proc/status") =~ /^RssAnon:\s*(\d+) kB/m;
    my @maps   = split /^/, slurp("$proc/maps");
    my @open   = map { (readlink($_) // '') =~ s/\d+//gr } glob "$proc/fd/*";

    return { memory => $anon, mappings => scalar @maps,
             open => join(' ', sort @open),
             gone => join('', grep { m{\.so\S* \(deleted\)} } @maps) };
}

1;
