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
    QUEUE("round trip of 32 bytes through kernel queues, ns", List.of("p50", "p99", "p99.9", "max")) {
        @Override
        List<Contender> contenders() {
            return List.of(
                    Contender.inC("c-mq", "posix_round_trip", BLOCK_MESSAGES, Contender.DIRECTORY),
                    roundTrip("mq", Medium.MQ, BLOCK_MESSAGES),
                    roundTrip("mq-block", Medium.MQ_BLOCK, BLOCK_MESSAGES),
                    Contender.inC("c-sysv", "system_v_round_trip", BLOCK_MESSAGES, Contender.DIRECTORY),
                    roundTrip("sysv", Medium.SYSV, BLOCK_MESSAGES),
                    roundTrip("sysv-block", Medium.SYSV_BLOCK, BLOCK_MESSAGES));
        }

        @Override
        List<Ratio> ratios() {
            return List.of(
                    Ratio.atMost(1.2, "p50", "mq", "c-mq"),
                    Ratio.atMost(1.2, "p50", "sysv", "c-sysv"),
                    Ratio.shown("p50", "mq-block", "c-mq"),
                    Ratio.shown("p50", "sysv-block", "c-sysv"));
        }
    },
    QUEUE_STREAM("one way, 32 bytes through a kernel queue, messages a second", List.of("messages_per_second")) {
        @Override
        List<Contender> contenders() {
            return List.of(
                    Contender.inC("c-mq", "posix_stream", MILLISECONDS, Contender.DIRECTORY),
                    stream("mq", Medium.MQ, "offer", RoundTrip.LENGTH),
                    stream("mq-block", Medium.MQ_BLOCK, "offer", RoundTrip.LENGTH),
                    Contender.inC("c-sysv", "system_v_stream", MILLISECONDS, Contender.DIRECTORY),
                    stream("sysv", Medium.SYSV, "offer", RoundTrip.LENGTH),
                    stream("sysv-block", Medium.SYSV_BLOCK, "offer", RoundTrip.LENGTH));
        }

        @Override
        List<Ratio> ratios() {
            return List.of(
                    Ratio.atLeast(1 / 1.2, "messages_per_second", "mq", "c-mq"),
                    Ratio.atLeast(1 / 1.2, "messages_per_second", "sysv", "c-sysv"),
                    Ratio.shown("messages_per_second", "mq-block", "c-mq"),
                    Ratio.shown("messages_per_second", "sysv-block", "c-sysv"));
        }
    },
    IDLE("CPU of a process while it waits, percent of a core", List.of("cpu_percent")) {
        @Override
        List<Contender> contenders() {
            return List.of(
                    idle("jvm", Sleeper.JVM, List.of()),
                    idle("aeron-driver", Sleeper.AERON, Medium.AERON.flags()),
                    idle("shm-receiver", Sleeper.RECEIVER, List.of()),
                    idle("shm-server-1000", Sleeper.SERVER, List.of()),
                    idle("pipe-server-200", Sleeper.PIPE_SERVER, List.of()));
        }

        @Override
        List<Ratio> ratios() {
            return List.of(
                    Ratio.atMost(0.1, "cpu_percent", "shm-receiver", null),
                    Ratio.atMost(0.1, "cpu_percent", "shm-server-1000", null),
                    Ratio.atMost(0.1, "cpu_percent", "pipe-server-200", null));
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
    },
    PIPE_RTT("round trip of 32 bytes over pipes, ns", List.of("p50", "p99", "p99.9", "max")) {
        @Override
        List<Contender> contenders() {
            Contender named = Contender.inC("c-fifo", "pipe", "named", "round-trip", BLOCK_MESSAGES);
            Contender asleep = roundTrip("pipe-block", Medium.PIPE_BLOCK, BLOCK_MESSAGES);
            return List.of(
                    named,
                    Contender.inC("c-pipe", "pipe", "anonymous", "round-trip", BLOCK_MESSAGES),
                    roundTrip("pipe", Medium.PIPE_ADAPTIVE, BLOCK_MESSAGES),
                    roundTrip("stdio", Medium.STDIO_ADAPTIVE, BLOCK_MESSAGES),
                    asleep,
                    roundTrip("stdio-block", Medium.STDIO_BLOCK, BLOCK_MESSAGES),
                    named.onOneCore(),
                    asleep.onOneCore());
        }

        @Override
        List<Ratio> ratios() {
            return List.of(
                    Ratio.atMost(1.2, "p50", "pipe", "c-fifo"),
                    Ratio.atMost(1.2, "p50", "stdio", "c-pipe"),
                    Ratio.shown("p50", "pipe-block", "c-fifo"),
                    Ratio.shown("p50", "stdio-block", "c-pipe"),
                    Ratio.shown("p50", "pipe-block-one-core", "c-fifo-one-core"));
        }
    },
    PIPE_BULK("one way over pipes, 64 KiB, bytes a second", List.of("bytes_per_second")) {
        @Override
        List<Contender> contenders() {
            return List.of(
                    Contender.inC("c-fifo", "pipe", "named", "bulk", MILLISECONDS),
                    Contender.inC("c-pipe", "pipe", "anonymous", "bulk", MILLISECONDS),
                    stream("pipe", Medium.PIPE, "offer", BULK_LENGTH),
                    stream("stdio", Medium.STDIO, "offer", BULK_LENGTH));
        }

        @Override
        List<Ratio> ratios() {
            return List.of(
                    Ratio.atLeast(0.85, "bytes_per_second", "pipe", "c-fifo"),
                    Ratio.atLeast(0.85, "bytes_per_second", "stdio", "c-pipe"));
        }
    },
    PIPE_STREAM("one way over pipes, 32 bytes, messages a second", List.of("messages_per_second")) {
        @Override
        List<Contender> contenders() {
            return List.of(
                    Contender.inC("c-fifo", "pipe", "named", "stream", MILLISECONDS),
                    Contender.inC("c-pipe", "pipe", "anonymous", "stream", MILLISECONDS),
                    stream("pipe", Medium.PIPE, "offer", RoundTrip.LENGTH),
                    stream("stdio", Medium.STDIO, "offer", RoundTrip.LENGTH),
                    stream("pipe-claim", Medium.PIPE, "claim", RoundTrip.LENGTH));
        }

        @Override
        List<Ratio> ratios() {
            return List.of(
                    Ratio.atLeast(5, "messages_per_second", "pipe", "c-fifo"),
                    Ratio.atLeast(5, "messages_per_second", "stdio", "c-pipe"),
                    Ratio.shown("messages_per_second", "pipe-claim", "c-fifo"));
        }
    },
    SOCKET_RTT("round trip of 32 bytes over sockets, ns", List.of("p50", "p99", "p99.9", "max")) {
        @Override
        List<Contender> contenders() {
            return List.of(
                    roundTrip("nio-unix", Medium.NIO_UNIX, BLOCK_MESSAGES),
                    roundTrip("unix", Medium.UNIX_ADAPTIVE, BLOCK_MESSAGES),
                    roundTrip("unix-block", Medium.UNIX_BLOCK, BLOCK_MESSAGES),
                    roundTrip("unix-spin", Medium.UNIX_SPIN, BLOCK_MESSAGES),
                    roundTrip("nio-tcp", Medium.NIO_TCP, BLOCK_MESSAGES),
                    roundTrip("tcp", Medium.TCP_ADAPTIVE, BLOCK_MESSAGES),
                    roundTrip("tcp-block", Medium.TCP_BLOCK, BLOCK_MESSAGES),
                    roundTrip("tcp-spin", Medium.TCP_SPIN, BLOCK_MESSAGES),
                    roundTrip("jeromq", Medium.ZEROMQ, BLOCK_MESSAGES));
        }

        @Override
        List<Ratio> ratios() {
            return List.of(
                    Ratio.atMost(1.1, "p50", "unix", "nio-unix"),
                    Ratio.atMost(1.1, "p50", "tcp", "nio-tcp"),
                    Ratio.shown("p50", "unix-block", "nio-unix"),
                    Ratio.shown("p50", "tcp-block", "nio-tcp"),
                    Ratio.atMost(0.5, "p50", "unix-spin", "nio-unix"),
                    Ratio.atMost(0.5, "p50", "tcp-spin", "nio-tcp"),
                    Ratio.atMost(0.5, "p50", "unix", "jeromq"),
                    Ratio.atMost(0.5, "p50", "tcp", "jeromq"));
        }
    },
    SOCKET_IO("round trip of 32 bytes over tcp by io=, both processes sleep, ns",
            List.of("p50", "p99", "p99.9", "max")) {
        @Override
        List<Contender> contenders() {
            return List.of(
                    roundTrip("nio", Medium.TCP_NIO, BLOCK_MESSAGES),
                    roundTrip("epoll", Medium.TCP_EPOLL, BLOCK_MESSAGES),
                    roundTrip("io_uring", Medium.TCP_IO_URING, BLOCK_MESSAGES));
        }

        @Override
        List<Ratio> ratios() {
            return List.of(Ratio.shown("p50", "epoll", "nio"), Ratio.shown("p50", "io_uring", "nio"));
        }
    },
    SOCKET_STREAM("one way over sockets, 32 bytes, messages a second", List.of("messages_per_second")) {
        @Override
        List<Contender> contenders() {
            return List.of(
                    stream("nio-unix", Medium.NIO_UNIX, "offer", RoundTrip.LENGTH),
                    stream("unix", Medium.UNIX, "offer", RoundTrip.LENGTH),
                    stream("unix-claim", Medium.UNIX, "claim", RoundTrip.LENGTH),
                    stream("nio-tcp", Medium.NIO_TCP, "offer", RoundTrip.LENGTH),
                    stream("tcp", Medium.TCP, "offer", RoundTrip.LENGTH),
                    stream("tcp-claim", Medium.TCP, "claim", RoundTrip.LENGTH));
        }

        @Override
        List<Ratio> ratios() {
            return List.of(
                    Ratio.atLeast(3, "messages_per_second", "unix", "nio-unix"),
                    Ratio.atLeast(3, "messages_per_second", "tcp", "nio-tcp"),
                    Ratio.shown("messages_per_second", "unix-claim", "nio-unix"),
                    Ratio.shown("messages_per_second", "tcp-claim", "nio-tcp"));
        }
    },
    SOCKET_BULK("one way over sockets, 64 KiB, bytes a second", List.of("bytes_per_second")) {
        @Override
        List<Contender> contenders() {
            return List.of(
                    stream("nio-unix", Medium.NIO_UNIX, "offer", BULK_LENGTH),
                    stream("unix", Medium.UNIX, "offer", BULK_LENGTH),
                    stream("nio-tcp", Medium.NIO_TCP, "offer", BULK_LENGTH),
                    stream("tcp", Medium.TCP, "offer", BULK_LENGTH));
        }

        @Override
        List<Ratio> ratios() {
            return List.of(
                    Ratio.atLeast(0.9, "bytes_per_second", "unix", "nio-unix"),
                    Ratio.atLeast(0.9, "bytes_per_second", "tcp", "nio-tcp"));
        }
    },
    SOCKET_CROWD("memory of a server for each of 5,000 connections, bytes", List.of("heap_bytes", "other_bytes")) {
        @Override
        List<Contender> contenders() {
            return List.of(connections("unix", "unix:benchmark"), connections("tcp", "tcp://127.0.0.1:0"));
        }

        @Override
        List<Ratio> ratios() {
            return List.of(
                    Ratio.atMost(20 << 10, "heap_bytes", "unix", null),
                    Ratio.atMost(20 << 10, "heap_bytes", "tcp", null));
        }

        @Override
        int turns(int asked) {
            return 1; // memory is what it is
        }
    };

    private static final String RTT_MESSAGES = "300000";
    private static final String BLOCK_MESSAGES = "20000";
    private static final String MILLISECONDS = "200";
    private static final String IDLE_SECONDS = "5";
    private static final String CONNECTIONS = "5000";
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

    private static Contender connections(String name, String address) {
        return Contender.inJava(
                name, Connections.FLAGS, Connections.class, address, Contender.DIRECTORY, CONNECTIONS);
    }
}
