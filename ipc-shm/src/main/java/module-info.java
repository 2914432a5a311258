/// The `shm:` transport: shared memory between processes of one machine.
module io.sluice.ipc.shm {
    requires transitive io.sluice.ipc;
    requires io.sluice.ipc.os;
    requires jdk.net;
    requires org.slf4j;

    provides io.sluice.ipc.spi.Transport with
            io.sluice.ipc.shm.ShmTransport;
}
