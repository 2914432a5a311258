package io.sluice.ipc.ring;

/// What a reader gives its writer when it has caught up with it in the middle of a stream.
///
/// A reader that is at the heels of its writer slows both down: every look at the line that is being written takes it away from
/// the other core. So after a run of messages it rests, about as long as the writer takes for as many, and looks again: at
/// most a few microseconds, and never after fewer than [#STREAM] messages.
public final class HeadStart {
    private static final int STREAM = 4;
    private static final int SPINS_PER_MESSAGE = 4;
    private static final int MAX_SPINS = 128;

    private HeadStart() {}

    /// Rests if it is worth it.
    ///
    /// @param messages how many came without a rest between them
    /// @return false if they are so few that the reader had better return
    public static boolean give(int messages) {
        if (messages < STREAM) {
            return false;
        }
        for (int i = Math.min(messages * SPINS_PER_MESSAGE, MAX_SPINS); i > 0; i--) {
            Thread.onSpinWait();
        }
        return true;
    }
}
