package io.sluice.ipc.examples;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Both examples in one process, so that transports within a process can carry them, too.
final class OneProcess {
    private OneProcess() {}

    /// @param words what the client sends to the configured name `echo`
    public static void main(String[] words) throws InterruptedException {
        Thread.ofPlatform().daemon().start(() -> {
            try {
                EchoServer.main(new String[0]);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        List<String> arguments = new ArrayList<>(List.of("echo"));
        arguments.addAll(Arrays.asList(words));
        EchoClient.main(arguments.toArray(String[]::new));
        System.exit(0);
    }
}
