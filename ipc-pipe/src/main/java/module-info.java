/// The `stdio:` and `pipe:` transports: anonymous pipes to a child process, named pipes between processes of one machine.
module io.sluice.ipc.pipe {
    requires transitive io.sluice.ipc;
    requires io.sluice.ipc.os;
    requires org.slf4j;

    exports io.sluice.ipc.pipe;

    provides io.sluice.ipc.spi.Transport with
            io.sluice.ipc.pipe.PipeTransport,
            io.sluice.ipc.pipe.StdioTransport;
}
