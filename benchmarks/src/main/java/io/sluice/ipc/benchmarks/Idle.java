package io.sluice.ipc.benchmarks;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Ipc;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Measures the CPU that a process uses while nothing happens, in percent of a core: a [Sleeper], all of whose channels have
/// carried a message before, over some seconds of silence.
///
/// `Idle SLEEPER DIRECTORY SECONDS`
final class Idle {
    private static final int SETTLING_SECONDS = 4;

    private Idle() {}

    public static void main(String[] args) throws Exception {
        Lifeline.hold();
        Sleeper sleeper = Sleeper.valueOf(args[0]);
        int seconds = Integer.parseInt(args[2]);
        List<Channel> channels = new ArrayList<>();
        try (Child child = Child.start(Sleeper.class, args[0], args[1])) {
            for (int i = 0; i < sleeper.channels(); i++) {
                Channel channel = Ipc.connect(sleeper.address() + "&connect-timeout=20s");
                channels.add(channel);
                channel.send(new byte[RoundTrip.LENGTH]);
            }
            TimeUnit.SECONDS.sleep(SETTLING_SECONDS);
            Turns.take(() -> measure(child.pid(), seconds));
        } finally {
            channels.forEach(Channel::close);
        }
    }

    private static Figures measure(long pid, int seconds) throws IOException, InterruptedException {
        TimeUnit.SECONDS.sleep(1);
        long before = CpuTime.nanoseconds(pid);
        long start = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        long used = CpuTime.nanoseconds(pid) - before;
        return new Figures().with("cpu_percent", 100.0 * used / (System.nanoTime() - start));
    }
}
