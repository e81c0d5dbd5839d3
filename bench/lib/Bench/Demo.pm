# The demo's database for a group's servers: 2 000 customers and a few
# attachments, one of them of 20 MB (demo/fill).
package Bench::Demo;

use strict;
use warnings FATAL => 'all';

use File::Copy qw(copy);

use Bench::Httpd ();

# Makes WORK/data/demo.db, a folder of httpd's own user: SQLite writes beside
# the file.
sub database {
    my ($work) = @_;

    mkdir "$work/data" or die "$work/data: $!\n";
    system('demo/fill', "$work/data/demo.db") == 0
        or die "demo/fill made no database\n";
    return if $> != 0;
    my (undef, undef, $uid, $gid) = Bench::Httpd::unprivileged();
    chown $uid, $gid, "$work/data", glob "$work/data/*"
        or die "$work/data: $!\n";
}

# Copies the scripts of the peers to WORK, where they find the database.
sub peers {
    my ($work, @names) = @_;

    for my $name (@names) {
        copy("bench/peers/$name", "$work/$name")
            or die "bench/peers/$name: $!\n";
        chmod 0644, "$work/$name" or die "$work/$name: $!\n";
    }
}

# As in the demo's own configuration. Needs httpd's module dbd.
sub conf {
    return <<'CONF';
DBDriver sqlite3
DBDParams "@WORK@/data/demo.db"
DBDPersist On
DBDMin 1
DBDKeep 4
DBDMax 8
CONF
}

1;
