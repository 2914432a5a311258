package io.sluice.ipc.socket;

import io.sluice.ipc.os.Descriptor;

/// Keeps a descriptor's number its own while a loop knows it, even if the socket is closed meanwhile. On the loop's thread.
final class NativeHold {
    private final Descriptor descriptor;
    private boolean held;

    NativeHold(Descriptor descriptor) {
        this.descriptor = descriptor;
    }

    void begin() {
        held = descriptor.enter();
    }

    void end() {
        if (held) {
            held = false;
            descriptor.leave();
        }
    }

    /// Whether it is held; if not, it was closed before.
    boolean isHeld() {
        return held;
    }
}
