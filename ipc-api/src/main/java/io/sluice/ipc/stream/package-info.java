/// A channel on a stream of bytes each way: what pipes and sockets have in common.
///
/// The transport brings a [io.sluice.ipc.stream.ByteStream]: reads and writes that do not block, a way to wait for them,
/// and evidence of the peer's death. Framing, the handshake, batching, locks, back pressure and closing are here, once.
package io.sluice.ipc.stream;
