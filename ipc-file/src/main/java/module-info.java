/// The durable journal: records in a folder, appended and read by many processes.
module io.sluice.ipc.file {
    requires transitive io.sluice.ipc;
    requires io.sluice.ipc.os;
    requires org.slf4j;

    exports io.sluice.ipc.file;
}
