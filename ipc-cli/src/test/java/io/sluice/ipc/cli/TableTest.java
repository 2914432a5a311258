package io.sluice.ipc.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.ipc.cli.Table.Column;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void textBeginsAndNumbersEndWhereTheirColumnDoes() {
        Table table = new Table(false, Column.text("name", 20), Column.number("count"));
        table.add("a", "1");
        table.add("a longer one", "12,345");
        assertEquals(
                List.of(
                        "name           count", //
                        "--------------------",
                        "a                  1",
                        "a longer one  12,345"),
                table.lines());
    }

    @Test
    void aCellTooWideGoesOnInTheNextLine() {
        Table table = new Table(true, Column.text("how", 10), Column.number("n"));
        table.add("lock-free ring, futex", "7");
        assertEquals(
                List.of(
                        "how        n", //
                        "────────────",
                        "lock-free  7",
                        "ring,",
                        "futex"),
                table.lines());
    }

    @Test
    void aWordTooLongByItselfIsBrokenAnywhere() {
        assertEquals(List.of("ab", "abcde", "fghij", "k"), Table.wrap("ab abcdefghijk", 5));
    }
}
