package io.sluice.ipc.benchmarks;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// What was measured, as tables of medians and ratios, and as JSON with every round.
final class Report {
    private Report() {}

    static void print(PrintStream out, Scenario scenario, Rounds rounds) {
        out.printf("%n%s: %s; medians of %d turns; ratios with the middle half of theirs%n", scenario.key(),
                scenario.title(), rounds.all().size());
        out.printf("  %-44s", "");
        scenario.metrics().forEach(metric -> out.printf("%22s", metric));
        out.println();
        for (Contender contender : scenario.contenders()) {
            out.printf("  %-44s", contender.name());
            scenario.metrics().forEach(metric -> out.printf("%22s", number(rounds.median(contender.name(), metric))));
            out.println();
        }
        for (Ratio ratio : scenario.ratios()) {
            double value = rounds.ratio(ratio);
            double[] each = rounds.ratios(ratio);
            String range = each.length == 0
                    ? ""
                    : "%s .. %s".formatted(number(each[each.length / 4]), number(each[each.length * 3 / 4]));
            out.printf("  %-44s%22s%22s  %-9s%s%n", ratio.label(), number(value), range, ratio.goal(),
                    ratio.verdict(value));
        }
        out.flush();
    }

    static String json(Map<Scenario, Rounds> results) {
        return results.entrySet().stream()
                .map(result -> "  \"%s\":{\"rounds\":[\n    %s],\n   \"ratios\":{%s}}".formatted(
                        result.getKey().key(), rounds(result.getValue()), ratios(result.getKey(), result.getValue())))
                .collect(Collectors.joining(",\n", "{\n", "\n}\n"));
    }

    private static String rounds(Rounds rounds) {
        return rounds.all().stream().map(Report::round).collect(Collectors.joining(",\n    "));
    }

    private static String round(Map<String, Figures> round) {
        return round.entrySet().stream()
                .map(run -> "\"%s\":%s".formatted(run.getKey(), run.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String ratios(Scenario scenario, Rounds rounds) {
        List<Ratio> ratios = scenario.ratios();
        return ratios.stream()
                .filter(ratio -> !Double.isNaN(rounds.ratio(ratio)))
                .map(ratio -> "\"%s\":%s".formatted(ratio.label(), rounds.ratio(ratio)))
                .collect(Collectors.joining(","));
    }

    private static String number(double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        return String.format(Locale.ROOT, Math.abs(value) < 100 ? "%.3f" : "%,.0f", value);
    }
}
