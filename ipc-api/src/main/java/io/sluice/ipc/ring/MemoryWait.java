package io.sluice.ipc.ring;

import java.lang.foreign.MemorySegment;

/// How a platform thread sleeps on a 32-bit word of shared memory until a thread of another process wakes it.
public interface MemoryWait {
    /// Where the system cannot do it.
    MemoryWait NONE = new MemoryWait() {
        @Override
        public boolean isSupported() {
            return false;
        }

        @Override
        public void sleep(MemorySegment memory, long offset, long nanos) {
            throw new IllegalStateException("no thread can sleep on a word of memory here");
        }

        @Override
        public void wake(MemorySegment memory, long offset) {
            // nobody sleeps
        }
    };

    /// Whether [#sleep] may be called.
    ///
    /// @return false if waiting threads must be woken in another way
    boolean isSupported();

    /// Sleeps while the word is [RingLayout#WAIT_FUTEX]; may return early for no reason, and does when the thread is
    /// interrupted. Never called by a virtual thread.
    ///
    /// @param memory holds the word
    /// @param offset where it is, in bytes
    /// @param nanos how long at most; `Long.MAX_VALUE` for ever
    void sleep(MemorySegment memory, long offset, long nanos);

    /// Wakes the thread that sleeps on the word, whichever process it is in.
    ///
    /// @param memory holds the word
    /// @param offset where it is, in bytes
    void wake(MemorySegment memory, long offset);
}
