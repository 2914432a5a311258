package io.sluice.ipc.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Sets our transports beside their peers, and prints the medians, the ratios, and the goals that they meet or miss.
///
/// Only ratios within one run mean anything: machines differ, and a virtual machine changes its pace from second to second, as its cores
/// are moved about. So all contenders of a scenario are started and warmed up, each in processes of its own, and then measure in turn, a
/// fraction of a second each, while the others are stopped. A turn that other programs disturbed is taken again. Then all are started
/// anew: a JVM does not compile the same way twice. A ratio is the median of the ratios of neighbouring turns.
final class SideBySide {
    private static final String USAGE = """
            usage: benchmarks/run [--rounds N] [--turns N] [--only SCENARIO,...]
                                  [--contender TEXT] [--quiet SECONDS] [--retries N] [--json FILE]

              --rounds N         how often the contenders are started (5)
              --turns N          how often each measures before they are started anew (10)
              --only LIST        which scenarios: rtt, stream, block, bulk, idle, thousand, pipe_rtt, pipe_bulk,
                                 pipe_stream, queue, queue_stream, socket_rtt, socket_io,
                                 socket_stream, socket_bulk, socket_crowd (all)
              --contender TEXT   only contenders whose name contains TEXT
              --quiet SECONDS    how long to wait for other programs to leave the cores alone (20)
              --retries N        how often to repeat a turn that other programs disturbed (3)
              --json FILE        where to write every figure of every turn
            """;

    private static final double TOLERATED_OTHERS = 0.1;

    private int rounds = 5;
    private int turns = 10;
    private Set<Scenario> scenarios = EnumSet.allOf(Scenario.class);
    private String contender = "";
    private int quietSeconds = 20;
    private Path json;
    private int retries = 3;
    private int taken;
    private int disturbed;

    public static void main(String[] args) throws IOException, InterruptedException {
        SideBySide sideBySide = new SideBySide();
        try {
            sideBySide.parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.print(USAGE);
            System.exit(2);
        }
        sideBySide.run();
    }

    private void parse(String[] args) {
        for (int i = 0; i < args.length; i += 2) {
            if (i + 1 == args.length) {
                throw new IllegalArgumentException(args[i] + " needs a value");
            }
            String value = args[i + 1];
            switch (args[i]) {
                case "--rounds" -> rounds = Integer.parseInt(value);
                case "--turns" -> turns = Integer.parseInt(value);
                case "--only" -> {
                    scenarios = EnumSet.noneOf(Scenario.class);
                    for (String key : value.split(",")) {
                        scenarios.add(Scenario.valueOf(key.toUpperCase(Locale.ROOT)));
                    }
                }
                case "--contender" -> contender = value;
                case "--quiet" -> quietSeconds = Integer.parseInt(value);
                case "--retries" -> retries = Integer.parseInt(value);
                case "--json" -> json = Path.of(value);
                default -> throw new IllegalArgumentException("unknown option " + args[i]);
            }
        }
    }

    private void run() throws IOException, InterruptedException {
        System.out.printf("Java %s, %d cores%n", Runtime.version(), Runtime.getRuntime().availableProcessors());
        Map<Scenario, Rounds> results = new EnumMap<>(Scenario.class);
        for (Scenario scenario : scenarios) {
            Rounds measured = measure(scenario);
            results.put(scenario, measured);
            Report.print(System.out, scenario, measured);
        }
        if (disturbed > 0) {
            System.out.printf(
                    "%n%d of %d turns were disturbed: other programs used more than %.0f%% of the cores%n",
                    disturbed, taken, 100 * TOLERATED_OTHERS);
        }
        if (json != null) {
            Files.writeString(json, Report.json(results));
        }
    }

    private Rounds measure(Scenario scenario) throws IOException, InterruptedException {
        Rounds measured = new Rounds();
        for (int round = 0; round < rounds; round++) {
            List<Entrant> entrants = start(scenario);
            try {
                for (int turn = 0; turn < scenario.turns(turns); turn++) {
                    measured.begin();
                    for (Entrant entrant : List.copyOf(entrants)) {
                        try {
                            measured.add(entrant.contender(), undisturbedTurn(entrant));
                        } catch (IOException e) {
                            complain(scenario, entrant.contender(), e);
                            entrants.remove(entrant);
                            entrant.close();
                        }
                    }
                }
            } finally {
                entrants.forEach(Entrant::close);
            }
        }
        return measured;
    }

    private List<Entrant> start(Scenario scenario) throws InterruptedException {
        List<Entrant> entrants = new ArrayList<>();
        for (Contender each : scenario.contenders()) {
            if (each.name().contains(contender)) {
                try {
                    entrants.add(new Entrant(each));
                } catch (IOException e) {
                    complain(scenario, each, e);
                }
            }
        }
        return entrants;
    }

    /// Lets it measure until nobody disturbs it, or patience ends; the turn that was disturbed least counts.
    private Figures undisturbedTurn(Entrant entrant) throws IOException, InterruptedException {
        Figures best = entrant.turn();
        for (int retry = 0; retry < retries && isDisturbed(best); retry++) {
            Machine.awaitQuiet(quietSeconds);
            Figures figures = entrant.turn();
            if (figures.value(Entrant.OTHERS) < best.value(Entrant.OTHERS)) {
                best = figures;
            }
        }
        taken++;
        if (isDisturbed(best)) {
            disturbed++;
        }
        return best;
    }

    private static boolean isDisturbed(Figures figures) {
        return figures.value(Entrant.OTHERS) > TOLERATED_OTHERS;
    }

    private static void complain(Scenario scenario, Contender contender, IOException e) {
        System.err.printf("%s %s failed: %s%n", scenario.key(), contender.name(), e.getMessage());
    }
}
