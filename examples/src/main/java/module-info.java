/// Programs to copy from: they know the API, what starts a child process, and the journal; transports are found when they run.
module io.sluice.ipc.examples {
    requires io.sluice.ipc;
    requires io.sluice.ipc.file;
    requires io.sluice.ipc.mq;
    requires io.sluice.ipc.pipe;
}
