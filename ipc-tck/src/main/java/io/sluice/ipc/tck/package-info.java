/// The contract of a transport, as tests: in one JVM, and against a second one.
package io.sluice.ipc.tck;
