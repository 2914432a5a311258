package io.sluice.ipc.benchmarks.journal;

import java.nio.file.Path;
import java.util.List;

/// A log of records of 32 bytes, ours or a peer's, as one thread of one process uses it.
interface Log extends AutoCloseable {
    /// Appends a record whose first eight bytes are a number; the others are it as well.
    void append(long number);

    /// Reads the next record, spinning until there is one.
    ///
    /// @return its number
    long next();

    @Override
    void close();

    /// Which log.
    enum Kind {
        /// Ours.
        SLUICE,
        /// Chronicle Queue, which needs flags: they live here, and reach its processes only.
        CHRONICLE;

        Log open(Path folder) {
            return this == SLUICE ? new SluiceLog(folder) : new ChronicleLog(folder);
        }

        /// What its processes are started with.
        List<String> flags() {
            return this == SLUICE
                    ? List.of()
                    : List.of(
                            "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
                            "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
                            "--add-exports=jdk.unsupported/sun.misc=ALL-UNNAMED",
                            "--add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED",
                            "--add-opens=jdk.compiler/com.sun.tools.javac=ALL-UNNAMED",
                            "--add-opens=java.base/java.lang=ALL-UNNAMED",
                            "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
                            "--add-opens=java.base/java.io=ALL-UNNAMED",
                            "--add-opens=java.base/java.util=ALL-UNNAMED",
                            "-Dchronicle.analytics.disable=true",
                            "-Dchronicle.disk.monitor.disable=true",
                            "-Dorg.slf4j.simpleLogger.defaultLogLevel=error");
        }
    }
}
