package io.sluice.ipc.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What one run of a contender measured: the one line of JSON that it prints.
final class Figures {
    private static final Pattern FIGURE = Pattern.compile("\"([^\"]+)\":(-?[0-9.Ee+-]+)");

    private final Map<String, Double> values = new LinkedHashMap<>();

    static Figures parse(String json) {
        Figures figures = new Figures();
        FIGURE.matcher(json).results().forEach(f -> figures.with(f.group(1), Double.parseDouble(f.group(2))));
        return figures;
    }

    Figures with(String metric, double value) {
        values.put(metric, value);
        return this;
    }

    /// The figure, or `NaN` if it was not measured.
    double value(String metric) {
        return values.getOrDefault(metric, Double.NaN);
    }

    @Override
    public String toString() {
        return values.entrySet().stream()
                .map(f -> "\"%s\":%s".formatted(f.getKey(), f.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }
}
