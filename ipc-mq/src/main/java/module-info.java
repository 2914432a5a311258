/// The kernel's message queues: `mq:` and `sysv:`.
module io.sluice.ipc.mq {
    requires transitive io.sluice.ipc;
    requires io.sluice.ipc.os;

    exports io.sluice.ipc.mq;

    provides io.sluice.ipc.spi.Transport with
            io.sluice.ipc.mq.PosixTransport,
            io.sluice.ipc.mq.SystemVTransport;
}
