package io.sluice.ipc.cli;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The server process of a benchmark; [BenchCommand] starts it.
@Command(name = "bench-peer", hidden = true)
final class BenchPeerCommand implements Callable<Integer> {
    @Option(names = "--size", required = true)
    private int size;

    @Option(names = "--round-trips", required = true)
    private long roundTrips;

    @Option(names = "--streamed", required = true)
    private long streamed;

    @Parameters
    private String address;

    @Override
    public Integer call() throws InterruptedException {
        if (address.startsWith("stdio:")) {
            try (Channel channel = Ipc.connect(address)) {
                new BenchWork(size, roundTrips, streamed).serve(channel);
            }
            return 0;
        }
        Child.endWithParent();
        try (Endpoint endpoint = OnExit.open(() -> Ipc.bind(address))) {
            Child.report(endpoint.address().toString());
            try (Channel channel = endpoint.accept()) {
                new BenchWork(size, roundTrips, streamed).serve(channel);
            }
            return 0;
        }
    }
}
