/// The one module that calls the operating system: every other module asks it.
///
/// Its packages are for the transports of Sluice, not for users: they are exported to the transports by name.
module io.sluice.ipc.os {
    requires transitive io.sluice.ipc;
    requires org.slf4j;

    exports io.sluice.ipc.os to
            io.sluice.ipc.file,
            io.sluice.ipc.mq,
            io.sluice.ipc.pipe,
            io.sluice.ipc.shm,
            io.sluice.ipc.socket;
    exports io.sluice.ipc.os.stream to
            io.sluice.ipc.mq,
            io.sluice.ipc.pipe;
}
