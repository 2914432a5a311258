package io.sluice.ipc.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Address;
import io.sluice.ipc.AddressInUseException;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.UnsupportedException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The option `io`: what is chosen, and what is said where there is no choice.
@Timeout(120)
class IoTest {
    private static final String FORBIDDEN = "io.netty.transport.noNative";

    @RegisterExtension
    final TestPlace place = new TestPlace();

    private static String io(String address) {
        return IoChoice.of(Address.parse(address)).toString();
    }

    @Test
    void whatIsAskedForIsUsedAndEpollIfNothingIsAskedFor() {
        assertEquals("nio", io("tcp://:1?io=nio"));
        assertEquals("epoll", io("tcp://:1?io=epoll"));
        assertEquals("io_uring", io("tcp://:1?io=io_uring"));
        assertEquals("epoll", io("tcp://:1"));
        InvalidAddressException e =
                assertThrows(InvalidAddressException.class, () -> Ipc.bind("tcp://127.0.0.1:0?io=kqueue"));
        TestPlace.assertMentions(e, "io=kqueue", "auto, nio, epoll, io_uring");
    }

    @ParameterizedTest
    @CsvSource({"nio,epoll", "epoll,nio", "io_uring,nio", "nio,io_uring"})
    void bothEndsChooseForThemselves(String server, String client) throws Exception {
        for (String address : List.of("tcp://127.0.0.1:0", "tcp://*:0", TestPlace.address())) {
            try (Endpoint endpoint = Ipc.bind(address + "?io=" + server);
                    Channel near = Ipc.connect(
                            endpoint.address().toString().replace("//*", "//127.0.0.1").replaceFirst(
                                    "io=.*", "io=" + client));
                    Channel far = endpoint.accept()) {
                near.send(new byte[100_000]);
                assertEquals(100_000, far.receive().length());
                far.send(new byte[1]);
                assertEquals(1, near.receive().length());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "io_uring"})
    void theSystemsSocketsSayWhichProcessIsThere(String io) throws Exception {
        String address = TestPlace.address() + "?io=" + io;
        try (Endpoint endpoint = Ipc.bind(address);
                Channel near = Ipc.connect(address);
                Channel far = endpoint.accept()) {
            for (Channel channel : List.of(near, far)) {
                assertEquals(OptionalLong.of(ProcessHandle.current().pid()), channel.peer().pid());
                assertEquals(System.getProperty("user.name"), channel.peer().user().orElseThrow());
                assertTrue(channel.peer().group().isPresent());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "epoll", "io_uring"})
    void whatCannotBeBoundSaysTheSame(String io) {
        String options = "?io=" + io;
        String address;
        try (Endpoint endpoint = Ipc.bind("tcp://127.0.0.1:0" + options)) {
            address = endpoint.address().toString();
            AddressInUseException taken = assertThrows(AddressInUseException.class, () -> Ipc.bind(address));
            TestPlace.assertMentions(taken, "another port");
        }
        Ipc.bind(address).close(); // free as soon as close returns
        SystemCallException foreign =
                assertThrows(SystemCallException.class, () -> Ipc.bind("tcp://192.0.2.1:0" + options));
        TestPlace.assertMentions(foreign, "one of this machine's addresses");
    }

    @Test
    void withoutTheLibraryTheJdksSocketsAreUsedAndTheDependencyIsNamed() throws Exception {
        try (Elsewhere elsewhere = new Elsewhere("netty-transport-native-(epoll|io_uring)")) {
            assertEquals("nio", elsewhere.io("tcp://:1"));
            TestPlace.assertMentions(
                    elsewhere.refusal("tcp://:1?io=io_uring"),
                    "tcp://:1?io=io_uring",
                    "io.netty:netty-transport-native-io_uring",
                    "classifier linux-",
                    "?io=nio");
        }
    }

    @Test
    void withoutNettysClassesForItTheJdksSocketsAreUsedAndTheDependencyIsNamed() throws Exception {
        try (Elsewhere elsewhere = new Elsewhere("netty-transport-(native|classes)")) {
            assertEquals("nio", elsewhere.io("tcp://:1"));
            TestPlace.assertMentions(
                    elsewhere.refusal("tcp://:1?io=epoll"), "io.netty:netty-transport-native-epoll",
                    "classifier linux-");
        }
    }

    @Test
    void whatTheMachineRefusesIsSaidInItsWords() throws Exception {
        System.setProperty(FORBIDDEN, "true");
        try (Elsewhere elsewhere = new Elsewhere("nothing")) {
            assertEquals("nio", elsewhere.io("tcp://:1"));
            TestPlace.assertMentions(
                    elsewhere.refusal("tcp://:1?io=io_uring"), "this machine refuses it", FORBIDDEN, "seccomp",
                    "?io=epoll");
        } finally {
            System.clearProperty(FORBIDDEN);
        }
    }

    /// The class path of this test without some of it, where all is loaded anew.
    private static final class Elsewhere extends URLClassLoader {
        Elsewhere(String missing) {
            super(urls(Pattern.compile(missing).asPredicate().negate()), ClassLoader.getPlatformClassLoader());
        }

        private static URL[] urls(Predicate<String> present) {
            return Arrays.stream(System.getProperty("java.class.path").split(":"))
                    .filter(present)
                    .map(Elsewhere::url)
                    .toArray(URL[]::new);
        }

        private static URL url(String entry) {
            try {
                return Path.of(entry).toUri().toURL();
            } catch (MalformedURLException e) {
                throw new AssertionError(e);
            }
        }

        String io(String address) throws ReflectiveOperationException {
            Class<?> type = loadClass(Address.class.getName());
            Method of = loadClass(IoChoice.class.getName()).getDeclaredMethod("of", type);
            of.setAccessible(true);
            return of.invoke(null, type.getMethod("parse", String.class).invoke(null, address)).toString();
        }

        Throwable refusal(String address) {
            Throwable refusal = assertThrows(InvocationTargetException.class, () -> io(address)).getCause();
            assertEquals(UnsupportedException.class.getName(), refusal.getClass().getName());
            return refusal;
        }
    }
}
