/// The durable journal, records in a folder that many processes append to and read; and `file:`, channels on journals.
module io.sluice.ipc.file {
    requires transitive io.sluice.ipc;
    requires io.sluice.ipc.os;
    requires org.slf4j;

    exports io.sluice.ipc.file;

    provides io.sluice.ipc.spi.Transport with
            io.sluice.ipc.file.FileTransport;
}
