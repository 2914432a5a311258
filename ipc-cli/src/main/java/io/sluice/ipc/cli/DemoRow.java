package io.sluice.ipc.cli;

/// How a transport did.
///
/// @param trial what was tried
/// @param result what was measured; null if it failed
/// @param failure why it failed; null if it did not
record DemoRow(Trial trial, DemoResult result, String failure) {
    boolean passed() {
        return failure == null;
    }

    /// The row's cells in the demo's table.
    String[] cells(boolean unicode) {
        String address = trial.address().withoutOptions();
        if (!passed()) {
            return new String[] {trial.scheme(), address, trial.synchronisation(), "", "", "", "", "FAILED"};
        }
        return new String[] {
            trial.scheme(),
            address,
            trial.synchronisation(),
            Figures.count(result.messages()),
            Figures.time(result.p50(), unicode),
            Figures.time(result.p99(), unicode),
            Figures.count(Math.round(result.messages() / (result.nanos() / 1e9))),
            "ok"
        };
    }
}
