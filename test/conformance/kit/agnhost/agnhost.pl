#!/usr/bin/perl
# What containers of the rows serve: HTTP and UDP that say who answers, and the health service of gRPC.
#
#   agnhost.pl netexec [--http-port 8080] [--udp-port 8081] [--healthy-seconds N]
#   agnhost.pl grpc [--port 5000] [--healthy-seconds N]
#   agnhost.pl udp HOST PORT TEXT       what comes back, on stdout; exits 1 where nothing does
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Socket qw(inet_ntoa unpack_sockaddr_in);

my ($mode, @rest) = @ARGV;
ask_udp(@rest) if $mode eq 'udp';
my %flag = @rest;
my $began = time;
my $hostname = `hostname`;
chomp $hostname;
$SIG{TERM} = $SIG{INT} = sub { exit 0 };
$SIG{CHLD} = 'IGNORE';
$| = 1;

sub healthy { !defined $flag{'--healthy-seconds'} || time - $began < $flag{'--healthy-seconds'} }

sub listener {
    my ($port, $protocol) = @_;
    my %tcp = $protocol eq 'tcp' ? (Listen => 128, ReuseAddr => 1) : ();
    return IO::Socket::INET->new(LocalPort => $port, Proto => $protocol, %tcp) || die "port $port: $!";
}

# --- HTTP and UDP ------------------------------------------------------------------------------------------------------

sub answer_to {
    my ($method, $target, $client) = @_;
    my ($path, $query) = split /\?/, $target, 2;
    return (200, $hostname) if $path =~ m{/hostname$};
    return (200, "$client") if $path eq '/clientip';
    return (healthy() ? 200 : 500, healthy() ? 'ok' : 'error') if $path eq '/healthz';
    return (200, $query =~ s/^msg=//r) if $path eq '/echo';
    return (200, "method=$method target=$target host=$hostname");
}

sub serve_http {
    my ($socket) = @_;
    my $client = $socket->peerhost . ':' . $socket->peerport;
    while (defined(my $line = <$socket>)) {
        my ($method, $target) = $line =~ m{^(\S+) (\S+) HTTP/1} or return;
        my ($length, $close) = (0, 0);
        while (defined(my $header = <$socket>)) {
            last if $header =~ /^\r?\n$/;
            $length = $1 if $header =~ /^content-length:\s*(\d+)/i;
            $close = 1 if $header =~ /^connection:\s*close/i;
        }
        read $socket, my $body, $length if $length > 0;
        my ($code, $text) = answer_to($method, $target, $client);
        print "$method $target\n";
        my $head = "HTTP/1.1 $code X\r\nContent-Type: text/plain\r\nContent-Length: " . length($text) . "\r\n\r\n";
        print $socket $method eq 'HEAD' ? $head : $head . $text;
        return if $close;
    }
}

sub serve_udp {
    my ($socket) = @_;
    my $from = $socket->recv(my $said, 65_536);
    $said =~ s/\s+$//;
    my ($port, $address) = unpack_sockaddr_in($from);
    my %known = (hostname => $hostname, clientip => inet_ntoa($address) . ":$port");
    $socket->send($known{lc $said} // ($said =~ s/^echo //ir), 0, $from);
}

sub ask_udp {
    my ($host, $port, $text) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port, Proto => 'udp') || die "$host:$port: $!";
    $socket->send($text);
    exit 1 unless IO::Select->new($socket)->can_read(2) && defined $socket->recv(my $said, 65_536);
    print "$said\n";
    exit 0;
}

# --- gRPC: whatever is called answers with the health of the server ------------------------------------------------------

sub frame {
    my ($type, $flags, $stream, $payload) = @_;
    return substr(pack('N', length $payload), 1) . pack('CCN', $type, $flags, $stream) . $payload;
}

# HPACK, as literals without indexing.
sub headers {
    my @pairs = @_;
    my $block = '';
    while (my ($name, $value) = splice @pairs, 0, 2) {
        $block .= "\0" . chr(length $name) . $name . chr(length $value) . $value;
    }
    return $block;
}

sub serve_grpc {
    my ($socket) = @_;
    read $socket, my $preface, 24;
    print $socket frame(4, 0, 0, '');
    while (read($socket, my $head, 9) == 9) {
        my $length = unpack 'N', "\0" . substr $head, 0, 3;
        my ($type, $flags, $stream) = unpack 'CCN', substr $head, 3;
        my $payload = '';
        read $socket, $payload, $length if $length > 0;
        print $socket frame(4, 1, 0, '') if $type == 4 && !($flags & 1);
        print $socket frame(6, 1, 0, $payload) if $type == 6 && !($flags & 1);
        next unless $type == 0 && $flags & 1;
        my $status = healthy() ? 1 : 2;
        print $socket frame(1, 4, $stream, headers(':status', '200', 'content-type', 'application/grpc'));
        print $socket frame(0, 0, $stream, pack('CNCC', 0, 2, 8, $status));
        print $socket frame(1, 5, $stream, headers('grpc-status', '0'));
    }
}

# ------------------------------------------------------------------------------------------------------------------------

my @listening;
if ($mode eq 'netexec') {
    push @listening, [listener($flag{'--http-port'} // 8080, 'tcp'), \&serve_http];
    push @listening, [listener($flag{'--udp-port'} // 8081, 'udp'), undef];
} elsif ($mode eq 'grpc') {
    push @listening, [listener($flag{'--port'} // 5000, 'tcp'), \&serve_grpc];
} else {
    die "agnhost.pl knows netexec and grpc\n";
}
my $select = IO::Select->new(map { $_->[0] } @listening);
print "serving\n";
while (my @ready = $select->can_read) {
    for my $socket (@ready) {
        my ($one) = grep { $_->[0] == $socket } @listening;
        if (!$one->[1]) {
            serve_udp($socket);
            next;
        }
        my $client = $socket->accept or next;
        $client->autoflush(1);
        my $child = fork;
        if (defined $child && $child == 0) {
            $SIG{TERM} = 'DEFAULT';
            $one->[1]->($client);
            exit 0;
        }
        close $client;
    }
}
