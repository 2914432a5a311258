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
            case "SortLines" -> SortLines.main(rest);
            case "PipeServer" -> PipeServer.main(rest);
            case "AuditLog" -> AuditLog.main(rest);
            case "FolderProducer" -> FolderProducer.main(rest);
            case "FolderConsumer" -> FolderConsumer.main(rest);
            case "JobQueue" -> JobQueue.main(rest);
            case "QueueReader" -> QueueReader.main(rest);
            default -> {
                System.err.println("""
                        Usage: java -jar examples.jar EchoServer|EchoClient [ADDRESS] [WORD...]
                               java -jar examples.jar SortLines [LINE...]
                               java -jar examples.jar PipeServer [ADDRESS]
                               java -jar examples.jar AuditLog FOLDER [CHANGE...]
                               java -jar examples.jar FolderProducer FOLDER [WORD...]
                               java -jar examples.jar FolderConsumer FOLDER [MILLISECONDS]
                               java -jar examples.jar JobQueue|QueueReader [ADDRESS]""");
                System.exit(2);
            }
        }
    }
}
