/// The conformance suite: one contract, as tests that every transport runs, ours or a third party's.
module io.sluice.ipc.tck {
    requires transitive io.sluice.ipc;
    requires transitive org.junit.jupiter.api;
    requires org.junit.jupiter.params;
    requires org.opentest4j;
    requires java.management;
    requires jdk.management;

    exports io.sluice.ipc.tck;

    opens io.sluice.ipc.tck to
            org.junit.platform.commons;
}
