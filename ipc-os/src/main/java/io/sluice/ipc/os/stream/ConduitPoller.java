package io.sluice.ipc.os.stream;

import io.sluice.ipc.os.PollSet;
import io.sluice.ipc.stream.ByteStream;
import io.sluice.ipc.stream.StreamPoller;

/// Waits for the conduits of many [PolledStream]s in one poll(2).
public final class ConduitPoller implements StreamPoller {
    private final Poller poller = new Poller();

    /// Makes one that has no streams yet.
    public ConduitPoller() {}

    @Override
    public StreamPoller.Watch watch(ByteStream stream, StreamPoller.Ready ready) {
        return new ConduitWatch(((PolledStream) stream).conduit(), ready);
    }

    @Override
    public void poll(long nanos) {
        poller.poll(nanos);
    }

    @Override
    public void wakeUp() {
        poller.wakeUp();
    }

    @Override
    public void close() {
        poller.close();
    }

    /// The descriptors of one conduit.
    private final class ConduitWatch implements StreamPoller.Watch {
        private final Conduit conduit;
        private final StreamPoller.Ready ready;
        private Poller.Watch input;
        private Poller.Watch output;
        private Poller.Watch life;

        ConduitWatch(Conduit conduit, StreamPoller.Ready ready) {
            this.conduit = conduit;
            this.ready = ready;
        }

        @Override
        public void interest(boolean wantsInput, boolean wantsOutput) {
            if (conduit.input() == null) {
                // Nothing can come but the news that nobody reads any more.
                if (wantsInput && output == null) {
                    output = poller.watch(conduit.output(), 0, _ -> ready.ready(true));
                }
                return;
            }
            if (!wantsInput) {
                input = cancel(input);
                life = cancel(life);
            } else if (input == null) {
                input = poller.watch(conduit.input(), PollSet.IN, _ -> ready.ready(false));
                life = conduit.life() == null ? null : poller.watch(conduit.life(), 0, _ -> ready.ready(false));
            }
            if (!wantsOutput) {
                output = cancel(output);
            } else if (output == null && conduit.output() != null) {
                output = poller.watch(conduit.output(), conduit.outputEvents(), _ -> ready.ready(false));
            }
        }

        @Override
        public void cancel() {
            input = cancel(input);
            output = cancel(output);
            life = cancel(life);
        }

        private static Poller.Watch cancel(Poller.Watch watch) {
            if (watch != null) {
                watch.cancel();
            }
            return null;
        }
    }
}
