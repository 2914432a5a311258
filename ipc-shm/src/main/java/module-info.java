/// The `shm:` transport: shared memory between processes of one machine.
module io.sluice.ipc.shm {
    requires transitive io.sluice.ipc;
    requires io.sluice.ipc.os;
    requires org.agrona;
    requires org.slf4j;
}
