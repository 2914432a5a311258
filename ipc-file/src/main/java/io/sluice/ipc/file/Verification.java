package io.sluice.ipc.file;

/// What [Journal#verify] has found.
///
/// @param records that are sound
/// @param bytes of their bodies
/// @param damaged stretches that cannot be read
public record Verification(long records, long bytes, long damaged) {}
