package io.sluice.ipc.benchmarks;

import java.util.Locale;

/// A figure of ours over the same figure of a peer's in the same run, and the goal for it, if there is one.
///
/// @param metric which figure
/// @param ours the contender above the line
/// @param theirs the contender below the line; null: the figure itself counts
/// @param sign -1 if the ratio must be at most the bound, 1 if at least, 0 if it is only shown
/// @param bound the goal
record Ratio(String metric, String ours, String theirs, int sign, double bound) {
    static Ratio atMost(double bound, String metric, String ours, String theirs) {
        return new Ratio(metric, ours, theirs, -1, bound);
    }

    static Ratio atLeast(double bound, String metric, String ours, String theirs) {
        return new Ratio(metric, ours, theirs, 1, bound);
    }

    static Ratio shown(String metric, String ours, String theirs) {
        return new Ratio(metric, ours, theirs, 0, Double.NaN);
    }

    double of(double ourFigure, double theirFigure) {
        return theirs == null ? ourFigure : ourFigure / theirFigure;
    }

    String label() {
        return (theirs == null ? ours : ours + " / " + theirs) + ", " + metric;
    }

    String goal() {
        return sign == 0
                ? ""
                : (sign < 0 ? "<= " : ">= ") + String.format(Locale.ROOT, "%.4g", bound).replaceAll("0+$", "");
    }

    /// `PASS`, `miss`, or nothing if there is no goal or no figure.
    String verdict(double value) {
        if (sign == 0 || Double.isNaN(value)) {
            return "";
        }
        return value * sign >= bound * sign ? "PASS" : "miss";
    }
}
