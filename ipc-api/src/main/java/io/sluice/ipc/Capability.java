package io.sluice.ipc;

/// Something that a channel promises, or does not; the conformance suite holds each to its word.
public enum Capability {
    /// Messages arrive in the order in which they were sent.
    ORDERED,
    /// Each message arrives once, none is lost, while both sides live.
    RELIABLE,
    /// Messages go both ways.
    BIDIRECTIONAL,
    /// A message is received as it was sent, not cut or joined.
    BOUNDED_MESSAGES,
    /// The two ends may be in different processes.
    CROSS_PROCESS,
    /// The two ends may be on different machines.
    CROSS_MACHINE,
    /// Messages outlive both processes.
    DURABLE,
    /// A claim is written in place and a polled message is read in place, with no copy on the way.
    ZERO_COPY,
    /// `offer`, `poll` and claim allocate nothing once warm.
    ALLOCATION_FREE,
    /// The death of the peer's process is noticed by evidence of the operating system.
    PROVES_DEATH,
    /// [Peer#user()] is proven by the operating system.
    PROVES_USER
}
