package io.sluice.ipc.cli;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/// What still happens when the JVM is told to end, by Ctrl-C or `kill`: resources are closed, so that peers see an end in
/// order and nothing stays behind.
final class OnExit {
    private static final Object LOCK = new Object();
    private static final Deque<AutoCloseable> RESOURCES = new ArrayDeque<>();
    private static volatile boolean begun;

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(OnExit::closeAll, "close-on-exit"));
    }

    private OnExit() {}

    /// Opens something that must not stay half-open: an exit that begins meanwhile waits, and then closes it.
    ///
    /// @param opening opens it, and does not take long
    static <T extends AutoCloseable> T open(Supplier<T> opening) {
        synchronized (LOCK) {
            T resource = opening.get();
            RESOURCES.push(resource);
            return resource;
        }
    }

    /// Closes the resource, too, unless it is given to [#forget] before.
    static void close(AutoCloseable resource) {
        open(() -> resource);
    }

    /// Takes it back.
    static void forget(AutoCloseable resource) {
        synchronized (LOCK) {
            RESOURCES.remove(resource);
        }
    }

    /// Whether the JVM is ending, so that what fails now fails for that reason and is nothing to tell the user.
    static boolean hasBegun() {
        return begun;
    }

    private static void closeAll() {
        begun = true;
        synchronized (LOCK) {
            for (AutoCloseable resource : RESOURCES) {
                try {
                    resource.close();
                } catch (Exception e) {
                    Terminal.error("while closing: " + e.getMessage());
                }
            }
        }
    }
}
