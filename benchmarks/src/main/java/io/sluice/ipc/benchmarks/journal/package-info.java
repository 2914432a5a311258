/// The journal beside Chronicle Queue, beside one flush for each record, and beside `cat`.
package io.sluice.ipc.benchmarks.journal;
