# handlers/upload.c: files into a database, and out of it by download.
use strict;
use warnings FATAL => 'all';

use Digest::SHA qw(sha256_hex);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use JSON::PP ();
use Test::More;
use Time::HiRes qw(sleep);

use Apache::Test ();
use HandlerBridge::Test;

use constant { CRLF => "\r\n", PIECE => 262144, MB => 1 << 20 };
use constant {
    PART   => 'Content-Type: multipart/form-data; boundary=X',
    JSON   => 'Accept: application/json',
    # Before all others, and idle for long, or just begun.
    OLD => 11, HALF_REMOVED => 12, YOUNG => 13,
};

my $root  = Apache::Test::vars('serverroot');
my $file  = "$root/state/upload/upload.db";
my $json  = JSON::PP->new->utf8;
my %stored = map { $_ => 1 } YOUNG;

make_database();
my $mark = log_mark();
abandoned();
for my $protocol ('http/1.1', mpm() eq 'event' ? 'h2c' : ()) {
    my $ask = sub { ask(@_, protocol => $protocol) };
    one_file($ask);
    links_follow($ask);
    sizes($ask);
}
page();
elsewhere();
answers();
many_files();
names();
types();
nothing_chosen();
no_form();
too_much();
malformed();
hidden_until_complete();
client_goes_away();
removed_meanwhile();
nothing_left();
done_testing;

# ---- tools --------------------------------------------------------------------

sub make_database {
    my $dir    = dirname($file);
    my $schema = dirname($root) . '/demo/schema.sql';

    make_path($dir);
    chmod 0777, $dir or die "$dir: $!";
    system('sqlite3', '-batch', '-cmd', 'PRAGMA journal_mode = WAL',
        "$dir/new.db", ".read $schema") == 0 or die "sqlite3 failed\n";
    # Into a file that httpd may have opened: its connections see it.
    system('sqlite3', $file, ".restore $dir/new.db") == 0
        or die "sqlite3 failed\n";
    unlink "$dir/new.db";
    chmod 0666, glob "$file*";
    # Each child has to find it.
    my $good = 0;
    for (1 .. 200) {
        $good = fetch('/download/1', vhost => 'upload')->{status} == 404
            ? $good + 1 : 0;
        return if $good == 20;
        sleep 0.02 unless $good;
    }
    die "httpd does not find its database\n";
}

# A statement of one's own, as another process runs it: rows as hashes.
sub sql {
    my ($sql) = @_;
    open my $out, '-|', 'sqlite3', '-cmd', '.timeout 5000', '-json', $file, $sql
        or die "sqlite3: $!";
    my $text = do { local $/; <$out> };
    close $out or die "sqlite3 failed: $sql\n";
    return defined $text && length $text ? @{ $json->decode($text) } : ();
}

sub ask {
    my ($body, %o) = @_;
    return fetch(delete $o{path} || '/upload', vhost => 'upload',
        method => 'POST', body => $body,
        headers => [PART, @{ delete $o{headers} || [JSON] }],
        $o{protocol} && $o{protocol} eq 'h2c'
            ? (curl => ['--http2-prior-knowledge']) : (), %o, protocol => undef);
}

sub get {
    my ($path, @more) = @_;
    return fetch($path, vhost => 'upload', @more);
}

# What a link of the page or an answer at /upload leads to (RFC 3986 5.2).
sub follow {
    my ($link, $folder) = @_;
    return get(($folder || '/') . $link);
}

# [name, bytes, type]; the name is the whole parameter where it has one.
sub form {
    return join('', map {
        my ($name, $bytes, $type) = @$_;
        $name = qq(filename="$name") unless $name =~ /^filename=/;
        '--X' . CRLF . qq(Content-Disposition: form-data; name="file"; $name)
            . CRLF . (defined $type ? "Content-Type: $type" . CRLF : '') . CRLF
            . $bytes . CRLF } @_) . '--X--' . CRLF;
}

# The files of an answer; they are what the database then has to hold.
sub files {
    my ($r, $name) = @_;
    is($r->{status}, 201, $name) or diag $r->{error} // '', $r->{body};
    my $files = $r->{status} == 201 ? $json->decode($r->{body})->{files} : [];
    $stored{ $_->{id} } = 1 for @$files;
    return @$files;
}

sub comes_back {
    my ($file, $bytes, $name) = @_;
    my $r = follow($file->{url});

    is($r->{status}, 200, "$name comes back");
    is(sha256_hex($r->{body}), sha256_hex($bytes), 'its bytes');
    is($r->{headers}{etag}, '"' . sha256_hex($bytes) . '"', 'its ETag');
    is($r->{headers}{'content-type'}, $file->{type}, 'its type');
    return $r;
}

sub rows {
    my @rows = sql('SELECT id FROM attachments ORDER BY id');
    return map { $_->{id} } @rows;
}

# That a refused form left nothing.
sub unchanged {
    my ($name) = @_;
    my @ids;
    for (1 .. 400) {
        @ids = rows();
        last if @ids == keys %stored;
        sleep 0.05;
    }
    is_deeply([sort { $a <=> $b } @ids], [sort { $a <=> $b } keys %stored],
        "$name: no row is left");
    is((sql('SELECT COUNT(*) AS n FROM attachment_pieces WHERE attachment_id '
        . 'NOT IN (SELECT id FROM attachments)'))[0]{n}, 0, 'nor a piece');
}

# ---- tests --------------------------------------------------------------------

# The first upload of a child removes what was never completed.
sub abandoned {
    my $now = time;
    my $old = $now - 7300;

    sql(qq{INSERT INTO attachments VALUES (@{[OLD]}, 'a', 'a/b', 0, '', $old, 5, 0),
        (@{[HALF_REMOVED]}, 'a', 'a/b', 0, '', $old, 5, -1),
        (@{[YOUNG]}, 'a', 'a/b', 0, '', $now - 600, 5, 0)});
    sql(qq{WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n
                                   WHERE i < 149)
        INSERT INTO attachment_pieces SELECT $_, i, 'bytes' FROM n})
        for OLD, HALF_REMOVED, YOUNG;
    files(ask(form(['first', 'x'])), 'a first upload');
    unchanged('rows that were given up');
    is((sql("SELECT COUNT(*) AS n FROM attachment_pieces WHERE attachment_id = "
        . YOUNG))[0]{n}, 150, 'a young one stays');
    ok(log_wait($mark, qr/attachment @{[OLD]} was never completed/),
        'the log tells');
}

sub one_file {
    my $ask   = shift;
    my $bytes = join '', map { chr } 0 .. 255;
    my $r     = $ask->(form(['one.png', $bytes, 'image/png; x=y']));
    my ($file) = files($r, 'one file');

    is($r->{headers}{location}, $file->{url}, 'Location');
    is($file->{url}, "download/$file->{id}");
    is_deeply([@$file{qw(name type size sha256)}],
        ['one.png', 'image/png', 256, sha256_hex($bytes)], 'what it says');
    $r = comes_back($file, $bytes, 'one file');
    is($r->{headers}{'content-disposition'}, 'attachment; filename="one.png"');
}

# BridgeSet says where the download handler is mapped.
sub links_follow {
    my $ask    = shift;
    my $r      = $ask->(form(['here.txt', 'here']), path => '/upload/elsewhere');
    my ($file) = files($r, 'elsewhere');

    is($file->{url}, "/files/got/$file->{id}", 'the link is where it is said');
    is($r->{headers}{location}, $file->{url}, 'and so is Location');
    is(get($file->{url})->{body}, 'here', 'which has the file');
}

# Around a piece's size, and 20 MB.
sub sizes {
    my $ask = shift;

    for my $size (0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 20 * MB) {
        my $bytes = substr join('', map { pack 'N', $_ } 1 .. $size / 4 + 1), 0,
            $size;
        my ($file) = files($ask->(form(['a', $bytes])), "$size bytes");
        is($file->{size}, $size);
        comes_back($file, $bytes, "$size bytes");
    }
}

sub page {
    my $r = get('/upload');
    my ($mark) = $r->{headers}{'content-security-policy'} =~ /'nonce-(\w{32})'/;

    is($r->{status}, 200, 'the page');
    like($r->{headers}{'content-type'}, qr{^text/html});
    ok($mark, 'it has a mark');
    like($r->{headers}{'content-security-policy'}, qr/^default-src 'none';/);
    unlike($r->{headers}{'content-security-policy'}, qr/unsafe/);
    like($r->{body}, qr/<form method="post" enctype="multipart\/form-data">/);
    like($r->{body}, qr/<input type="file" name="file" multiple/);
    is(scalar(() = $r->{body} =~ /<(?:script|style)\b/g),
        scalar(() = $r->{body} =~ /nonce="$mark"/g), 'all have the mark');
    unlike($r->{body}, qr/\son\w+=|\sstyle=/, 'nothing else would run');
    isnt(get('/upload')->{body}, $r->{body}, 'another time another mark');
    is(get('/upload', method => 'HEAD')->{status}, 200, 'HEAD');
    is(get('/upload', method => 'PUT')->{status}, 405, 'PUT');
}

# Links hold wherever the two are mapped side by side.
sub elsewhere {
    my $r = ask(form(['a', 'elsewhere']), path => '/app/files/upload');
    my ($file) = files($r, 'mapped elsewhere');

    is(follow($file->{url}, '/app/files/')->{body}, 'elsewhere',
        'the link leads to the file');
    is(follow($r->{headers}{location}, '/app/files/')->{body}, 'elsewhere',
        'Location, too (RFC 9110 10.2.2)');
}

sub answers {
    for my $accept ('text/html', '*/*', 'application/json;q=0.5, text/html') {
        my $r = ask(form(['<b>&%22\'.txt', 'x', 'text/plain']),
                    headers => ["Accept: $accept"]);
        is($r->{status}, 201, "Accept: $accept");
        like($r->{headers}{'content-type'}, qr{^text/html});
        my ($url, $id) = $r->{body} =~ m{<a href="(download/(\d+))">&lt;b&gt;&amp;}
            or diag $r->{body};
        $stored{$id} = 1;
        is(follow($url)->{body}, 'x', 'the link leads to the file');
        unlike($r->{body}, qr/<b>/, 'the name is escaped');
    }
    my $r = ask(form(['a', 'x']), headers => ['Accept: image/png']);
    is($r->{status}, 406, 'an answer it cannot give');
    unchanged('not acceptable');
}

sub many_files {
    my @bytes = ('first', '', 'third' x 100_000, "\0");
    my $r     = ask(form(['a.txt', $bytes[0], 'text/plain'],
        ['empty', ''], ['big', $bytes[2]], ['', '', 'application/octet-stream'],
        ['d', $bytes[3]]) =~ s/--X--\r\n\z/--X\r\nContent-Disposition: form-data; name="note"\r\n\r\na field\r\n--X--\r\n/r);
    my @files = files($r, 'many files');

    is($r->{headers}{location}, undef, 'no Location: there are several');
    is_deeply([map { $_->{name} } @files], [qw(a.txt empty big d)],
        'in order; where none was chosen there is none, nor is a field one');
    comes_back($files[$_], $bytes[$_], "file $_") for 0 .. $#files;
    is_deeply([map { $_->{id} - $files[0]{id} } @files], [0 .. 3]);
}

# What a browser sends for a name, and what comes back.
sub names {
    my @names = (
        ['plain.txt', 'plain.txt'],
        ["M\xc3\xbcnchen \xc3\x9fa.txt", "M\xc3\xbcnchen \xc3\x9fa.txt"],
        ["\xf0\x9f\x98\x80\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9.png",
         "\xf0\x9f\x98\x80\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9.png"],
        ['say %22hi%22.txt', 'say "hi".txt'],
        ['filename="say \\"hi\\".txt"', 'say "hi".txt'],
        ['100%41.txt', '100%41.txt'],
        ["it's; a=b, c.txt", "it's; a=b, c.txt"],
        ['C:\\Users\\me\\a.txt', 'a.txt'],
        ['../../../etc/passwd', 'passwd'],
        ['..', 'unnamed'],
        ['', 'unnamed'],
        ['x' x 255, 'x' x 255],
    );

    for my $case (@names) {
        my ($sent, $name) = @$case;
        my ($file) = files(ask(form([$sent, 'x'])), substr $name, 0, 60);
        my $got = $file->{name};
        utf8::encode($got);
        is($got, $name, 'its name');
        my $field = follow($file->{url})->{headers}{'content-disposition'};
        if ($field =~ /filename\*=UTF-8''(\S+)\z/) {
            ($got = $1) =~ s/%([0-9A-F]{2})/chr hex $1/ge;
        } else {
            ($got) = $field =~ /filename="(.*)"\z/;
        }
        is($got, $name, 'comes back') or diag $field;
    }
    is(ask(form(["\xe4.txt", 'x']))->{status}, 400, 'a name that is not UTF-8');
    unchanged('a bad name');
}

sub types {
    for my $case (['text/plain', 'text/plain'], ['IMAGE/Png', 'IMAGE/Png'],
                  ['text/html; charset=utf-8', 'text/html'],
                  ['application/vnd.a-b+xml', 'application/vnd.a-b+xml'],
                  [undef, undef], ['', undef], ['text', undef], ['/x', undef],
                  ['x/', undef], ['a/b/c', undef], ['a b/c', undef],
                  ["t\xc3\xa4xt/plain", undef], ['a/' . 'x' x 300, undef]) {
        my ($sent, $type) = @$case;
        my ($file) = files(ask(form(['a', 'x', $sent])), $sent // 'no type');
        is($file->{type}, $type // 'application/octet-stream', 'its type');
        is(follow($file->{url})->{headers}{'content-type'}, $file->{type});
    }
    is(scalar log_grave($mark), 0, 'a strange type is no error');
}

sub nothing_chosen {
    for my $body (form(['', '', 'application/octet-stream']), form(),
                  "--X\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--X--\r\n") {
        my $r = ask($body);
        is($r->{status}, 400, 'no file');
        like($r->{body}, qr/brought no file/);
    }
    unchanged('no file');
}

sub no_form {
    my $r = get('/upload', method => 'POST', body => 'a=1');
    is($r->{status}, 415, 'no multipart form');
}

# More than a limit lets through: nothing is stored, also not of the files
# before it.
sub too_much {
    my @fields = ("POST /upload HTTP/1.1", 'Host: localhost', PART,
        'Expect: 100-continue', 'Connection: close');

    for my $length (26 * MB, 1 << 40) {
        my $socket = raw_open('upload');
        syswrite $socket, join CRLF, @fields, "Content-Length: $length", '', '';
        my $text = raw_read($socket, until => qr/BridgeLimitBody/);
        like($text, qr{^HTTP/1\.1 413 }, "$length bytes are refused");
        like($text, qr/BridgeLimitBody/, 'and why');
        unlike($text, qr/100 Continue/, 'before one was sent');
        close $socket;
    }
    my $socket = raw_open('upload');
    syswrite $socket, join CRLF, @fields, 'Content-Length: ' . MB, '', '';
    like(raw_read($socket, until => qr/\r\n\r\n/),
        qr{^HTTP/1\.1 100 }, 'what may be is asked for');
    close $socket;

    my $r = ask(form(['a', 'x'], ['b', 'x' x (21 * MB + 1)]));
    is($r->{status}, 413, 'a file that is too large');
    like($r->{body}, qr/BridgeLimitFile\b/);
    unchanged('a file that is too large');
    $r = ask(form(map { [$_, 'x' x 300_000] } 1 .. 6));
    is($r->{status}, 413, 'too many files');
    like($r->{body}, qr/BridgeLimitFiles/);
    unchanged('too many files');
    $r = ask(form(['a', 'x' x (20 * MB)], ['b', 'x' x (6 * MB)]),
        headers => ['Transfer-Encoding: chunked', JSON]);
    is($r->{status}, 413, 'a body that is too large, no length');
    unchanged('a body that is too large');
}

sub malformed {
    my $good = form(['a', 'x' x 600_000], ['b', 'y']);

    for my $body (substr($good, 0, -4), substr($good, 0, 500_000),
                  $good =~ s/name="file"; filename="b"/nothing/r) {
        is(ask($body)->{status}, 400, 'a malformed form');
        unchanged('a malformed form');
    }
}

# Sends the first part of a form and waits until some of it is stored. Returns
# the connection, the rest, and the row's number.
sub half {
    my $body   = form(['half', 'x' x (3 * PIECE)]);
    my $socket = raw_open('upload');

    syswrite $socket, join CRLF, 'POST /upload HTTP/1.1', 'Host: localhost',
        PART, JSON, 'Connection: close', 'Content-Length: ' . length $body, '',
        substr $body, 0, 2 * PIECE;
    for (1 .. 400) {
        my ($row) = sql(q{SELECT id, complete FROM attachments
            WHERE name = 'half' AND EXISTS (SELECT 1 FROM attachment_pieces
                                            WHERE attachment_id = id)});
        return ($socket, substr($body, 2 * PIECE), $row) if $row;
        sleep 0.05;
    }
    die "no row was begun\n";
}

sub hidden_until_complete {
    my ($socket, $rest, $row) = half();

    is($row->{complete}, 0, 'a row that is coming in');
    is(get("/download/$row->{id}")->{status}, 404, 'is not to be had');
    syswrite $socket, $rest;
    my ($file) = files((responses(raw_read($socket)))[0], 'its end');
    is($file->{id}, $row->{id});
    comes_back($file, 'x' x (3 * PIECE), 'then it');
    sql("UPDATE attachments SET name = 'whole' WHERE id = $row->{id}");
}

sub client_goes_away {
    my ($socket, undef, $row) = half();

    close $socket;
    unchanged('a client who went away');
    is(get("/download/$row->{id}")->{status}, 404);
}

# Another child has taken it for abandoned.
sub removed_meanwhile {
    my $here = log_mark();
    my ($socket, $rest, $row) = half();

    sql("DELETE FROM attachment_pieces WHERE attachment_id = $row->{id}; "
        . "DELETE FROM attachments WHERE id = $row->{id}");
    syswrite $socket, $rest;
    my ($r) = responses(raw_read($socket));
    is($r->{status}, 503, 'a row that was removed') or diag $r->{body};
    ok(log_wait($here, qr/attachment $row->{id} was removed/), 'the log tells');
    unchanged('a row that was removed');
}

sub nothing_left {
    my $spool = "$root/state/spool";
    my @grave = grep { !/was removed while|upload: 503 / } log_grave($mark);

    opendir my $dir, $spool or die "$spool: $!";
    is_deeply([grep { !/^\.\.?\z/ } readdir $dir], [], 'no file is left');
    is_deeply(\@grave, [], 'nothing grave was logged');
}
