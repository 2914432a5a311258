package io.sluice.ipc.shm;

import io.sluice.ipc.ring.RingLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The memory of one channel.
///
/// ```
///   byte
///      0  +--------------------------------+
///         | magic                    int64 |  "SLUICSHM"
///      8  | version                  int32 |
///     12  | capacity of each ring    int32 |
///     16  | cookie                   int64 |  the one of the welcome, so that nobody maps another file
///    128  +--------------------------------+
///         | ring from client to server     |  see RingLayout
///         +--------------------------------+
///         | ring from server to client     |
///         +--------------------------------+
/// ```
final class ShmLayout {
    /// Of the handshake and of the memory; both sides must have the same.
    static final int VERSION = 1;

    /// `SLUICSHM` in the order of the bytes.
    static final long MAGIC = 0x4D48_5343_4955_4C53L;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int MAGIC_OFFSET = 0;
    private static final int VERSION_OFFSET = 8;
    private static final int CAPACITY_OFFSET = 12;
    private static final int COOKIE_OFFSET = 16;
    private static final int RINGS_OFFSET = 128;

    private ShmLayout() {}

    static long length(int capacity) {
        return RINGS_OFFSET + 2 * RingLayout.ringLength(capacity);
    }

    static void initialise(MemorySegment memory, int capacity, long cookie) {
        memory.set(LONG, MAGIC_OFFSET, MAGIC);
        memory.set(INT, VERSION_OFFSET, VERSION);
        memory.set(INT, CAPACITY_OFFSET, capacity);
        memory.set(LONG, COOKIE_OFFSET, cookie);
    }

    static boolean isInitialised(MemorySegment memory, int capacity, long cookie) {
        return memory.get(LONG, MAGIC_OFFSET) == MAGIC
                && memory.get(INT, VERSION_OFFSET) == VERSION
                && memory.get(INT, CAPACITY_OFFSET) == capacity
                && memory.get(LONG, COOKIE_OFFSET) == cookie;
    }

    static MemorySegment clientToServer(MemorySegment memory, int capacity) {
        return memory.asSlice(RINGS_OFFSET, RingLayout.ringLength(capacity));
    }

    static MemorySegment serverToClient(MemorySegment memory, int capacity) {
        return memory.asSlice(RINGS_OFFSET + RingLayout.ringLength(capacity), RingLayout.ringLength(capacity));
    }
}
