# An httpd of a measurement's own: one process, in a directory below TMPDIR and
# on a free port, both gone when the program ends; and what is built for it.
#
#   my $httpd = Bench::Httpd->start(mpm => 'worker', conf => "...",
#                                   modules => ['name_module /its/file.so']);
#   my $socket = $httpd->connect;
#   $httpd->stop;
#
# What cannot be done ends the program with a sentence, and where httpd is the
# cause with its log.
package Bench::Httpd;

use strict;
use warnings FATAL => 'all';

use Cwd qw(abs_path);
use File::Basename qw(basename);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use IO::Socket::INET ();
use POSIX qw(WNOHANG);
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(sleep time);

use constant { START_SECONDS => 120, STOP_SECONDS => 30 };

my %running;

END {
    my $status = $?;
    $_->stop for values %running;
    $? = $status;
}

# ---- what it needs ----------------------------------------------------------

# need_tools(tool => Debian package, ...)
sub need_tools {
    my (%package) = @_;

    for my $tool (sort keys %package) {
        next if $tool eq 'apxs' && $ENV{APXS};
        next if grep { -x "$_/$tool" } split /:/, $ENV{PATH};
        die "$0: $tool is not installed",
            " (on Debian: apt-get install $package{$tool})\n";
    }
}

sub apxs {
    my ($name) = @_;

    chomp(my $value = `\${APXS:-apxs} -q $name`);
    $? == 0 && length $value or die "apxs -q $name failed\n";
    return $value;
}

# Compiles a module of one file with the bridge's own compiler and flags, as
# apxs.mk keeps them; beside it may lie a NAME.pc, as with handlers: one line of
# pkg-config names. Returns the file to load.
sub build_module {
    my ($build, $source) = @_;
    my $name = basename($source, '.c');
    my $out = "$build/bench";
    my $flags = "$build/flags.txt";

    open my $fh, '<', $flags or die "$flags: $!\n";
    chomp(my ($cc, $base, $link, $cflags, $ldflags, $module) = <$fh>);
    defined $module or die "$flags is not as apxs.mk writes it\n";
    make_path($out);
    my $libraries = libraries($source =~ s/\.c\z/.pc/r);
    my $command = "$cc $base $module $cflags -shared $link "
        . "-o '$out/$name.new' $source $ldflags $libraries";
    system($command) == 0 or die "this failed: $command\n";
    rename "$out/$name.new", "$out/$name.so" or die "rename: $!\n";
    return abs_path("$out/$name.so");
}

sub libraries {
    my ($file) = @_;

    open my $fh, '<', $file or return '';
    chomp(my $names = <$fh>);
    chomp(my $flags = `pkg-config --cflags --libs $names`);
    $? == 0 or die "$file: pkg-config does not know $names\n";
    return $flags;
}

# What LoadModule is given for modules of httpd's own, by their names without
# "mod_"; nothing for those that are linked in. PHP's file has its version in
# its name.
sub stock {
    my $libexec = apxs('LIBEXECDIR');
    my @load;

    for my $name (@_) {
        my $file = $name eq 'php' ? (glob "$libexec/libphp*.so")[-1]
                                  : "$libexec/mod_$name.so";
        if (defined $file && -e $file) {
            push @load, "${name}_module $file";
        } elsif (!is_linked_in($name)) {
            die "httpd has no module $name in $libexec: run tools/deps bench\n";
        }
    }
    return @load;
}

sub is_linked_in {
    my ($name) = @_;
    my $httpd = apxs('SBINDIR') . '/' . apxs('PROGNAME');

    return `$httpd -l` =~ /^\s*mod_$name\.c$/m;
}

# ---- starting and stopping --------------------------------------------------

# mpm      its name
# modules  what LoadModule is given, besides the MPM and what httpd needs
# conf     the rest of the configuration
# under    called with the directory, returns the words of a command that httpd
#          is to run under
sub start {
    my ($class, %with) = @_;
    my $self = bless { port => free_port(), dir => make_directory() }, $class;
    my @under = $with{under} ? $with{under}->($self->dir) : ();
    my $httpd = apxs('SBINDIR') . '/' . apxs('PROGNAME');

    $self->write_conf(%with);
    defined($self->{pid} = fork) or die "fork: $!\n";
    if ($self->{pid} == 0) {
        # Perl's END is not for this process.
        open STDOUT, '>', $self->dir . '/output' or POSIX::_exit(1);
        open STDERR, '>&', \*STDOUT or POSIX::_exit(1);
        { exec @under, $httpd, '-X', '-f', $self->dir . '/httpd.conf' }
        POSIX::_exit(1);
    }
    $running{$self->{pid}} = $self;
    $self->connect;
    return $self;
}

sub dir { return $_[0]{dir} }
sub pid { return $_[0]{pid} }

# A directory that httpd's user can enter, and in it one that he can write to.
sub make_directory {
    my $dir = tempdir('hbr-bench-XXXXXX', TMPDIR => 1, CLEANUP => 1);

    chmod 0755, $dir or die "$dir: $!\n";
    make_path("$dir/htdocs", "$dir/out");
    my (undef, undef, $uid, $gid) = unprivileged();
    $> != 0 or chown $uid, $gid, "$dir/out" or die "$dir/out: $!\n";
    return $dir;
}

sub unprivileged {
    for my $name (qw(www-data apache nobody)) {
        my @user = getpwnam $name;
        return @user if @user;
    }
    die "there is none of the users www-data, apache and nobody\n";
}

sub write_conf {
    my ($self, %with) = @_;
    my $libexec = apxs('LIBEXECDIR');
    my $dir = $self->dir;
    my @load = ("mpm_$with{mpm}_module $libexec/mod_mpm_$with{mpm}.so",
                "authz_core_module $libexec/mod_authz_core.so",
                @{ $with{modules} });
    # Linked into Debian's httpd, loaded in others.
    unshift @load, "unixd_module $libexec/mod_unixd.so"
        if -e "$libexec/mod_unixd.so";
    my $owner = '';
    if ($> == 0) {
        my (undef, undef, $uid, $gid) = unprivileged();
        $owner = "User #$uid\nGroup #$gid\n";
    }
    my $load = join '', map { "LoadModule $_\n" } @load;

    open my $fh, '>', "$dir/httpd.conf" or die "$dir/httpd.conf: $!\n";
    print $fh <<"CONF";
ServerRoot "$dir"
DefaultRuntimeDir "$dir"
PidFile "$dir/httpd.pid"
ErrorLog "$dir/error_log"
DocumentRoot "$dir/htdocs"
ServerName localhost
Listen 127.0.0.1:$self->{port}
$owner${load}KeepAlive On
KeepAliveTimeout 3600
MaxKeepAliveRequests 0
$with{conf}
CONF
    close $fh or die "$dir/httpd.conf: $!\n";
}

sub free_port {
    my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)
        or die "no free port: $@\n";
    return $socket->sockport;
}

# A connection; waits for httpd to listen.
sub connect {
    my ($self) = @_;
    my $until = time + START_SECONDS;

    while (time < $until) {
        if (waitpid($self->{pid}, WNOHANG) == $self->{pid}) {
            delete $running{$self->{pid}};
            $self->give_up('httpd did not start');
        }
        my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                           PeerPort => $self->{port});
        if ($socket) {
            setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1
                or die "setsockopt: $!\n";
            return $socket;
        }
        sleep 0.1;
    }
    $self->give_up('httpd does not listen');
}

sub give_up {
    my ($self, $why) = @_;

    for my $file ($self->dir . '/output', $self->dir . '/error_log') {
        open my $fh, '<', $file or next;
        print STDERR <$fh>;
    }
    die "$0: $why\n";
}

# Every connection is to be closed before: httpd waits for its requests.
sub stop {
    my ($self) = @_;
    my $until = time + STOP_SECONDS;

    delete $running{$self->{pid}} or return;
    kill 'TERM', $self->{pid};
    while (waitpid($self->{pid}, WNOHANG) == 0) {
        kill 'KILL', $self->{pid} if time > $until;
        sleep 0.05;
    }
}

1;
