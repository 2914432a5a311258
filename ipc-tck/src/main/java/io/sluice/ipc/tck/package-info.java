/// The contract of a transport, as tests: in one JVM, and against a second one that echoes, stalls, closes, stops, or
/// is killed at a random moment.
///
/// A transport of your own needs this artifact in scope `test`, the JUnit Jupiter engine, and one class:
///
///     final class PigeonConformanceTest extends TransportContract {
///         @Override
///         protected String newAddress() {
///             return "pigeon:tck-" + UUID.randomUUID();
///         }
///     }
///
/// The suite finds the transport as applications do, by [java.util.ServiceLoader], also in the second JVM, which it
/// starts on the same class path with no JVM flags. System properties that start with `ipc.` reach it as environment
/// variables (`ipc.dir` as `IPC_DIR`).
///
/// What a channel's [io.sluice.ipc.Capabilities] do not promise is not demanded: a transport inside one process is not
/// tested against a second JVM, except that a second JVM must not reach it. Options that the transport does not take,
/// such as `max-message`, skip the tests that need them. Everything else must hold:
///
/// | tests | line of the contract |
/// | --- | --- |
/// | `WholeMessages` | 1: whole, as sent, up to `max-message` |
/// | `OrderedOnce`, `ManyThreads` | 2: in order, once, none lost, by any number of threads |
/// | `BackPressure` | 3: bounded memory; nothing lost or torn when the peer does not read |
/// | `OrderlyClose` | 4: close delivers, then the end; nobody is left waiting |
/// | `PeerDeath` | 5: a killed peer leaves whole messages and a [io.sluice.ipc.PeerLostException] |
/// | `OneOwner` | 6: one endpoint at an address; no leftovers |
/// | `Rendezvous` | 7: connecting before the bind |
/// | `HonestAddresses` | 8: what is wrong is said in words that help |
/// | `NoLeaks` | 9: threads, descriptors, mappings, files as before |
/// | `IdleWaiting` | 10: waiting costs no CPU and no carrier thread |
/// | `NoAllocation` | 11: warm `offer`, `poll` and claim allocate nothing |
/// | `Interrupts`, `Serving`, `Counting`, `TruthfulCapabilities` | section 3: what the Javadoc promises beside |
///
/// A failure carries the seed of its random numbers and what second JVMs wrote to their standard error.
package io.sluice.ipc.tck;
