package io.sluice.ipc.os;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// The names of users and groups, which the kernel knows by number.
///
/// Source: getpwuid_r(3), getgrgid_r(3). Both give a structure whose first member is the name.
public final class Accounts {
    private static final FunctionDescriptor BY_NUMBER = FunctionDescriptor.of(
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT,
            ValueLayout.ADDRESS,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS);
    private static final MethodHandle USER = Libc.bind("getpwuid_r", BY_NUMBER);
    private static final MethodHandle GROUP = Libc.bind("getgrgid_r", BY_NUMBER);
    /// More than `struct passwd` and `struct group` take.
    private static final int ENTRY_LENGTH = 128;
    /// A group has all its members in there.
    private static final int TEXT_LENGTH = 256 << 10;

    private Accounts() {}

    /// The name of a user.
    ///
    /// @param number its number
    /// @return its name, or the number as text if it has none
    public static String user(int number) {
        return name(USER, number);
    }

    /// The name of a group.
    ///
    /// @param number its number
    /// @return its name, or the number as text if it has none
    public static String group(int number) {
        return name(GROUP, number);
    }

    private static String name(MethodHandle function, int number) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entry = arena.allocate(ENTRY_LENGTH, Long.BYTES);
            MemorySegment text = arena.allocate(TEXT_LENGTH);
            MemorySegment found = arena.allocate(ValueLayout.ADDRESS);
            int result = (int) function.invokeExact(number, entry, text, text.byteSize(), found);
            if (result != 0 || found.get(ValueLayout.JAVA_LONG, 0) == 0) {
                return Integer.toUnsignedString(number);
            }
            long offset = entry.get(ValueLayout.JAVA_LONG, 0) - text.address();
            return text.getString(offset);
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }
}
