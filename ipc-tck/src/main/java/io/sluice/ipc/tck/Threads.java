package io.sluice.ipc.tck;

/// The two kinds of threads, which must find the same contract.
enum Threads {
    PLATFORM {
        @Override
        Thread.Builder builder() {
            return Thread.ofPlatform().daemon().name("tck-task");
        }
    },
    VIRTUAL {
        @Override
        Thread.Builder builder() {
            return Thread.ofVirtual().name("tck-virtual-task");
        }
    };

    abstract Thread.Builder builder();
}
