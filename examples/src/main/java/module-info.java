/// Programs to copy from: they know the API and the journal, and transports are found when they run.
module io.sluice.ipc.examples {
    requires io.sluice.ipc;
    requires io.sluice.ipc.file;
}
