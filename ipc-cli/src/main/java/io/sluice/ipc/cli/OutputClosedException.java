package io.sluice.ipc.cli;

/// Nobody reads standard output any more, as after `| head`: the command ends, quietly.
final class OutputClosedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OutputClosedException() {
        super("standard output is closed");
    }
}
