package io.sluice.ipc;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.AtomicBuffer;

/// Calls every method of a buffer with harmless arguments. Also a program: it does so on every kind of memory, and
/// prints errors of linking, so that a test can start it in a JVM that has no flags and see which classes are loaded.
final class BufferCalls {
    private static final String TEXT = "1234567";
    private static final String LONGER_TEXT = "12345678901234567890";

    private BufferCalls() {}

    public static void main(String[] arguments) {
        for (TestMemory kind : TestMemory.values()) {
            MemorySegment memory = kind.allocate(Arena.ofAuto(), 64);
            for (Method method : methods()) {
                Throwable thrown = call(new SegmentBuffer(memory), method);
                if (thrown instanceof Error) {
                    System.out.println(method + " on " + kind + ": " + thrown);
                }
            }
        }
        System.out.println("called " + methods().size() + " methods");
    }

    static List<Method> methods() {
        return Arrays.stream(AtomicBuffer.class.getMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()) && !method.isBridge())
                .sorted(Comparator.comparing(Method::toString))
                .toList();
    }

    /// Whether a method writes to the memory.
    static boolean writes(Method method) {
        return method.getName().matches("(put|setMemory|add[LI]|compareAnd|getAnd).*");
    }

    /// Whether a method reads or writes the memory.
    static boolean touches(Method method) {
        return writes(method) || method.getName().matches("(get|parse).*");
    }

    /// Calls a method, with 8 for the index, the length and every other `int`.
    ///
    /// @return what it threw, or null
    static Throwable call(SegmentBuffer buffer, Method method) {
        Class<?>[] types = method.getParameterTypes();
        Object[] arguments = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            arguments[i] = argument(types[i]);
            if (arguments[i] == TEXT && types.length == 4 && types[2] == int.class) {
                arguments[i] = LONGER_TEXT; // a part of it, from 8 on, is meant
            }
        }
        try {
            method.invoke(buffer, arguments);
            return null;
        } catch (InvocationTargetException e) {
            return e.getCause();
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static Object argument(Class<?> type) {
        return switch (type.getSimpleName()) {
            case "int" -> 8;
            case "long" -> 12L;
            case "double" -> 1.5;
            case "float" -> 2.5f;
            case "short" -> (short) 3;
            case "char" -> 'c';
            case "byte" -> (byte) 5;
            case "byte[]" -> new byte[24];
            case "ByteOrder" -> ByteOrder.BIG_ENDIAN;
            case "ByteBuffer" -> ByteBuffer.allocateDirect(24);
            case "String", "CharSequence" -> TEXT;
            case "Appendable" -> new StringBuilder();
            default -> {
                if (type == DirectBuffer.class || type == MutableDirectBuffer.class || type == Object.class) {
                    yield SegmentBuffer.allocate(24);
                }
                throw new AssertionError("No argument of " + type);
            }
        };
    }
}
