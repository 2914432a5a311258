/// Our transports and their peers, side by side in one run.
module io.sluice.ipc.benchmarks {
    requires java.management;
    requires io.sluice.ipc;
    requires io.sluice.ipc.shm;
    requires io.aeron.client;
    requires io.aeron.driver;
    requires org.agrona;
    requires HdrHistogram;
}
