package io.sluice.ipc.cli;

import java.io.Console;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/// Standard output as the commands use it: what it can show, and whether anybody still reads it.
///
/// Lines may come from any thread; each is written whole.
final class Terminal {
    /// What messages to the user start with on standard error.
    static final String PREFIX = "ipc: ";

    private final PrintStream out;
    private final boolean interactive;
    private final boolean unicode;

    private Terminal(PrintStream out, boolean interactive, boolean unicode) {
        this.out = out;
        this.interactive = interactive;
        this.unicode = unicode;
    }

    static Terminal standard() {
        Console console = System.console();
        boolean dumb = "dumb".equals(System.getenv("TERM"));
        return new Terminal(
                System.out,
                console != null && console.isTerminal() && !dumb,
                System.out.charset().equals(StandardCharsets.UTF_8));
    }

    /// Prints a message to the user on standard error.
    static void error(String message) {
        System.err.println(PREFIX + message);
    }

    /// Whether a line can be drawn over.
    boolean isInteractive() {
        return interactive;
    }

    /// Whether more than ASCII is readable.
    boolean isUnicode() {
        return unicode;
    }

    /// Prints a line.
    ///
    /// @throws OutputClosedException if nobody reads it
    synchronized void line(String text) {
        out.println(text);
        check();
    }

    /// Prints bytes as they are, and the end of a line.
    ///
    /// @throws OutputClosedException if nobody reads it
    synchronized void line(byte[] bytes, int offset, int length) {
        out.write(bytes, offset, length);
        out.write('\n');
        check();
    }

    /// Draws over the current line; the cursor stays in it.
    synchronized void redraw(String text) {
        out.print("\r" + text + "\u001b[K");
        check();
    }

    private void check() {
        if (out.checkError()) { // flushes
            throw new OutputClosedException();
        }
    }
}
