package io.sluice.ipc.cli;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// One transport's part of the demo: starts its processes, follows what they report, and never waits for ever.
///
/// The server reports `listening ADDRESS` and, when it has checked everything, `checked`. The client reports
/// `progress COUNT` and last `result ...`; see [DemoResult]. Either reports `failed WHY`, or `lost WHY` if it only found
/// the other one gone.
final class DemoRun {
    /// Why it failed, as far as is known.
    private record Reason(Rank rank, String text) {}

    /// Several processes may complain of one thing, in any order: what explains the others comes first here.
    private enum Rank {
        DEATH,
        FAILURE,
        LOSS,
        STATUS
    }

    private static final long LAST_WORDS_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Trial trial;
    private final long messages;
    private final Duration timeout;
    private final boolean verbose;
    private final long seed = System.nanoTime();

    private final BlockingQueue<Child.Event> events = new LinkedBlockingQueue<>();
    private final List<Child> children = new CopyOnWriteArrayList<>(); // the exit hook reads it, too
    private int ended;
    private boolean checked;
    private DemoResult result;
    private Reason reason;

    DemoRun(Trial trial, long messages, Duration timeout, boolean verbose) {
        this.trial = trial;
        this.messages = messages;
        this.timeout = timeout;
        this.verbose = verbose;
    }

    /// Runs it.
    ///
    /// @return how it went; it does not throw for a transport that fails
    DemoRow run(Terminal terminal) throws InterruptedException {
        Closing closing = new Closing();
        OnExit.close(closing);
        String what = "%-8s".formatted(trial.scheme());
        try (closing;
                Progress progress = new Progress(terminal, what, 2 * messages)) {
            trial.prepare();
            start(switch (trial.ends()) {
                case ONE_PROCESS -> DemoPeerCommand.Role.BOTH;
                case PARENT_AND_CHILD -> DemoPeerCommand.Role.PARENT;
                case ANY -> DemoPeerCommand.Role.SERVER;
            }, trial.address().toString());
            follow(progress);
        } catch (FailedException e) {
            fail(Rank.FAILURE, e.getMessage());
        } finally {
            OnExit.forget(closing);
            trial.clearUp();
        }
        return reason == null ? new DemoRow(trial, result, null) : new DemoRow(trial, null, reason.text());
    }

    private void start(DemoPeerCommand.Role role, String address) {
        List<String> arguments = DemoPeerCommand.arguments(role, messages, seed, address);
        String name = "the " + (role == DemoPeerCommand.Role.BOTH ? "" : role.name().toLowerCase(Locale.ROOT) + " ")
                + "process";
        children.add(Child.start(name, arguments, verbose, events::add));
    }

    private void follow(Progress progress) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (ended == 0 || ended < children.size()) {
            Child.Event event = events.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (event == null && reason == null) {
                fail(Rank.FAILURE, "nothing has happened for " + timeout.toSeconds() + " s");
            }
            if (event == null) {
                return;
            }
            boolean failedBefore = reason != null;
            take(event, progress);
            if (reason == null) {
                deadline = System.nanoTime() + timeout.toNanos();
            } else if (!failedBefore) {
                // The others may know more: a killed process says nothing itself, and its peer says it first.
                deadline = System.nanoTime() + LAST_WORDS_NANOS;
            }
        }
        if (result == null || !checked) {
            fail(Rank.STATUS, "the processes ended without a result");
        }
    }

    private void take(Child.Event event, Progress progress) {
        switch (event) {
            case Child.Report(Child child, String text) -> {
                String[] words = text.split(" ", 2);
                String rest = words.length > 1 ? words[1] : "";
                switch (words[0]) {
                    case "listening" -> {
                        if (trial.ends() == Trial.Ends.ANY) {
                            start(DemoPeerCommand.Role.CLIENT, rest);
                        }
                    }
                    case "progress" -> progress.update(Long.parseLong(rest));
                    case "checked" -> checked = true;
                    case "result" -> result = DemoResult.parse(rest);
                    case "failed" -> fail(Rank.FAILURE, child.role() + ": " + rest);
                    case "lost" -> fail(Rank.LOSS, child.role() + ": " + rest);
                    default -> fail(Rank.FAILURE, child.role() + " reported what nobody understands: " + text);
                }
            }
            case Child.Ended(Child child, int status) -> {
                ended++;
                if (status > 128) {
                    fail(Rank.DEATH, child.role() + " was ended by signal " + (status - 128));
                } else if (status != 0) {
                    fail(Rank.STATUS, child.role() + " ended with status " + status
                            + child.lastError().map(": "::concat).orElse(""));
                }
            }
        }
    }

    private void fail(Rank rank, String why) {
        if (reason == null || rank.compareTo(reason.rank()) < 0) {
            reason = new Reason(rank, why);
        }
    }

    /// Closes the children that there are when it is closed.
    private final class Closing implements AutoCloseable {
        @Override
        public void close() {
            children.forEach(Child::close);
        }
    }
}
