package io.sluice.ipc.cli;

import java.util.ArrayList;
import java.util.List;

/// Text in aligned columns; a cell too wide for its column goes on in the next line.
final class Table {
    /// A column.
    ///
    /// @param title its head
    /// @param right whether its cells end at the right edge, as numbers do
    /// @param maxWidth where its cells are wrapped, in characters
    record Column(String title, boolean right, int maxWidth) {
        static Column text(String title, int maxWidth) {
            return new Column(title, false, maxWidth);
        }

        static Column number(String title) {
            return new Column(title, true, Integer.MAX_VALUE);
        }
    }

    private static final String GAP = "  ";

    private final List<Column> columns;
    private final String rule;
    private final List<List<String>> rows = new ArrayList<>();

    Table(boolean unicode, Column... columns) {
        this.columns = List.of(columns);
        this.rule = unicode ? "─" : "-";
    }

    void add(String... cells) {
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException(cells.length + " cells for " + columns.size() + " columns");
        }
        rows.add(List.of(cells));
    }

    List<String> lines() {
        List<String> titles = columns.stream().map(Column::title).toList();
        int[] widths = new int[columns.size()];
        List<List<List<String>>> wrapped = new ArrayList<>();
        wrapped.add(titles.stream().map(List::of).toList());
        for (List<String> row : rows) {
            List<List<String>> cells = new ArrayList<>();
            for (int i = 0; i < row.size(); i++) {
                cells.add(wrap(row.get(i), Math.max(columns.get(i).maxWidth(), titles.get(i).length())));
            }
            wrapped.add(cells);
        }
        for (List<List<String>> row : wrapped) {
            for (int i = 0; i < widths.length; i++) {
                for (String part : row.get(i)) {
                    widths[i] = Math.max(widths[i], part.length());
                }
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<List<String>> row : wrapped) {
            int height = row.stream().mapToInt(List::size).max().orElse(1);
            for (int line = 0; line < height; line++) {
                lines.add(line(row, line, widths));
            }
        }
        int width = GAP.length() * (widths.length - 1);
        for (int each : widths) {
            width += each;
        }
        lines.add(1, rule.repeat(width));
        return lines;
    }

    private String line(List<List<String>> row, int line, int[] widths) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            List<String> cell = row.get(i);
            String part = line < cell.size() ? cell.get(line) : "";
            String padding = " ".repeat(widths[i] - part.length());
            text.append(i == 0 ? "" : GAP).append(columns.get(i).right() ? padding + part : part + padding);
        }
        return text.toString().stripTrailing();
    }

    /// Breaks a text at blanks, and a word that is too long by itself anywhere.
    static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ")) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
            while (line.length() > width) {
                lines.add(line.substring(0, width));
                line.delete(0, width);
            }
        }
        lines.add(line.toString());
        return lines;
    }
}
