/// A channel on two rings in memory that both sides map: what `inproc:` and `shm:` have in common.
///
/// And, without the rings: a channel of any two directions that are in memory or files which both sides share, as `file:` has.
///
/// The transport brings the memory, a [io.sluice.ipc.ring.Link] to the peer (which wakes it, and knows whether it lives),
/// and a way to sleep; the ring, fragments, locks, waiting, serving and closing are here, once.
package io.sluice.ipc.ring;
