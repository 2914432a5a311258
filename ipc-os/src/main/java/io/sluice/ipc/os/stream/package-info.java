/// Channels on streams whose readiness poll(2) tells, of processes that meet over named pipes.
///
/// Two processes *meet* in the runtime directory: [io.sluice.ipc.os.stream.Rendezvous]. What then carries their bytes is the
/// transport's: a [io.sluice.ipc.os.stream.Conduit], with descriptors that say when something can be read or written, and
/// when the peer is gone. How threads wait for it is here, once: a [io.sluice.ipc.os.stream.PolledStream] for those who
/// send and receive, a [io.sluice.ipc.os.stream.ConduitPoller] for one that serves many.
package io.sluice.ipc.os.stream;
