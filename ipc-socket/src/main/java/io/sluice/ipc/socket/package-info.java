/// The `tcp:`, `tls:` and `unix:` transports, a server and its clients over stream sockets, and `udp:`, over datagrams.
///
/// The kernel's socket buffers carry the bytes; framing, batching and closing are those of `io.sluice.ipc.stream`. A thread that
/// uses a channel reads and writes the socket itself, and sleeps in the kernel until it is ready. A served endpoint is a
/// Netty event loop, whose thread reads, calls the handler, and writes. End of file, or a reset, without a closing frame is
/// the proof of the peer's death. Sockets are the JDK's, or, where Netty's native library is present, the system's own.
///
/// TLS is the JDK's, between a socket and its user ([io.sluice.ipc.socket.TlsTransport]); all else is the same with it.
///
/// Over `udp:` a thread reads the one socket of all sessions and puts each message into the ring of its session, in this process's
/// memory; from there on all is `io.sluice.ipc.ring`. Messages may get lost, and nothing proves a death.
package io.sluice.ipc.socket;
