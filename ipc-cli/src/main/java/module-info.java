/// The `ipc` command. Open, because picocli finds its commands, options and parameters by reflection.
open module io.sluice.ipc.cli {
    requires io.sluice.ipc;
    requires io.sluice.ipc.file;
    requires io.sluice.ipc.mq;
    requires io.sluice.ipc.shm;
    requires io.sluice.ipc.pipe;
    requires io.sluice.ipc.socket;
    requires info.picocli;
    requires HdrHistogram;
}
