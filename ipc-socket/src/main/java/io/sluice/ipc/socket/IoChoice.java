package io.sluice.ipc.socket;

import io.sluice.ipc.Address;
import io.sluice.ipc.UnsupportedException;
import io.sluice.ipc.os.Descriptor;
import io.sluice.ipc.spi.Option;
import java.util.Locale;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which [SocketIo] an address has: its option `io`.
enum IoChoice {
    /// [#EPOLL] where it is to be had, else [#NIO].
    AUTO,
    /// The JDK's sockets and selectors.
    NIO,
    /// The system's sockets, and loops on epoll.
    EPOLL,
    /// The system's sockets, and loops on io_uring.
    IO_URING;

    /// The option of addresses.
    static final Option<IoChoice> OPTION = Option.choice(
            "io",
            AUTO,
            "how sockets are used and waited for: as the JDK does, or by Netty's native library with epoll or"
                    + " io_uring; auto: epoll where that library is present");

    /// What the address asks for.
    ///
    /// @throws UnsupportedException if it is not to be had here; the message says why, and what to do
    static SocketIo of(Address address) {
        return switch (OPTION.of(address)) {
            case AUTO -> Epoll.FOUND.io == null ? NioIo.INSTANCE : Epoll.FOUND.io;
            case NIO -> NioIo.INSTANCE;
            case EPOLL -> Epoll.FOUND.orSay(address);
            case IO_URING -> IoUring.FOUND.orSay(address);
        };
    }

    /// Looked for once, when it is first wanted: whoever wants another one is not made to load a library.
    private static final class Epoll {
        static final Found FOUND = Found.look("epoll", EpollLoops::new);
    }

    private static final class IoUring {
        static final Found FOUND = Found.look("io_uring", IoUringLoops::new);
    }

    /// A native way to have sockets.
    ///
    /// @param io the way, or null
    /// @param why it is not to be had, and what to do
    private record Found(SocketIo io, String why) {
        private static final Logger LOG = LoggerFactory.getLogger(IoChoice.class);

        static Found look(String name, Supplier<NativeIo.Loops> loops) {
            if (!Descriptor.isSupported()) {
                return new Found(null, "it is for Linux, on x86-64 and aarch64; leave it out, or use ?io=nio");
            }
            try {
                return new Found(new NativeIo(name, loops.get()), null);
            } catch (LinkageError e) {
                LOG.debug("{} is not to be had", name, e);
                return new Found(null, isAbsent(e) ? absent(name) : refused(name, e));
            } catch (RuntimeException e) {
                LOG.debug("{} is not to be had", name, e);
                return new Found(null, refused(name, e));
            }
        }

        /// Netty's classes are not there, or its library is not: its message names the file it has looked for.
        private static boolean isAbsent(LinkageError e) {
            for (Throwable t = e; t != null; t = t.getCause()) {
                if (t instanceof ClassNotFoundException || t instanceof NoClassDefFoundError) {
                    return true;
                }
                if (t instanceof UnsatisfiedLinkError && String.valueOf(t.getMessage()).contains("could not load")) {
                    return true;
                }
            }
            return false;
        }

        private static String absent(String name) {
            String machine = System.getProperty("os.arch").equals("aarch64") ? "linux-aarch_64" : "linux-x86_64";
            return "its library is not on the class path; add the dependency io.netty:netty-transport-native-" + name
                    + " with the classifier " + machine + ", or use ?io=nio";
        }

        private static String refused(String name, Throwable e) {
            Throwable root = e;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            String advice = name.equals("io_uring")
                    ? "; the kernel is older than 5.9, or io_uring is forbidden: by a container's seccomp profile, or by"
                            + " /proc/sys/kernel/io_uring_disabled; use ?io=epoll or nio"
                    : "; use ?io=nio";
            return "this machine refuses it: " + root.getMessage() + advice;
        }

        SocketIo orSay(Address address) {
            if (io == null) {
                throw new UnsupportedException(address + ": there is no io="
                        + OPTION.of(address).toString().toLowerCase(Locale.ROOT) + " here: " + why);
            }
            return io;
        }
    }
}
