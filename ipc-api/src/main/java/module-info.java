/// The API of Sluice: addresses, channels, endpoints, and the interface that transports implement.
@SuppressWarnings("requires-transitive-automatic") // Agrona has no module descriptor, only a stable name
module io.sluice.ipc {
    requires transitive org.agrona;
    requires org.slf4j;

    exports io.sluice.ipc;
    exports io.sluice.ipc.spi;
    exports io.sluice.ipc.endpoint to
            io.sluice.ipc.file,
            io.sluice.ipc.mq,
            io.sluice.ipc.os,
            io.sluice.ipc.pipe,
            io.sluice.ipc.shm,
            io.sluice.ipc.socket;
    exports io.sluice.ipc.ring to
            io.sluice.ipc.file,
            io.sluice.ipc.mq,
            io.sluice.ipc.os,
            io.sluice.ipc.pipe,
            io.sluice.ipc.shm,
            io.sluice.ipc.socket;
    exports io.sluice.ipc.stream to
            io.sluice.ipc.mq,
            io.sluice.ipc.os,
            io.sluice.ipc.pipe,
            io.sluice.ipc.socket;

    uses io.sluice.ipc.spi.Transport;

    provides io.sluice.ipc.spi.Transport with
            io.sluice.ipc.inproc.InprocTransport;
}
