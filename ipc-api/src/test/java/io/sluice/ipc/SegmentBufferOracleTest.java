package io.sluice.ipc;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.stream.Collectors.toCollection;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A [SegmentBuffer] does what Agrona's [UnsafeBuffer] does: the same random calls on both, and the same results,
/// contents, changes to the arguments and kinds of exceptions. Every method of the interfaces is called.
///
/// The oracle, not we, needs `--add-opens java.base/jdk.internal.misc=ALL-UNNAMED`: these tests run in a JVM of their
/// own. `-Dipc.seed=` repeats a run.
@Tag("oracle")
class SegmentBufferOracleTest {
    private static final long SEED = Long.getLong("ipc.seed", new Random().nextLong());
    private static final int ROUNDS = Integer.getInteger("ipc.rounds", 150);

    /// Memory before and after the buffer, to see that it is left alone; a multiple of 8.
    private static final int GUARD = 16;

    private static final int MAX_CAPACITY = 1031;
    private static final int[] CAPACITIES = {0, 1, 7, 8, 23, 64, 251, MAX_CAPACITY};

    /// Methods about what a buffer is attached to: they have a test each; every other one is called at random.
    private static final Set<String> ATTACHMENT =
            Set.of("wrap", "addressOffset", "byteArray", "byteBuffer", "wrapAdjustment", "verifyAlignment");

    @BeforeAll
    static void printSeed() {
        System.out.println("SegmentBufferOracleTest: -Dipc.seed=" + SEED);
    }

    @ParameterizedTest
    @EnumSource
    void everyMethodDoesWhatTheOracleDoes(TestMemory kind) {
        MemorySegment memory = kind.allocate(Arena.ofAuto(), GUARD + MAX_CAPACITY + GUARD);
        for (Method method : methodsOfTheInterfaces()) {
            if (ATTACHMENT.contains(method.getName())) {
                continue;
            }
            int returned = 0;
            int refused = 0;
            // Some calls are in bounds by luck alone: they are repeated until they have been.
            boolean isRefusable = Arrays.asList(method.getParameterTypes()).contains(int.class);
            for (int round = 0; round < ROUNDS
                    || (returned == 0 || isRefusable && refused == 0) && round < 100 * ROUNDS; round++) {
                long seed = SEED + 31L * method.toString().hashCode() + 7_919L * round;
                if (sameOutcome(memory, method, seed)) {
                    returned++;
                } else {
                    refused++;
                }
            }
            assertTrue(returned > 0, () -> "never returned, so it was not exercised: " + method);
            assertTrue(!isRefusable || refused > 0, () -> "never called out of bounds: " + method);
        }
    }

    @Test
    void everyMethodOfTheInterfacesIsExercised() {
        Set<String> own = methodsOfTheInterfaces().stream()
                .map(Method::getName)
                .filter(ATTACHMENT::contains)
                .collect(toCollection(TreeSet::new));
        assertEquals(new TreeSet<>(ATTACHMENT), own);
        // Every other method takes part in the random calls by construction; what has a test of its own is counted.
        long wraps = methodsOfTheInterfaces().stream().filter(m -> m.getName().equals("wrap")).count();
        assertEquals(7, wraps, "wrap has an overload that the tests below do not know");
    }

    /// Calls one method on both buffers, and compares everything that can be seen.
    ///
    /// @return whether it returned, and did not throw
    private static boolean sameOutcome(MemorySegment memory, Method method, long seed) {
        try (Arena arena = Arena.ofConfined()) {
            Random random = new Random(seed);
            int capacity = CAPACITIES[random.nextInt(CAPACITIES.length)];
            byte[] content = OracleArguments.content(random, GUARD + capacity + GUARD);
            MemorySegment whole = memory.asSlice(0, content.length).copyFrom(MemorySegment.ofArray(content));
            SegmentBuffer ours = new SegmentBuffer(whole.asSlice(GUARD, capacity));

            boolean offHeap = memory.isNative();
            MemorySegment oracleWhole = offHeap ? arena.allocate(content.length, 8) : MemorySegment.ofArray(content);
            oracleWhole.copyFrom(MemorySegment.ofArray(content));
            UnsafeBuffer oracle = offHeap
                    ? new UnsafeBuffer(oracleWhole.address() + GUARD, capacity)
                    : new UnsafeBuffer(content, GUARD, capacity);

            long argumentSeed = random.nextLong();
            OracleArguments ourArguments = new OracleArguments(argumentSeed, method, ours, arena, true);
            OracleArguments itsArguments = new OracleArguments(argumentSeed, method, oracle, arena, false);
            Object ourOutcome = call(method, ours, ourArguments.values());
            Object itsOutcome = call(method, oracle, itsArguments.values());

            Supplier<String> what = () -> "capacity=" + capacity + " " + method + " with "
                    + OracleArguments.describe(itsArguments.values()) + ", -Dipc.seed=" + SEED;
            assertEquals(itsOutcome, ourOutcome, what);
            assertArrayEquals(
                    oracleWhole.toArray(ValueLayout.JAVA_BYTE),
                    whole.toArray(ValueLayout.JAVA_BYTE),
                    () -> "contents after " + what.get());
            assertEquals(itsArguments.state(), ourArguments.state(), () -> "arguments after " + what.get());
            assertEquals(oracle.hashCode(), ours.hashCode(), () -> "hashCode after " + what.get());
            return !(itsOutcome instanceof Thrown);
        }
    }

    private record Thrown(Class<?> kind) {}

    private static Object call(Method method, AtomicBuffer buffer, Object[] arguments) {
        try {
            Object result = method.invoke(buffer, arguments);
            return switch (result) {
                case Double d -> Double.doubleToRawLongBits(d);
                case Float f -> Float.floatToRawIntBits(f);
                case null -> "nothing";
                default -> result;
            };
        } catch (InvocationTargetException e) {
            Throwable thrown = e.getCause();
            return new Thrown(
                    thrown instanceof IndexOutOfBoundsException ? IndexOutOfBoundsException.class : thrown.getClass());
        } catch (IllegalAccessException e) {
            return fail(e);
        }
    }

    private static List<Method> methodsOfTheInterfaces() {
        return Arrays.stream(AtomicBuffer.class.getMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()) && !method.isBridge())
                .filter(method -> method.getDeclaringClass() != Comparable.class)
                .sorted(Comparator.comparing(Method::toString))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "0", "9", "10", "99", "100", "9999", "10000", "99999999", "100000000", "999999999", "1000000000",
        "2147483646", "2147483647", "2147483648", "4294967295", "9999999999", "10000000000",
        "999999999999999999", "1000000000000000000", "9223372036854775806", "9223372036854775807",
        "9223372036854775808", "9223372099999999999", "9999999999999999999", "10000000000000000000",
        "00000000000000000001", "0000000000000000001", "0000000001", "", "-", "--1", "+1", "1-", "1 ", "12a4",
        "1234567a", "12345678a", "1234567890a", "123456789012345678a"
    })
    void numbersAtTheEdgesAreReadAlike(String digits) throws ReflectiveOperationException {
        for (String text : List.of(digits, "-" + digits)) {
            byte[] bytes = ("7" + text + "7").getBytes(US_ASCII);
            for (String method : List.of("parseIntAscii", "parseLongAscii", "parseNaturalIntAscii",
                    "parseNaturalLongAscii")) {
                Method parse = AtomicBuffer.class.getMethod(method, int.class, int.class);
                Object[] arguments = {1, text.length()};
                assertEquals(
                        call(parse, new UnsafeBuffer(bytes), arguments),
                        call(parse, new SegmentBuffer(bytes), arguments),
                        () -> method + " of '" + text + "'");
            }
        }
    }

    @Test
    void numbersOfEveryLengthAreWrittenAlike() {
        for (long power = 1;; power *= 10) {
            for (long value : new long[] {power - 1, power, power + 1, -power, 1 - power, 3 * power}) {
                for (Method method : methodsOfTheInterfaces()) {
                    if (method.getName().matches("put(Natural)?(Int|Long)Ascii")) {
                        byte[] expected = new byte[40];
                        byte[] actual = new byte[40];
                        boolean isInt = method.getParameterTypes()[1] == int.class;
                        Object[] arguments = {3, isInt ? (Object) (int) value : (Object) value};
                        assertEquals(
                                call(method, new UnsafeBuffer(expected), arguments),
                                call(method, new SegmentBuffer(actual), arguments),
                                () -> method + " of " + value);
                        assertArrayEquals(expected, actual, () -> method + " of " + value);
                    }
                }
            }
            if (power > Long.MAX_VALUE / 10) {
                break;
            }
        }
    }

    @Test
    void wrappedArraysAreAttachedAlike() {
        byte[] array = numbered(64);
        SegmentBuffer ours = new SegmentBuffer();
        UnsafeBuffer oracle = new UnsafeBuffer();
        assertEquals(oracle.capacity(), ours.capacity());

        oracle.wrap(array);
        ours.wrap(array);
        assertSameAttachment(oracle, ours);
        assertSame(array, ours.byteArray());

        oracle.wrap(array, 8, 40);
        ours.wrap(array, 8, 40);
        assertSameAttachment(oracle, ours);

        for (int[] part : new int[][] {{-1, 4}, {0, 65}, {60, 5}, {64, 1}, {0, -1}, {Integer.MAX_VALUE, 1}}) {
            assertThrows(IndexOutOfBoundsException.class, () -> oracle.wrap(array, part[0], part[1]));
            assertThrows(IndexOutOfBoundsException.class, () -> ours.wrap(array, part[0], part[1]));
        }
        assertSameAttachment(oracle, ours);
        assertThrows(NullPointerException.class, () -> ours.wrap((byte[]) null));
    }

    @Test
    void wrappedByteBuffersAreAttachedAlike() {
        for (boolean direct : new boolean[] {false, true}) {
            ByteBuffer outer = direct ? ByteBuffer.allocateDirect(96) : ByteBuffer.allocate(96);
            outer.put(numbered(96));
            ByteBuffer buffer = outer.slice(16, 64).position(3).limit(50);
            SegmentBuffer ours = new SegmentBuffer(buffer);
            UnsafeBuffer oracle = new UnsafeBuffer(buffer);
            assertSameAttachment(oracle, ours);
            assertSame(buffer, ours.byteBuffer());

            oracle.wrap(buffer, 8, 56);
            ours.wrap(buffer, 8, 56);
            assertSameAttachment(oracle, ours);
            assertEquals(3, buffer.position());
            assertEquals(50, buffer.limit());

            for (int[] part : new int[][] {{-1, 4}, {0, 65}, {60, 5}, {0, -1}}) {
                assertThrows(IndexOutOfBoundsException.class, () -> oracle.wrap(buffer, part[0], part[1]));
                assertThrows(IndexOutOfBoundsException.class, () -> ours.wrap(buffer, part[0], part[1]));
            }
            assertSameAttachment(oracle, ours);
        }
    }

    @Test
    void wrappedBuffersAreAttachedAlike() {
        ByteBuffer direct = ByteBuffer.allocateDirect(96).put(numbered(96));
        ByteBuffer heap = ByteBuffer.wrap(numbered(96)).slice(8, 80);
        for (UnsafeBuffer source : List.of(
                new UnsafeBuffer(numbered(64), 8, 48),
                new UnsafeBuffer(direct, 8, 56),
                new UnsafeBuffer(heap, 8, 56))) {
            UnsafeBuffer oracle = new UnsafeBuffer(source);
            SegmentBuffer ours = new SegmentBuffer(source);
            assertSameAttachment(oracle, ours);

            oracle.wrap(source, 8, 24);
            ours.wrap(source, 8, 24);
            assertSameAttachment(oracle, ours);

            SegmentBuffer again = new SegmentBuffer(ours, 8, 16);
            oracle.wrap(oracle, 8, 16);
            assertSameAttachment(oracle, again);

            // And the other way round: an UnsafeBuffer on a SegmentBuffer reaches the same bytes.
            UnsafeBuffer back = new UnsafeBuffer(again);
            assertSameAttachment(back, again);
            assertThrows(IndexOutOfBoundsException.class, () -> oracle.wrap(source, 1, source.capacity()));
            assertThrows(IndexOutOfBoundsException.class, () -> ours.wrap(source, 1, source.capacity()));
        }
    }

    @Test
    void anAddressAloneIsRefusedWithAdvice() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(64, 8);
            SegmentBuffer ours = new SegmentBuffer(segment);
            UnsupportedOperationException refusal =
                    assertThrows(UnsupportedOperationException.class, () -> ours.wrap(segment.address(), 64));
            assertTrue(refusal.getMessage().contains("wrap its MemorySegment instead"), refusal.getMessage());
            UnsafeBuffer onAddress = new UnsafeBuffer(segment.address(), 64);
            assertThrows(UnsupportedOperationException.class, () -> ours.wrap(onAddress));
            assertSame(segment, ours.segment(), "a refused wrap leaves the buffer as it was");

            assertEquals(segment.address(), ours.addressOffset());
            assertSameAttachment(onAddress, ours);
        }
    }

    @Test
    void aLongArrayHasNoAddressToGiveAway() {
        SegmentBuffer ours = SegmentBuffer.allocate(64);
        assertNull(ours.byteArray());
        assertThrows(UnsupportedOperationException.class, ours::addressOffset);
        UnsafeBuffer oracle = new UnsafeBuffer(new byte[64]);
        assertThrows(UnsupportedOperationException.class, () -> oracle.putBytes(0, ours, 0, 8));
    }

    @Test
    void alignmentIsVerifiedAlike() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(64, 8);
            for (int offset = 0; offset < 16; offset++) {
                UnsafeBuffer oracle = new UnsafeBuffer(segment.address() + offset, 32);
                SegmentBuffer ours = new SegmentBuffer(segment.asSlice(offset, 32));
                if (offset % 8 == 0) {
                    oracle.verifyAlignment();
                    ours.verifyAlignment();
                } else {
                    assertThrows(IllegalStateException.class, oracle::verifyAlignment);
                    assertThrows(IllegalStateException.class, ours::verifyAlignment);
                }
            }
        }
    }

    private static void assertSameAttachment(AtomicBuffer oracle, SegmentBuffer ours) {
        assertEquals(oracle.capacity(), ours.capacity());
        assertSame(oracle.byteArray(), ours.byteArray());
        assertSame(oracle.byteBuffer(), ours.byteBuffer());
        assertEquals(oracle.wrapAdjustment(), ours.wrapAdjustment());
        assertEquals(oracle.addressOffset(), ours.addressOffset());
        assertFalse(ours.isExpandable());
        for (int i = 0; i < oracle.capacity(); i++) {
            assertEquals(oracle.getByte(i), ours.getByte(i));
        }
        if (oracle.capacity() >= 8) {
            oracle.putLong(0, 0x0102030405060708L);
            assertEquals(0x0102030405060708L, ours.getLong(0));
            ours.putLongVolatile(0, -1L);
            assertEquals(-1L, oracle.getLongVolatile(0));
        }
        assertEquals(0, ours.compareTo(oracle));
        assertEquals(0, oracle.compareTo(ours));
        assertEquals(oracle.hashCode(), ours.hashCode());
    }

    private static byte[] numbered(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i + 1);
        }
        return bytes;
    }
}
