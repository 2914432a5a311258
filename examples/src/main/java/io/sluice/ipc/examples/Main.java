package io.sluice.ipc.examples;

import java.util.Arrays;

/// Runs an example by its name, so that one jar with one manifest holds them all.
public final class Main {
    private Main() {}

    /// Hands over to an example.
    ///
    /// @param arguments the example's name, and its own arguments
    /// @throws InterruptedException if the thread is interrupted
    public static void main(String[] arguments) throws InterruptedException {
        String name = arguments.length > 0 ? arguments[0] : "";
        String[] rest = Arrays.copyOfRange(arguments, Math.min(1, arguments.length), arguments.length);
        switch (name) {
            case "EchoServer" -> EchoServer.main(rest);
            case "EchoClient" -> EchoClient.main(rest);
            default -> {
                System.err.println("Usage: java -jar examples.jar EchoServer|EchoClient [ADDRESS] [WORD...]");
                System.exit(2);
            }
        }
    }
}
