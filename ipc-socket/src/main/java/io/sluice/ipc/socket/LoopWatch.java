package io.sluice.ipc.socket;

import io.netty.channel.IoRegistration;
import io.netty.channel.ManualIoEventLoop;
import io.netty.util.concurrent.Future;

/// One socket in one event loop; on the loop's thread only. It is registered when it is first waited for.
final class LoopWatch {
    private final ManualIoEventLoop loop;
    private final LoopSocket socket;
    private final LoopHandle handle;
    private final LoopHandle.Ready ready;
    private IoRegistration registration;
    private boolean input;
    private boolean output;
    private boolean cancelled;

    LoopWatch(ManualIoEventLoop loop, LoopSocket socket, LoopHandle.Ready ready) {
        this.loop = loop;
        this.socket = socket;
        this.ready = ready;
        this.handle = socket.handle(ready);
    }

    /// Waits for these from now on. A socket that is closed, or cannot be waited for, is ready at once, so that its user
    /// finds out.
    void interest(boolean wantsInput, boolean wantsOutput) {
        if (cancelled) {
            return;
        }
        if (wantsInput && socket.hasInput()) {
            loop.execute(this::tellOfInput);
        }
        if (wantsInput == input && wantsOutput == output) {
            return;
        }
        input = wantsInput;
        output = wantsOutput;
        if (!wantsInput && !wantsOutput && !handle.isSilent()) {
            handle.cancel(registration);
            registration = null;
            return;
        }
        if (registration == null) {
            Future<IoRegistration> registering = loop.register(handle); // done when it returns, on this thread
            if (!registering.isSuccess()) {
                cancelled = true;
                loop.execute(() -> ready.ready(true, true));
                return;
            }
            registration = registering.getNow();
        }
        if (!registration.isValid() || !handle.interest(registration, wantsInput, wantsOutput)) {
            loop.execute(() -> ready.ready(true, true));
        }
    }

    private void tellOfInput() {
        if (!cancelled) {
            ready.ready(true, false);
        }
    }

    /// A second time does nothing.
    void cancel() {
        if (!cancelled) {
            cancelled = true;
            if (registration != null) {
                handle.cancel(registration);
            }
        }
    }
}
