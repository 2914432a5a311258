package io.sluice.ipc.cli;

/// The command could not do what was asked; the message is for the user, who needs no stack trace.
final class FailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FailedException(String message) {
        super(message);
    }

    FailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
