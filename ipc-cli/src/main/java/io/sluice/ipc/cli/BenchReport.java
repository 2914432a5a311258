package io.sluice.ipc.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/// A benchmark's figures, for people and for programs.
record BenchReport(Trial trial, BenchWork work, BenchWork.Result result) {
    private double seconds() {
        return result.streamNanos() / 1e9;
    }

    private double messagesPerSecond() {
        return work.streamed() / seconds();
    }

    private double megabytesPerSecond() {
        return messagesPerSecond() * work.size() / 1e6;
    }

    private String processes() {
        return trial.oneProcess() ? "one process" : "two processes";
    }

    List<String> lines(boolean unicode) {
        Histogram times = result.roundTrip();
        StringBuilder percentiles = new StringBuilder();
        for (double percentile : new double[] {50, 90, 99, 99.9}) {
            String name = percentile == (int) percentile ? "p" + (int) percentile : "p" + percentile;
            percentiles
                    .append(name)
                    .append(' ')
                    .append(Figures.time(times.getValueAtPercentile(percentile), unicode))
                    .append("   ");
        }
        return List.of(
                trial.address() + "   " + Figures.count(work.size()) + " bytes   " + processes() + "   "
                        + trial.synchronisation(),
                "round trip   " + percentiles + "max " + Figures.time(times.getMaxValue(), unicode) + "   ("
                        + Figures.count(work.roundTrips()) + ")",
                "stream       " + Figures.count(Math.round(messagesPerSecond())) + " messages/s   "
                        + Figures.decimal(megabytesPerSecond(), 1) + " MB/s   (" + Figures.count(work.streamed())
                        + " in "
                        + Figures.time(result.streamNanos(), unicode) + ")");
    }

    String json() {
        Histogram times = result.roundTrip();
        Map<String, Object> roundTrip = new LinkedHashMap<>();
        roundTrip.put("unit", "ns");
        roundTrip.put("count", times.getTotalCount());
        roundTrip.put("min", times.getMinValue());
        roundTrip.put("mean", times.getMean());
        roundTrip.put("p50", times.getValueAtPercentile(50));
        roundTrip.put("p90", times.getValueAtPercentile(90));
        roundTrip.put("p99", times.getValueAtPercentile(99));
        roundTrip.put("p99.9", times.getValueAtPercentile(99.9));
        roundTrip.put("max", times.getMaxValue());
        roundTrip.put("histogram", histogram(times));

        Map<String, Object> stream = new LinkedHashMap<>();
        stream.put("messages", work.streamed());
        stream.put("seconds", seconds());
        stream.put("messagesPerSecond", messagesPerSecond());
        stream.put("megabytesPerSecond", megabytesPerSecond());

        Map<String, Object> machine = new LinkedHashMap<>();
        machine.put("processors", Runtime.getRuntime().availableProcessors());
        machine.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        machine.put("architecture", System.getProperty("os.arch"));
        machine.put("java", Runtime.version().toString());

        Map<String, Object> all = new LinkedHashMap<>();
        all.put("address", trial.address().toString());
        all.put("synchronisation", trial.synchronisation());
        all.put("processes", trial.oneProcess() ? 1 : 2);
        all.put("size", work.size());
        all.put("roundTrip", roundTrip);
        all.put("stream", stream);
        all.put("machine", machine);
        return Json.write(all);
    }

    /// Percentiles as HdrHistogram spaces them: five for each halving of the distance to 100.
    private static List<Object> histogram(Histogram times) {
        List<Object> points = new ArrayList<>();
        for (HistogramIterationValue point : times.percentiles(5)) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("percentile", point.getPercentileLevelIteratedTo());
            entry.put("value", point.getValueIteratedTo());
            entry.put("count", point.getTotalCountToThisValue());
            points.add(entry);
        }
        return points;
    }
}
