package io.sluice.ipc.os;

/// What the kernel says of a queue; filled by [KernelQueue#status]. Zero is what the kind of queue does not say.
public final class QueueStatus {
    long messages;
    long bytes;
    long depth;
    long messageSize;
    long capacity;

    /// Makes one to be filled.
    public QueueStatus() {}

    /// How many messages wait.
    ///
    /// @return messages
    public long messages() {
        return messages;
    }

    /// System V: their bytes.
    ///
    /// @return bytes
    public long bytes() {
        return bytes;
    }

    /// POSIX: how many messages fit.
    ///
    /// @return messages
    public long depth() {
        return depth;
    }

    /// POSIX: how large a message may be.
    ///
    /// @return bytes
    public long messageSize() {
        return messageSize;
    }

    /// System V: how many bytes fit.
    ///
    /// @return bytes
    public long capacity() {
        return capacity;
    }
}
