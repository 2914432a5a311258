/// The system calls behind the transports, through the Foreign Function & Memory API: sleeping on shared memory
/// ([io.sluice.ipc.os.Futex]), memory that two processes map ([io.sluice.ipc.os.MemoryFile]), files that outlive them
/// ([io.sluice.ipc.os.DiskFile]), locks on their bytes ([io.sluice.ipc.os.ByteLocks]), and the directory in which names
/// live ([io.sluice.ipc.os.RuntimeDirectory]). What needs Linux or POSIX says so clearly elsewhere.
package io.sluice.ipc.os;
