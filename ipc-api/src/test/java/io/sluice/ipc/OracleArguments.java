package io.sluice.ipc;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.ExpandableDirectByteBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/// Random arguments for one call of a buffer's method: the same from the same seed, so that a buffer and its oracle
/// each get a set of their own, whose state after the call can be compared.
final class OracleArguments {
    private static final int LONGEST = 80;

    /// Memory for arguments that are buffers; a call has one of them at most.
    private static final Map<TestMemory, MemorySegment> SCRATCH = Arrays.stream(TestMemory.values())
            .collect(Collectors.toMap(kind -> kind, kind -> kind.allocate(Arena.ofAuto(), LONGEST)));

    private static final int[] EXTREME_INTS = {
        -1, -4, -8, Integer.MIN_VALUE, Integer.MIN_VALUE + 1, Integer.MAX_VALUE, Integer.MAX_VALUE - 3, -2147483600
    };

    private final Random random;
    private final Method method;
    private final AtomicBuffer self;
    private final Arena arena;

    /// Whether these are for the [SegmentBuffer]: where it gets another one, the oracle gets an [UnsafeBuffer].
    private final boolean ours;

    private final Object[] values;

    OracleArguments(long seed, Method method, AtomicBuffer self, Arena arena, boolean ours) {
        this.random = new Random(seed);
        this.method = method;
        this.self = self;
        this.arena = arena;
        this.ours = ours;
        Class<?>[] types = method.getParameterTypes();
        values = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            values[i] = i == 0 && method.getDeclaringClass() == AtomicBuffer.class ? alignedIndex() : value(types[i]);
        }
    }

    Object[] values() {
        return values;
    }

    /// All that the call may have changed.
    List<Object> state() {
        List<Object> state = new ArrayList<>();
        for (Object value : values) {
            switch (value) {
                case byte[] array -> state.add(Arrays.toString(array));
                case ByteBuffer buffer -> {
                    state.add(buffer.position());
                    state.add(buffer.limit());
                    byte[] content = new byte[buffer.capacity()];
                    buffer.duplicate().clear().get(content);
                    state.add(Arrays.toString(content));
                }
                case DirectBuffer buffer -> state.add(contentWithoutTrailingZeros(buffer));
                case Appendable text -> state.add(text.toString());
                case null, default -> {}
            }
        }
        return state;
    }

    /// Trailing zeros do not count, since Agrona's expandable buffers grow even when the copy is then refused, and ours
    /// checks first.
    private static String contentWithoutTrailingZeros(DirectBuffer buffer) {
        int length = buffer.capacity();
        while (length > 0 && buffer.getByte(length - 1) == 0) {
            length--;
        }
        byte[] content = new byte[length];
        buffer.getBytes(0, content);
        return Arrays.toString(content);
    }

    static String describe(Object[] values) {
        List<String> texts = new ArrayList<>();
        for (Object value : values) {
            texts.add(value instanceof byte[] array ? "byte[" + array.length + "]" : String.valueOf(value));
        }
        return texts.toString();
    }

    /// Content that makes methods do something: anything, digits, small lengths.
    static byte[] content(Random random, int length) {
        byte[] bytes = new byte[length];
        switch (random.nextInt(5)) {
            case 0 -> random.nextBytes(bytes);
            case 1 -> {
                for (int i = 0; i < length; i++) {
                    bytes[i] = (byte) ('0' + random.nextInt(10));
                }
            }
            case 2 -> {
                for (int i = 0; i < length; i++) {
                    bytes[i] = (byte) (random.nextInt(6) == 0 ? '-' : '0' + random.nextInt(10));
                }
            }
            case 3 -> {
                for (int i = 0; i < length; i += 4) {
                    bytes[i] = (byte) random.nextInt(20);
                }
            }
            default -> {
                for (int i = 3; i < length; i += 4) {
                    bytes[i] = (byte) random.nextInt(20);
                }
            }
        }
        return bytes;
    }

    private Object value(Class<?> type) {
        if (type == int.class) {
            return anInt();
        } else if (type == long.class) {
            return random.nextInt(4) == 0 ? powerOfTen() : random.nextLong() >> random.nextInt(64);
        } else if (type == double.class) {
            return random.nextInt(3) == 0 ? Double.NaN : Double.longBitsToDouble(random.nextLong());
        } else if (type == float.class) {
            return random.nextInt(3) == 0 ? Float.NEGATIVE_INFINITY : Float.intBitsToFloat(random.nextInt());
        } else if (type == short.class) {
            return (short) random.nextInt();
        } else if (type == char.class) {
            return (char) random.nextInt();
        } else if (type == byte.class) {
            return (byte) random.nextInt();
        } else if (type == ByteOrder.class) {
            return random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        } else if (type == byte[].class) {
            return random.nextInt(30) == 0 ? null : bytes();
        } else if (type == ByteBuffer.class) {
            return byteBuffer();
        } else if (type == DirectBuffer.class || type == MutableDirectBuffer.class) {
            return buffer();
        } else if (type == String.class) {
            return text();
        } else if (type == CharSequence.class) {
            String text = text();
            return text == null || random.nextBoolean() ? text : new StringBuilder(text);
        } else if (type == Appendable.class) {
            return random.nextInt(6) == 0 ? new FullAppendable(random.nextInt(4)) : new StringBuilder();
        }
        throw new AssertionError("No arguments of " + type + " for " + method);
    }

    private int anInt() {
        boolean growing = Arrays.asList(method.getParameterTypes()).contains(MutableDirectBuffer.class);
        return switch (random.nextInt(10)) {
            case 0 -> EXTREME_INTS[random.nextInt(EXTREME_INTS.length)];
            case 1 -> self.capacity() - random.nextInt(12) + 2;
            case 2 -> growing ? random.nextInt(300) : (int) powerOfTen();
            case 3 -> random.nextInt(self.capacity() + 8);
            default -> random.nextInt(Math.min(24, self.capacity() + 1));
        };
    }

    private long powerOfTen() {
        long power = 1;
        for (int i = random.nextInt(19); i > 0; i--) {
            power *= 10;
        }
        return (power + random.nextInt(3) - 1) * (random.nextInt(3) == 0 ? -1 : 1);
    }

    /// An index for atomic access, which must be aligned; in bounds or out of them.
    private int alignedIndex() {
        int width = width(method.getName());
        if (random.nextInt(12) == 0) {
            return random.nextBoolean() ? Integer.MIN_VALUE : Integer.MAX_VALUE - (width - 1);
        }
        return (random.nextInt(self.capacity() / width + 3) - 1) * width;
    }

    private static int width(String name) {
        if (name.contains("Long")) {
            return 8;
        }
        if (name.contains("Int")) {
            return 4;
        }
        return name.contains("Byte") ? 1 : 2;
    }

    private byte[] bytes() {
        byte[] bytes = new byte[random.nextInt(LONGEST + 1)];
        random.nextBytes(bytes);
        return bytes;
    }

    private String text() {
        return switch (random.nextInt(8)) {
            case 0 -> null;
            case 1 -> "";
            case 2 -> "caf\u00e9 \u20ac \ud83d\ude00 \ud800 end";
            case 3 -> "x".repeat(random.nextInt(100));
            default -> Long.toString(random.nextLong(), 36);
        };
    }

    private ByteBuffer byteBuffer() {
        byte[] content = bytes();
        ByteBuffer outer =
                random.nextBoolean() ? ByteBuffer.allocateDirect(content.length) : ByteBuffer.allocate(content.length);
        outer.put(content).clear();
        int start = random.nextInt(content.length + 1);
        ByteBuffer buffer = outer.slice(start, random.nextInt(content.length - start + 1));
        buffer.limit(random.nextInt(buffer.capacity() + 1));
        buffer.position(random.nextInt(buffer.limit() + 1));
        if (random.nextBoolean()) {
            buffer.limit(buffer.capacity());
        }
        boolean mayBeReadOnly = method.getName().startsWith("put");
        buffer = mayBeReadOnly && random.nextInt(3) == 0 ? buffer.asReadOnlyBuffer() : buffer;
        return buffer.order(random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    }

    private MutableDirectBuffer buffer() {
        byte[] content = bytes();
        int start = random.nextInt(content.length + 1);
        int length = random.nextInt(content.length - start + 1);
        MemorySegment segment = arena.allocate(Math.max(1, content.length), 8).asSlice(0, content.length);
        segment.copyFrom(MemorySegment.ofArray(content));
        return switch (random.nextInt(10)) {
            case 0 -> new UnsafeBuffer(content, start, length);
            case 1 -> new UnsafeBuffer(segment.asByteBuffer(), start, length);
            case 2 -> new UnsafeBuffer(ByteBuffer.wrap(content), start, length);
            case 3 -> new UnsafeBuffer(segment.address() + start, length);
            case 4 -> {
                MutableDirectBuffer buffer = new ExpandableArrayBuffer(content.length);
                buffer.putBytes(0, content);
                yield buffer;
            }
            case 5 -> {
                MutableDirectBuffer buffer = new ExpandableDirectByteBuffer(content.length);
                buffer.putBytes(0, content);
                yield buffer;
            }
            case 6 -> self;
            case 7 -> alias();
            default -> {
                TestMemory[] kinds = TestMemory.values();
                MemorySegment memory = SCRATCH.get(kinds[random.nextInt(kinds.length)]).copyFrom(segment);
                yield ours
                        ? new SegmentBuffer(memory.asSlice(start, length))
                        : new UnsafeBuffer(content, start, length);
            }
        };
    }

    /// Another buffer on the same memory, which may overlap what is copied; without an array, nothing but an address.
    private MutableDirectBuffer alias() {
        int start = random.nextInt(self.capacity() + 1);
        int length = self.capacity() - start;
        boolean heap = ours ? !((SegmentBuffer) self).segment().isNative() : self.byteArray() != null;
        if (heap) {
            return ours ? new SegmentBuffer(self, start, length) : new UnsafeBuffer(self, start, length);
        }
        return new UnsafeBuffer(self.addressOffset() + start, length);
    }

    /// Takes some characters, then fails, as a full disk would.
    private static final class FullAppendable implements Appendable {
        private final StringBuilder text = new StringBuilder();
        private final int room;

        FullAppendable(int room) {
            this.room = room;
        }

        @Override
        public Appendable append(CharSequence sequence) throws IOException {
            return append(sequence, 0, sequence.length());
        }

        @Override
        public Appendable append(CharSequence sequence, int start, int end) throws IOException {
            for (int i = start; i < end; i++) {
                append(sequence.charAt(i));
            }
            return this;
        }

        @Override
        public Appendable append(char character) throws IOException {
            if (text.length() == room) {
                throw new IOException("full");
            }
            text.append(character);
            return this;
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
