package io.sluice.ipc.cli;

import java.util.List;
import java.util.Map;

/// Writes JSON (RFC 8259): maps, lists, strings and finite numbers.
final class Json {
    private final StringBuilder text = new StringBuilder();

    private Json() {}

    static String write(Object value) {
        Json json = new Json();
        json.value(value, "\n");
        return json.text.toString();
    }

    private void value(Object value, String indent) {
        switch (value) {
            case Map<?, ?> map -> {
                String separator = "{";
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    text.append(separator).append(indent).append("  ");
                    string(entry.getKey().toString());
                    text.append(": ");
                    value(entry.getValue(), indent + "  ");
                    separator = ",";
                }
                text.append(map.isEmpty() ? "{" : indent).append('}');
            }
            case List<?> list -> {
                String separator = "[";
                for (Object element : list) {
                    text.append(separator).append(indent).append("  ");
                    value(element, indent + "  ");
                    separator = ",";
                }
                text.append(list.isEmpty() ? "[" : indent).append(']');
            }
            case Number number when Double.isFinite(number.doubleValue()) -> text.append(number);
            case String string -> string(string);
            default -> throw new IllegalArgumentException("no JSON for " + value);
        }
    }

    private void string(String string) {
        text.append('"');
        for (char c : string.toCharArray()) {
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                default -> text.append(c < ' ' ? "\\u%04x".formatted((int) c) : String.valueOf(c));
            }
        }
        text.append('"');
    }
}
