/// `shm:`: processes of one machine. A lock-free ring each way in memory that both map; a thread that waits sleeps on a
/// futex; a Unix-domain socket introduces the two sides, proves the peer's user, and its end of file proves the peer's
/// death.
///
/// What a process published before it died is delivered, nothing half-written is ever seen, and nothing stays behind: the
/// memory has no name once both sides have mapped it.
package io.sluice.ipc.shm;
