package io.sluice.ipc.mq;

/// `mq:NAME`: channels over POSIX message queues, mq_overview(7).
public final class PosixTransport extends QueueTransport {
    /// For [java.util.ServiceLoader].
    public PosixTransport() {
        super("mq", PosixCarrier.INSTANCE);
    }

    @Override
    public String synchronisation() {
        return "kernel queue, poll";
    }
}
