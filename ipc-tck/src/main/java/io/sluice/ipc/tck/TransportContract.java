package io.sluice.ipc.tck;

import java.util.Set;
import org.junit.jupiter.api.Timeout;

/// The contract that every transport passes, as JUnit tests; a transport's test extends it and names addresses.
///
/// Each interface that this class implements is one line of the contract. What a transport's channels do not promise
/// in their [io.sluice.ipc.Capabilities] is skipped, and tested to be the truth where it can be.
///
/// Random tests print their seed; the system property `ipc.seed` sets it. With `ipc.soak=true` there are long tests
/// too.
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public abstract class TransportContract
        implements
            WholeMessages,
            OrderedOnce,
            ManyThreads,
            BackPressure,
            OrderlyClose,
            PeerDeath,
            OneOwner,
            Rendezvous,
            HonestAddresses,
            NoLeaks,
            IdleWaiting,
            NoAllocation,
            Interrupts,
            Serving,
            Counting,
            HonestLoss,
            TruthfulCapabilities {
    /// For the transport's test.
    protected TransportContract() {}

    /// An address at which nobody is bound or has been; options may be part of it, and the suite sets further ones.
    ///
    /// @return for example `shm:` and a random name
    protected abstract String newAddress();

    /// The most bytes that the transport may accept in one direction while the peer does not read.
    ///
    /// @return bytes, 64 MiB unless overridden
    protected long maxInFlight() {
        return 64L << 20;
    }

    /// How many messages of up to 1,000 bytes a side can send while the peer does not read.
    ///
    /// @return 100 unless overridden
    protected int leastInFlight() {
        return 100;
    }

    /// How many channels, with both ends in one process, are sure to fit into the limits of the system and the user.
    ///
    /// @return 1,000 unless overridden
    protected int maxChannels() {
        return 1_000;
    }

    /// Whether a message of a transport that is not reliable arrives nevertheless if nothing else is on its way, in the network in
    /// which the suite runs: then it is tested as others are wherever messages are sent one at a time.
    ///
    /// @return true unless overridden
    protected boolean loneMessagesArrive() {
        return true;
    }

    /// What the transport has in the system outside of this process, by name: files, kernel queues. It must be the same
    /// after a close or a crash as before.
    ///
    /// @return names; none unless overridden
    protected Set<String> traces() {
        return Set.of();
    }
}
