package io.sluice.ipc.spi;

/// How a blocking call waits: the option `wait`.
public enum WaitStrategy {
    /// Never sleeps: the least latency, and a core of its own.
    SPIN,
    /// Spins for as long as that has paid off lately, some microseconds at most, then sleeps.
    ADAPTIVE,
    /// Sleeps at once: costs no CPU while it waits.
    BLOCK
}
