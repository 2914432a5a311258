package io.sluice.ipc.mq;

/// `sysv:NAME`: channels over System V message queues, sysvipc(7).
public final class SystemVTransport extends QueueTransport {
    /// For [java.util.ServiceLoader].
    public SystemVTransport() {
        super("sysv", SystemVCarrier.INSTANCE);
    }

    @Override
    public String synchronisation() {
        return "kernel queue, poll of a pipe";
    }
}
