package io.sluice.ipc.benchmarks;

import java.util.List;
import java.util.Locale;

/// What is measured side by side: the contenders, the figures that each prints, and the ratios that count.
enum Scenario {
    RTT("round trip of 32 bytes, both processes spin, ns", List.of("p50", "p99", "p99.9", "max")) {
        @Override
        List<Contender> contenders() {
            return List.of(
                    Contender.inC("c-spin", "spin", RTT_MESSAGES),
                    roundTrip("agrona", Medium.AGRONA, RTT_MESSAGES),
                    roundTrip("agrona-on-segment", Medium.AGRONA_SEGMENT, RTT_MESSAGES),
                    roundTrip("aeron", Medium.AERON, RTT_MESSAGES),
                    roundTrip("shm", Medium.SHM, RTT_MESSAGES),
                    roundTrip("shm-receive", Medium.SHM_SPIN, RTT_MESSAGES));
        }

        @Override
        List<Ratio> ratios() {
            return List.of(
                    Ratio.atMost(1.15, "p50", "shm", "agrona"),
                    Ratio.atMost(0.1, "p99", "shm", "aeron"),
                    Ratio.shown("p50", "agrona-on-segment", "agrona"),
                    Ratio.shown("p50", "shm", "c-spin"));
        }
    },
    STREAM("one way, 32 bytes, messages a second", List.of("messages_per_second")) {
        @Override
        List<Contender> contenders() {
            return List.of(
                    stream("agrona", Medium.AGRONA, "claim", RoundTrip.LENGTH),
                    stream("agrona-offer", Medium.AGRONA, "offer", RoundTrip.LENGTH),
                    stream("aeron", Medium.AERON, "claim", RoundTrip.LENGTH),
                    stream("aeron-offer", Medium.AERON, "offer", RoundTrip.LENGTH),
                    stream("shm", Medium.SHM, "claim", RoundTrip.LENGTH),
                    stream("shm-offer", Medium.SHM, "offer", RoundTrip.LENGTH));
        }

        @Override
        List<Ratio> ratios() {
            return List.of(
                    Ratio.atLeast(1.5, "messages_per_second", "shm", "aeron"),
                    Ratio.shown("messages_per_second", "shm-offer", "aeron-offer"),
                    Ratio.shown("messages_per_second", "shm", "agrona"));
        }
    },
    BLOCK("round trip of 32 bytes, both processes sleep, ns", List.of("p50", "p99", "p99.9", "max")) {
        @Override
        List<Contender> contenders() {
            Contender futex = Contender.inC("c-futex", "futex", BLOCK_MESSAGES);
            Contender shm = roundTrip("shm", Medium.SHM_BLOCK, BLOCK_MESSAGES);
            return List.of(futex, shm, futex.onOneCore(), shm.onOneCore());
        }

        @Override
        List<Ratio> ratios() {
            return List.of(
                    Ratio.atMost(1.25, "p50", "shm", "c-futex"),
                    Ratio.shown("p50", "shm-one-core", "c-futex-one-core"));
        }
    },
    BULK("one way, 64 KiB, bytes a second", List.of("bytes_per_second")) {
        @Override
        List<Contender> contenders() {
            return List.of(
                    Contender.inC("c-copy", "copy", MILLISECONDS),
                    stream("agrona", Medium.AGRONA, "offer", BULK_LENGTH),
                    stream("shm", Medium.SHM, "offer", BULK_LENGTH));
        }

        @Override
        List<Ratio> ratios() {
            return List.of(
                    Ratio.atLeast(0.7, "bytes_per_second", "shm", "c-copy"),
                    Ratio.shown("bytes_per_second", "shm", "agrona"));
        }
    },
    IDLE("CPU of a process while it waits, percent of a core", List.of("cpu_percent")) {
        @Override
        List<Contender> contenders() {
            return List.of(
                    idle("jvm", Sleeper.JVM, List.of()),
                    idle("aeron-driver", Sleeper.AERON, Medium.AERON.flags()),
                    idle("shm-receiver", Sleeper.RECEIVER, List.of()),
                    idle("shm-server-1000", Sleeper.SERVER, List.of()));
        }

        @Override
        List<Ratio> ratios() {
            return List.of(
                    Ratio.atMost(0.1, "cpu_percent", "shm-receiver", null),
                    Ratio.atMost(0.1, "cpu_percent", "shm-server-1000", null));
        }

        @Override
        int turns(int asked) {
            return 1; // it takes seconds
        }
    },
    THOUSAND("one server, messages a second from all clients together", List.of("messages_per_second")) {
        @Override
        List<Contender> contenders() {
            return List.of(crowd("shm-1", 1), crowd("shm-1000", 1000));
        }

        @Override
        List<Ratio> ratios() {
            return List.of(Ratio.atLeast(0.6, "messages_per_second", "shm-1000", "shm-1"));
        }
    };

    private static final String RTT_MESSAGES = "300000";
    private static final String BLOCK_MESSAGES = "20000";
    private static final String MILLISECONDS = "200";
    private static final String IDLE_SECONDS = "5";
    private static final int BULK_LENGTH = 64 << 10;

    private final String title;
    private final List<String> metrics;

    Scenario(String title, List<String> metrics) {
        this.title = title;
        this.metrics = metrics;
    }

    /// What is measured, and in what unit.
    String title() {
        return title;
    }

    /// The figures that every contender prints.
    List<String> metrics() {
        return metrics;
    }

    /// Its name on the command line.
    String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// How many turns to take before the contenders are started anew.
    int turns(int asked) {
        return asked;
    }

    abstract List<Contender> contenders();

    abstract List<Ratio> ratios();

    private static Contender roundTrip(String name, Medium medium, String messages) {
        return Contender.inJava(name, medium.flags(), RoundTrip.class, medium.name(), Contender.DIRECTORY, messages);
    }

    private static Contender stream(String name, Medium medium, String how, int length) {
        return Contender.inJava(
                name,
                medium.flags(),
                Stream.class,
                medium.name(),
                Contender.DIRECTORY,
                how,
                Integer.toString(length),
                MILLISECONDS);
    }

    private static Contender idle(String name, Sleeper sleeper, List<String> flags) {
        return Contender.inJava(name, flags, Idle.class, sleeper.name(), Contender.DIRECTORY, IDLE_SECONDS);
    }

    private static Contender crowd(String name, int clients) {
        return Contender.inJava(name, List.of(), Crowd.class, Integer.toString(clients), MILLISECONDS);
    }
}
