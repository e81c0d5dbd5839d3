# A client of examples/cluster: keeps its connections and its session's cookie,
# and tells how each request ended.
#
#   my $visitor = HandlerBridge::ClusterVisitor->new($cluster);
#   my $answer = $visitor->get(2, '/login');      # of a node; 0: the balancer
#   $visitor->post(0, '/login', { name => 'Ann' })
#   $visitor->upload(0, $bytes)
#   $answer->{end}      the status, or closed: no answer, or not all of it
#   $answer->{node}, ->{body}, ->{json}
package HandlerBridge::ClusterVisitor;

use strict;
use warnings FATAL => 'all';

use HTTP::Request::Common ();
use JSON::PP ();
use LWP::UserAgent ();

sub new {
    my ($class, $cluster) = @_;
    my $agent = LWP::UserAgent->new(timeout => 30, keep_alive => 1,
        no_proxy => ['127.0.0.1']);
    return bless { cluster => $cluster, agent => $agent }, $class;
}

sub get {
    my ($self, $node, $path) = @_;
    return $self->ask(HTTP::Request::Common::GET(
        $self->{cluster}->url($node, $path)));
}

sub post {
    my ($self, $node, $path, $form, @headers) = @_;
    return $self->ask(HTTP::Request::Common::POST(
        $self->{cluster}->url($node, $path), $form, @headers));
}

sub upload {
    my ($self, $node, $bytes) = @_;
    return $self->post($node, '/upload',
        [file => [undef, 'bytes', Content => $bytes]],
        Content_Type => 'form-data');
}

sub ask {
    my ($self, $request) = @_;

    $request->header(Accept => 'application/json');
    $request->header(Cookie => "session=$self->{cookie}") if $self->{cookie};
    my $response = $self->{agent}->simple_request($request);
    my $body     = $response->content;
    ($self->{cookie}) = $1
        if ($response->header('Set-Cookie') // '') =~ /^session=([0-9a-f]+)/;
    return { end => end_of($response), body => $body,
             node => scalar $response->header('X-Node'),
             json => scalar eval { JSON::PP::decode_json($body) } };
}

# LWP makes an answer of its own when there is none, and takes one that is cut.
sub end_of {
    my ($response) = @_;
    my $length = $response->header('Content-Length');

    return 'closed' if $response->header('Client-Warning')
        || $response->header('Client-Aborted')
        || defined $length && $length != length $response->content;
    return $response->code;
}

sub cookie { return $_[0]{cookie} }
sub keep   { $_[0]{cookie} = $_[1] }

1;
