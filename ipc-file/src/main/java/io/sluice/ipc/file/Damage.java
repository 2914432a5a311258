package io.sluice.ipc.file;

/// A stretch of a journal that cannot be read.
///
/// @param position where it begins
/// @param end where it ends; the next record is there or behind it
/// @param why in words, for people
public record Damage(long position, long end, String why) {}
