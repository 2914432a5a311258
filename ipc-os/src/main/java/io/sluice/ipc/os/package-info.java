/// The system calls behind the transports, through the Foreign Function & Memory API: futexes, sockets with
/// credentials, mapped files. What needs Linux says so clearly elsewhere.
package io.sluice.ipc.os;
