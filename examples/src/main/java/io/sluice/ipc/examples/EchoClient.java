package io.sluice.ipc.examples;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.Message;
import java.nio.charset.StandardCharsets;

/// Sends some words to an [EchoServer] and prints what comes back.
///
/// Its first argument is an address, such as `shm:greetings`, or a name whose address `ipc.properties` says; `echo` if
/// it is not given. The others are the words.
public final class EchoClient {
    private EchoClient() {}

    /// Sends each word as a message.
    ///
    /// @param arguments an address or a name, and words
    /// @throws InterruptedException if the thread is interrupted
    public static void main(String[] arguments) throws InterruptedException {
        String address = arguments.length > 0 ? arguments[0] : "echo";

        // Waits up to `connect-timeout` for the server to come up, so either may be started first.
        try (Channel channel = Ipc.connect(address)) {
            for (int i = 1; i < arguments.length; i++) {
                channel.send(arguments[i].getBytes(StandardCharsets.UTF_8));
                Message reply = channel.receive();
                if (reply == null) {
                    System.err.println("the server closed");
                    return;
                }
                System.out.println(reply.text());
            }
        } catch (IpcException e) {
            // Its message says what failed, where, why, and what to do about it.
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }
}
