/// A durable journal: records in a folder, in one order for all, that many processes append to and read from.
///
/// **Mechanism.** Segments of a fixed length, reserved on disk and mapped. An appender takes the place of its record by
/// one compare-and-set of the record's first word, writes the rest, and publishes it by one store of that word; readers
/// follow the words. Nobody locks: an appender that is killed, or stopped, in the midst holds up no other appender.
/// What it had claimed is given up once its death is proved: the kernel has released the lock that every appending
/// process holds on a byte of its own. A paused process is not a dead one, and its claim stays its own.
///
/// **Waiting.** A tailer at the end sleeps in futex(2) on a word of the journal's head.
///
/// **Promises.** Every record has a checksum; positions are for ever; times never decrease. What survives a death is
/// said at [io.sluice.ipc.file.Sync]. A disk that is full is an exception, since pages are reserved before they are
/// mapped. Linux only; on a network or FUSE file system files are streamed and not mapped, and who waits looks again and again.
///
/// **The transport.** `file:PATH` is an endpoint in a folder: a client asks by a file of its own, a channel is a pair of
/// journals, each side's life is proved by the lock on a file of its own, and inotify(7) says when to look at it.
package io.sluice.ipc.file;
