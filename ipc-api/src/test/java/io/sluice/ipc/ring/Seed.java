package io.sluice.ipc.ring;

import java.util.concurrent.ThreadLocalRandom;

/// The seed of a randomised test: printed, and the same again with `-Dipc.seed=SEED`.
final class Seed {
    private Seed() {}

    static long next(String test) {
        long seed = Long.getLong("ipc.seed", ThreadLocalRandom.current().nextLong());
        System.out.println(test + ": repeat with -Dipc.seed=" + seed);
        return seed;
    }
}
