/// Programs to copy from: they know the API alone, and the transports are found when they run.
module io.sluice.ipc.examples {
    requires io.sluice.ipc;
}
