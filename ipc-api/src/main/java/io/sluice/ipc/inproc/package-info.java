/// `inproc:`: threads of one process. A ring each way in native memory; waiting threads park; one publishes with a
/// release store and nothing is ever lost, as long as the process lives.
package io.sluice.ipc.inproc;
