/// The `shm:` transport: a lock-free ring for each direction in memory that both processes map, and a futex to wait on.
package io.sluice.ipc.shm;
