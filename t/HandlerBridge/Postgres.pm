# A PostgreSQL server of the tests' own, in a folder of its own: no port but a
# socket in that folder, no password, nothing that outlives the test.
#
#   use HandlerBridge::Postgres;
#
#   my $server = HandlerBridge::Postgres->new("$state/postgres");
#   $server->start;                       # makes it, the first time
#   $server->sql('CREATE TABLE t (x int)');
#   my $connection = $server->params;     # for DBDParams
#   $server->restart;                     # its sessions are cut
#   $server->pause; $server->resume;      # it says nothing
#   $server->stop;                        # also when the object goes
#
# The folder's name is known before there is a server, so that a configuration
# can name it: params("@ServerRoot@/state/postgres") as a function of the class.
#
# PostgreSQL will not run as root: it is nobody's then.
package HandlerBridge::Postgres;

use strict;
use warnings FATAL => 'all';

use File::Path qw(make_path remove_tree);
use POSIX ();
use Time::HiRes qw(sleep time);

my $USER = 'nobody';
my $NAME = 'hbr';    # of the role and the database

# What a test needs is speed, and nothing to last.
my $SETTINGS = <<'END';
listen_addresses = ''
fsync = off
full_page_writes = off
max_connections = 150
shared_buffers = 16MB
autovacuum = off
timezone = 'UTC'
log_timezone = 'UTC'
END

sub new {
    my ($class, $dir) = @_;
    return bless { dir => $dir, owner => $$ }, $class;
}

# For DBDParams, and for psql.
sub params {
    my ($self, $dir) = @_;
    return sprintf 'host=%s user=%s dbname=%s connect_timeout=5',
        ref $self ? $self->{dir} : $dir, $NAME, $NAME;
}

# Where PostgreSQL's programs are: Debian keeps them out of the path. The
# newest there is.
sub program {
    my $name = shift;
    my ($found) = sort { version($b) <=> version($a) }
        grep { -x } glob "/usr/lib/postgresql/*/bin/$name";
    return $found if $found;
    for (split /:/, $ENV{PATH}) {
        return "$_/$name" if -x "$_/$name";
    }
    die "$name is not there: run tools/deps\n";
}

sub version { return $_[0] =~ m{/postgresql/(\d+)} ? $1 : 0 }

# Runs in a child: the rest of it is the server's user's.
sub become_user {
    return if $> != 0;
    my (undef, undef, $uid, $gid) = getpwnam $USER
        or die "there is no user $USER\n";
    ($(, $)) = ($gid, "$gid $gid");
    POSIX::setuid($uid) or die "setuid: $!";
}

# A command as the server's user; its output goes to a file. True when it went
# well. With background => 1: its process.
sub run {
    my ($self, $command, %o) = @_;
    my $pid = fork;

    defined $pid or die "fork: $!";
    if (!$pid) {
        become_user();
        chdir '/';
        open STDIN, '<', '/dev/null';
        open STDOUT, '>>', "$self->{dir}/log" or POSIX::_exit(127);
        open STDERR, '>&', \*STDOUT;
        POSIX::setsid() if $o{background};
        delete @ENV{grep { /^PG/ } keys %ENV};
        $ENV{LC_ALL} = 'C';
        { no warnings 'exec'; exec @$command; }
        POSIX::_exit(127);
    }
    return $pid if $o{background};
    waitpid $pid, 0;
    return $? == 0;
}

sub fail {
    my ($self, $what) = @_;
    open my $log, '<', "$self->{dir}/log" or die "$what\n";
    my @lines = <$log>;
    die "$what:\n", @lines > 20 ? @lines[-20 .. -1] : @lines;
}

# The folder a socket's name fits into, and that its users can enter.
sub make {
    my $self = shift;
    my $dir  = $self->{dir};

    die "$dir is too long for a socket's name\n" if length $dir > 85;
    remove_tree($dir);
    make_path($dir);
    if ($> == 0) {
        my (undef, undef, $uid, $gid) = getpwnam $USER;
        chown $uid, $gid, $dir or die "$dir: $!";
    }
    chmod 0755, $dir or die "$dir: $!";
    $self->run([program('initdb'), '-D', "$dir/data", '-U', $NAME,
        '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync',
        '--no-instructions'])
        or $self->fail('initdb failed');
    open my $conf, '>>', "$dir/data/postgresql.conf" or die "$dir/data: $!";
    print $conf $SETTINGS, "unix_socket_directories = '$dir'\n",
        "unix_socket_permissions = 0777\n";
    close $conf or die "$dir/data: $!";
    return;
}

sub start {
    my $self = shift;
    my $new  = !-e "$self->{dir}/data/PG_VERSION";

    $self->make if $new;
    $self->{pid} = $self->run(
        [program('postgres'), '-D', "$self->{dir}/data"], background => 1);
    $self->wait_for('template1');
    $self->sql("CREATE DATABASE $NAME", database => 'template1') if $new;
    return $self;
}

sub wait_for {
    my ($self, $database) = @_;
    my $end = time + 60;

    while (time < $end) {
        return if $self->answers($database);
        $self->fail('postgres ended') if waitpid($self->{pid}, 1) != 0;
        sleep 0.05;
    }
    $self->fail('postgres does not answer');
}

# Whether it takes connections.
sub answers {
    my ($self, $database) = @_;
    return $self->run(['psql', '-X', '-q', '-c', '',
        $self->params =~ s/dbname=\w+/dbname=$database/r]);
}

# Ends it. how: INT cuts the sessions off (the ordinary restart), QUIT gives up
# as a crash would.
sub stop {
    my ($self, $how) = @_;
    my $pid = delete $self->{pid} or return;

    kill $how || 'INT', $pid;
    waitpid $pid, 0;
    return;
}

sub restart {
    my ($self, $how) = @_;
    $self->stop($how);
    return $self->start;
}

# All of its processes stop, as of a machine that is gone: nothing is answered,
# and nothing refused.
sub pause  { my $self = shift; return $self->signal('STOP') }
sub resume { my $self = shift; return $self->signal('CONT') }

sub signal {
    my ($self, $signal) = @_;
    open my $fh, '<', "/proc/$self->{pid}/task/$self->{pid}/children"
        or die "postgres: $!\n";
    my @children = map { split } <$fh>;

    return kill $signal, $self->{pid}, @children;
}

# SQL by psql: what it gives, one line a row, columns behind |. Dies with
# psql's words.
sub sql {
    my ($self, $text, %o) = @_;
    my $params = $self->params;

    $params =~ s/dbname=\w+/dbname=$o{database}/ if $o{database};
    my $pid = open my $out, '-|';
    defined $pid or die "fork: $!";
    if (!$pid) {
        open STDERR, '>&', \*STDOUT;
        delete @ENV{grep { /^PG/ } keys %ENV};
        exec 'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-c',
            $text, $params;
    }
    my $gives = do { local $/; <$out> } // '';
    close $out or die "psql: $text\n$gives";
    chomp $gives;
    return $gives;
}

sub DESTROY {
    my $self = shift;
    return if $self->{owner} != $$;
    local ($?, $@, $!);
    $self->stop('QUIT');
    return;
}

1;
