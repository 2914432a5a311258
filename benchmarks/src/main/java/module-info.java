/// Our transports and their peers, side by side in one run.
module io.sluice.ipc.benchmarks {
    requires java.management;
    requires io.sluice.ipc;
    requires io.sluice.ipc.file;
    requires io.sluice.ipc.mq;
    requires io.sluice.ipc.shm;
    requires io.sluice.ipc.pipe;
    requires io.sluice.ipc.socket;
    requires io.aeron.client;
    requires io.aeron.driver;
    requires org.agrona;
    requires org.zeromq.jeromq;
    requires chronicle.bytes;
    requires chronicle.queue;
    requires chronicle.wire;
    requires HdrHistogram;
}
