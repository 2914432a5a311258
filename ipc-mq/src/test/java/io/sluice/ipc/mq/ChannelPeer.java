package io.sluice.ipc.mq;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.IpcException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Another process in the tests of channels: `connect ADDRESS`, or `alone ADDRESS`, which has both ends and dies with them.
final class ChannelPeer {
    private ChannelPeer() {}

    public static void main(String[] arguments) throws InterruptedException {
        try {
            if (arguments[0].equals("alone")) {
                Endpoint endpoint = Ipc.bind(arguments[1]);
                Channel client = Ipc.connect(arguments[1]);
                Channel server = endpoint.accept();
                client.send(new byte[100]);
                server.send(new byte[100]);
                Runtime.getRuntime().halt(0);
            }
            Ipc.connect(Address.parse(arguments[1]).with("connect-timeout", "60s")).close();
            System.out.println("connected");
        } catch (IpcException e) {
            System.out.println(e.getClass().getSimpleName() + " " + e.getMessage());
        }
    }

    /// What a process with the same runtime directory prints.
    ///
    /// @param wrapper what starts it, before the JVM's own command
    static String run(List<String> wrapper, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(List.of(
                System.getProperty("java.home") + "/bin/java",
                "-Dipc.dir=" + System.getProperty("ipc.dir"),
                "-cp",
                System.getProperty("java.class.path"),
                ChannelPeer.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        return output;
    }
}
