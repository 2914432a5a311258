/// The system calls behind the transports, through the Foreign Function & Memory API: sleeping on shared memory
/// ([io.sluice.ipc.os.Futex]), memory that two processes map ([io.sluice.ipc.os.MemoryFile]), and the directory in
/// which names live ([io.sluice.ipc.os.RuntimeDirectory]). What needs Linux or POSIX says so clearly elsewhere.
package io.sluice.ipc.os;
