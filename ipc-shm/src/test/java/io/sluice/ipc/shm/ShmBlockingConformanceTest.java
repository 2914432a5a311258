package io.sluice.ipc.shm;

/// The contract once more, with threads that never spin before they sleep.
final class ShmBlockingConformanceTest extends ShmConformanceTest {
    @Override
    protected String newAddress() {
        return super.newAddress() + "?wait=block";
    }
}
