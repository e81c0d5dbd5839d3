# SQLite that finds no room: by PRAGMA max_page_count, and on a small disk of
# the test's own, which root alone can make. What does not fit is a 507 with one
# line in the log, nobody sees anything of it, and the next request works. What
# could not be removed, for that needs room, too, is removed when there is some.
use strict;
use warnings FATAL => 'all';

# The disk is seen by the test and its httpd alone, and goes with them.
BEGIN {
    if ($> == 0 && !$ENV{HBR_OWN_MOUNTS}
        && system('unshare -m true 2> /dev/null') == 0) {
        $ENV{HBR_OWN_MOUNTS} = 1;
        exec 'unshare', '-m', $^X, map({ "-I$_" } @INC), $0, @ARGV
            or die "unshare: $!";
    }
}

use Cwd qw(abs_path);
use Digest::SHA qw(sha256_hex);
use File::Basename qw(dirname);
use File::Path qw(make_path remove_tree);
use HTTP::Tiny ();
use JSON::PP ();
use Test::More;

use Apache::Test ();

use HandlerBridge::Httpd;
use HandlerBridge::Test;

use constant { KB => 1024, MB => 1 << 20 };

my $vars = Apache::Test::vars();
my $root = "$vars->{serverroot}/state/disk_full";
my $json = JSON::PP->new->utf8;
my ($httpd, $file, $lines);

local $ENV{HBR_HTTPD} = $vars->{httpd};
make_path($root);
chmod 0777, $root;
pages();
disk('delete', 'FAST', \&journal);
disk('wal', 'FAST', \&write_ahead);
disk('truncate', 'ON', \&overwritten);
done_testing;

# ---- a server ---------------------------------------------------------------

sub sql {
    my ($text) = @_;
    my $out = `sqlite3 -cmd '.timeout 5000' '$file' "$text"`;
    $? == 0 or die "sqlite3: $text\n";
    return $out;
}

sub start {
    my ($name, $journal, $init) = @_;
    my $schema = dirname($vars->{serverroot}) . '/demo/schema.sql';

    $file = "$root/$name/upload.db";
    sql("PRAGMA journal_mode = $journal");
    system('sqlite3', $file, ".read $schema") == 0 or die "sqlite3 failed\n";
    chmod 0666, glob "$file*";
    make_path("$root/$name-server");
    chmod 0777, "$root/$name", "$root/$name-server";
    my ($so) = slurp("$vars->{t_conf}/modules.conf")
        =~ /^(LoadModule handlerbridge_module .*)$/m;
    $httpd = HandlerBridge::Httpd->start("$root/$name-server", mpm(), <<"END");
LoadModule dbd_module @{[HandlerBridge::Httpd::query('LIBEXECDIR')]}/mod_dbd.so
$so
DBDriver sqlite3
DBDParams "$file"
@{[$init // '']}
Mutex file:$root/$name-server
<Location /upload>
    LimitRequestBody 0
    SetHandler upload
</Location>
<Location /download>
    SetHandler download
</Location>
END
    $lines = [];
}

sub ask {
    my ($path, %o) = @_;
    return HTTP::Tiny->new(timeout => 30)->request($o{body} ? 'POST' : 'GET',
        'http://127.0.0.1:' . $httpd->port . $path,
        { content => $o{body} // '', headers => {
            Accept => 'application/json',
            'Content-Type' => 'multipart/form-data; boundary=X' } });
}

sub bytes {
    my ($size) = @_;
    return pack 'N*', map { $_ * 2654435761 % 4294967296 } 1 .. $size / 4;
}

sub upload {
    my (@sizes) = @_;
    return ask('/upload', body => join('', map {
        "--X\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\n"
            . bytes($_) . "\r\n" } @sizes) . "--X--\r\n");
}

# ---- what is promised -------------------------------------------------------

sub stored {
    my ($size, $name) = @_;
    my $r = upload($size);

    is($r->{status}, 201, $name) or return diag $r->{content}, $httpd->log;
    my ($stored) = @{ $json->decode($r->{content})->{files} };
    is(sha256_hex(ask("/$stored->{url}")->{content}), sha256_hex(bytes($size)),
        '... comes back');
}

# RFC 4918 11.5, RFC 9457
sub refused {
    my ($r, $name) = @_;
    my @before = @$lines;

    is($r->{status}, 507, $name);
    like($r->{headers}{'content-type'}, qr{^application/problem\+json},
        '... as JSON');
    $lines = [grep { /HBR|exit signal/ && !/HBR0(?:200|209|251)/ }
        grep { /:(?:warn|error|crit|alert|emerg)\]/ } $httpd->log];
    like($lines->[@before],
        qr/HBR0331: upload: .* found no room in the database/, '... logged');
    is(ask("/download/$_")->{status}, 404, '... nobody sees it')
        for split ' ', sql('SELECT id FROM attachments WHERE complete <> 1');
    return @$lines - @before;
}

sub leaves_nothing {
    is(refused(@_), 1, '... in one line');
    is(left(), '0 0', '... no row of it is left, and no piece');
}

# Rows that are not shown, and pieces without a file.
sub left {
    return join ' ', split ' ', sql('SELECT COUNT(*) FROM attachments '
        . 'WHERE complete <> 1; SELECT COUNT(*) FROM attachment_pieces '
        . 'WHERE attachment_id NOT IN '
        . '(SELECT id FROM attachments WHERE complete = 1)');
}

# ---- where there is none ----------------------------------------------------

sub pages {
    make_path("$root/pages");
    start('pages', 'wal', 'DBDInitSQL "PRAGMA max_page_count = 400"');
    stored(100 * KB, 'pages: what fits');
    leaves_nothing(upload(3 * MB), 'what does not');
    leaves_nothing(upload(100 * KB, 3 * MB), 'the second of two does not');
    stored(100 * KB, 'and afterwards, what fits');
    $httpd->stop;
}

sub disk {
    my ($journal, $secure, $check) = @_;
    my $dir = "$root/$journal";

    make_path($dir);
    return pass("a full disk, $journal: only root can make one")
        if !$ENV{HBR_OWN_MOUNTS} || system('mount', '-t', 'tmpfs', '-o',
            'size=3m,mode=777', 'tmpfs', $dir) != 0;
    start($journal, $journal, qq(DBDInitSQL "PRAGMA secure_delete = $secure"));
    stored(100 * KB, "disk, journal_mode $journal: what fits");
    $check->($dir);
    $httpd->stop;
}

sub journal {
    my ($dir) = @_;

    leaves_nothing(upload(5 * MB), 'what does not');
    leaves_nothing(upload(100 * KB, 5 * MB), 'the second of two does not');
    stored(100 * KB, 'and afterwards, what fits');
    system("cat /dev/zero > $dir/another 2> /dev/null");
    leaves_nothing(upload(300 * KB), 'no room at all');
    unlink "$dir/another";
    stored(300 * KB, 'room again');
}

# The log of what is done grows by what is removed, and nothing of it can be
# brought to the database.
sub write_ahead {
    my ($dir) = @_;

    open my $fh, '>', "$dir/another" or die "another: $!";
    print $fh 'x' x MB;
    close $fh or die "another: $!";
    refused(upload(5 * MB), 'what does not');
    unlink "$dir/another";
    stored(300 * KB, 'room again');
}

# What is removed is overwritten, and the journal has to keep all of it before:
# there is no room for that. It is hidden, and goes when there is.
sub overwritten {
    my ($dir) = @_;

    refused(upload(5 * MB), 'what does not');
    isnt(left(), '0 0', '... and cannot be removed');
    system("mount -o remount,size=16m $dir") == 0 or die "mount: $?";
    stored(300 * KB, 'room again');
    # As an hour later: children look then.
    sql('UPDATE attachments SET created = created - 7200 WHERE complete <> 1');
    $httpd->command('graceful') or die $httpd->said;
    for (1 .. 50) {
        upload(1);
        last if left() eq '0 0';
        select undef, undef, undef, 0.1;
    }
    is(left(), '0 0', '... and what was left is removed');
}
