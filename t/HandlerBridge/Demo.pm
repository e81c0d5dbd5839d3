# The demo's database for the suites that read it: made once per server by
# demo/fill, seen through the virtual host "demo".
#
#   use HandlerBridge::Demo;
#
#   demo_database();
#   my $r = demo('/customers?format=json');
#   my $rows = demo_rows('SELECT name FROM customers ORDER BY id');
package HandlerBridge::Demo;

use strict;
use warnings FATAL => 'all';

use Apache::Test ();
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use JSON::PP ();
use Time::HiRes qw(sleep);

use HandlerBridge::Test;

our @EXPORT = qw(demo demo_database demo_grave demo_rows);

sub state_dir { return Apache::Test::vars('serverroot') . '/state/demo' }

# One request, as fetch() does it.
sub demo {
    my ($path, %o) = @_;
    return fetch($path, vhost => 'demo', %o);
}

# Fills the database unless that is done, and waits until each of httpd's
# children has found it: it started before there was one.
sub demo_database {
    my $dir  = state_dir();
    my $fill = dirname(Apache::Test::vars('serverroot')) . '/demo/fill';

    # The last step makes made.db: without it the work is done again.
    if (!-e "$dir/made.db") {
        make_path($dir);
        chmod 0777, $dir or die "$dir: $!";
        unlink "$dir/new.db";
        system($fill, "$dir/new.db") == 0 or die "$fill failed\n";
        # Into a file that httpd may have opened: its connections see it.
        system('sqlite3', "$dir/demo.db", ".restore $dir/new.db") == 0
            or die "sqlite3 failed\n";
        chmod 0666, "$dir/demo.db" or die "$dir/demo.db: $!";
        rename "$dir/new.db", "$dir/made.db" or die "$dir/made.db: $!";
    }
    my $good = 0;
    for (1 .. 200) {
        $good = demo('/customers?size=1')->{status} == 200 ? $good + 1 : 0;
        return if $good == 20;
        sleep 0.02 unless $good;
    }
    die "httpd does not find its database\n";
}

# The lines since a mark that an operator would have to look at, but for those
# about databases that other suites have not made yet: each new child says so,
# for every virtual host.
sub demo_grave {
    my ($mark) = @_;
    return grep { !/\[dbd:|\bHBR0209\b/ } log_grave($mark);
}

# What a SELECT gives, as an array of hashes, with no httpd between.
sub demo_rows {
    my ($sql) = @_;
    my $file = state_dir() . '/made.db';

    open my $out, '-|', 'sqlite3', '-json', $file, $sql or die "sqlite3: $!";
    my $json = do { local $/; <$out> };
    close $out or die "sqlite3 failed: $sql\n";
    return defined $json && length $json ? JSON::PP->new->utf8->decode($json)
        : [];
}

1;
