package io.sluice.ipc.cli;

/// What still happens when the JVM is told to end, by Ctrl-C or `kill`.
final class OnExit {
    private static volatile boolean begun;

    private OnExit() {}

    /// Closes the resource, so that peers see an end in order and nothing stays behind.
    ///
    /// @return what to give to [#forget] if that is no longer needed
    static Thread close(AutoCloseable resource) {
        Thread hook = new Thread(
                () -> {
                    begun = true;
                    try {
                        resource.close();
                    } catch (Exception e) {
                        Terminal.error("while closing: " + e.getMessage());
                    }
                },
                "close-on-exit");
        Runtime.getRuntime().addShutdownHook(hook);
        return hook;
    }

    /// Whether the JVM is ending, so that what fails now fails for that reason and is nothing to tell the user.
    static boolean hasBegun() {
        return begun;
    }

    /// Takes it back.
    static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is ending: it is too late, and does no harm.
        }
    }
}
