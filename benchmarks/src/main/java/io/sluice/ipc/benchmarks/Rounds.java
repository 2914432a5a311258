package io.sluice.ipc.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// The figures of all rounds of a scenario: in each, every contender had one turn, except those that failed.
final class Rounds {
    private final List<Map<String, Figures>> rounds = new ArrayList<>();

    void begin() {
        rounds.add(new LinkedHashMap<>());
    }

    void add(Contender contender, Figures figures) {
        rounds.getLast().put(contender.name(), figures);
    }

    /// The rounds one by one: contender to figures.
    List<Map<String, Figures>> all() {
        return rounds;
    }

    /// The median over the rounds, or `NaN`.
    double median(String contender, String metric) {
        return median(each(round -> figure(round, contender, metric)));
    }

    /// The median of the ratios, or `NaN`.
    double ratio(Ratio ratio) {
        return median(ratios(ratio));
    }

    /// The ratio of the neighbouring turns of each round, from the smallest to the largest.
    double[] ratios(Ratio ratio) {
        return each(round -> ratio.of(
                figure(round, ratio.ours(), ratio.metric()), figure(round, ratio.theirs(), ratio.metric())));
    }

    private double[] each(ToDoubleFunction<Map<String, Figures>> value) {
        return rounds.stream()
                .mapToDouble(value)
                .filter(v -> !Double.isNaN(v))
                .sorted()
                .toArray();
    }

    private static double figure(Map<String, Figures> round, String contender, String metric) {
        Figures figures = round.get(contender);
        return figures == null ? Double.NaN : figures.value(metric);
    }

    private static double median(double[] sorted) {
        int middle = sorted.length / 2;
        if (sorted.length == 0) {
            return Double.NaN;
        }
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
