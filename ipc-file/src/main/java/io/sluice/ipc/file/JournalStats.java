package io.sluice.ipc.file;

import java.util.Map;

/// What a journal is and holds.
///
/// @param created when, in milliseconds since 1970
/// @param lastTime of its last record, or later, in milliseconds since 1970; 0 if it has none
/// @param start the position of the first record
/// @param end the position behind the last record
/// @param segments how many there are
/// @param segmentLength how long each is, in bytes
/// @param readers the position that each named reader has stored, by name; -1 if it has stored none
public record JournalStats(
        long created,
        long lastTime,
        long start,
        long end,
        int segments,
        int segmentLength,
        Map<String, Long> readers) {}
