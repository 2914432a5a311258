package io.sluice.ipc.mq;

/// What the kernel says of a queue at a moment. What its kind does not know is 0.
///
/// @param messages how many wait
/// @param bytes `sysv:` only: how many bytes they have
/// @param depth `mq:` only: how many messages fit
/// @param messageSize the largest message, in bytes
/// @param capacity `sysv:` only: how many bytes fit
public record QueueStat(long messages, long bytes, long depth, long messageSize, long capacity) {}
