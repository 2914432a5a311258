package io.sluice.ipc.mq;

/// A queue of a test, which is gone afterwards.
final class TestQueue implements AutoCloseable {
    final Kind kind;
    final String place;
    final MessageQueue queue;

    TestQueue(Kind kind) {
        this(kind, "");
    }

    /// @param options with their question mark
    TestQueue(Kind kind, String options) {
        this.kind = kind;
        this.place = kind.place();
        this.queue = MessageQueue.open(kind.scheme + ":" + place + options);
    }

    String address() {
        return kind.scheme + ":" + place;
    }

    @Override
    public void close() {
        queue.close();
        MessageQueue.remove(address());
    }
}
