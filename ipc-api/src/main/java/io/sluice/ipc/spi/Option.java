package io.sluice.ipc.spi;

import io.sluice.ipc.Address;
import io.sluice.ipc.InvalidAddressException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/// One option of an address: its name, its type, its default, and the words for all three.
///
/// Transports declare theirs as constants and list them in [Transport#options()]; every address is checked against
/// that list before a transport sees it, so [#of(Address)] never fails on a checked address. Immutable.
///
/// @param <T> the type of its value
public final class Option<T> {
    private final String name;
    private final T defaultValue;
    private final String accepts;
    private final String description;
    private final Function<String, T> parser;

    private Option(String name, T defaultValue, String accepts, String description, Function<String, T> parser) {
        this.name = Objects.requireNonNull(name);
        this.defaultValue = defaultValue;
        this.accepts = accepts;
        this.description = description;
        this.parser = parser;
    }

    /// A number of bytes, written as a number or with `k`, `m` or `g` for powers of 1,024.
    ///
    /// @param name the option's name
    /// @param defaultValue bytes when it is not given
    /// @param min the least allowed
    /// @param max the most allowed
    /// @param description what it does
    /// @return the option
    public static Option<Integer> size(String name, int defaultValue, int min, int max, String description) {
        String accepts = "a size from " + Quantities.size(min) + " to " + Quantities.size(max) + ", such as 64k";
        return new Option<>(name, defaultValue, accepts, description, text -> {
            long bytes = Quantities.parseSize(text);
            if (bytes < min || bytes > max) {
                throw new IllegalArgumentException("out of range");
            }
            return (int) bytes;
        });
    }

    /// A count without a unit.
    ///
    /// @param name the option's name
    /// @param defaultValue the count when it is not given
    /// @param min the least allowed
    /// @param max the most allowed
    /// @param description what it does
    /// @return the option
    public static Option<Integer> count(String name, int defaultValue, int min, int max, String description) {
        return new Option<>(name, defaultValue, "a number from " + min + " to " + max, description, text -> {
            int count = Integer.parseInt(text);
            if (count < min || count > max) {
                throw new IllegalArgumentException("out of range");
            }
            return count;
        });
    }

    /// A span of time: a number with `ns`, `us`, `ms`, `s`, `m` or `h`, or `forever`.
    ///
    /// @param name the option's name
    /// @param defaultValue the span when it is not given
    /// @param description what it does
    /// @return the option
    public static Option<Duration> duration(String name, Duration defaultValue, String description) {
        return new Option<>(
                name, defaultValue, "a duration such as 10ms, 5s or forever", description, Quantities::parseDuration);
    }

    /// One of an enum's constants, written in lower case.
    ///
    /// @param name the option's name
    /// @param defaultValue the constant when it is not given
    /// @param description what it does
    /// @param <E> the enum
    /// @return the option
    public static <E extends Enum<E>> Option<E> choice(String name, E defaultValue, String description) {
        List<E> constants = Arrays.asList(defaultValue.getDeclaringClass().getEnumConstants());
        String accepts = constants.stream().map(Option::word).collect(Collectors.joining(", ", "one of ", ""));
        return new Option<>(
                name, defaultValue, accepts, description, text -> constants.stream()
                        .filter(constant -> word(constant).equals(text))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("unknown")));
    }

    /// Any text that is not empty.
    ///
    /// @param name the option's name
    /// @param defaultValue the text when it is not given; may be empty
    /// @param accepts what to write there, in a few words
    /// @param description what it does
    /// @return the option
    public static Option<String> text(String name, String defaultValue, String accepts, String description) {
        return new Option<>(name, defaultValue, accepts, description, text -> {
            if (text.isBlank()) {
                throw new IllegalArgumentException("empty");
            }
            return text;
        });
    }

    /// What a transport has alone.
    ///
    /// @param name the option's name
    /// @param defaultValue when it is not given
    /// @param accepts what to write there, in a few words
    /// @param description what it does
    /// @param parser throws [IllegalArgumentException] for what is malformed
    /// @param <T> the type of its value
    /// @return the option
    public static <T> Option<T> of(
            String name, T defaultValue, String accepts, String description, Function<String, T> parser) {
        return new Option<>(name, defaultValue, accepts, description, parser);
    }

    private static String word(Object constant) {
        return constant.toString().toLowerCase(Locale.ROOT);
    }

    /// The value that the address gives, or the default.
    ///
    /// @param address the address
    /// @return the value
    /// @throws InvalidAddressException if the address gives a malformed one
    public T of(Address address) {
        String text = address.options().get(name);
        if (text == null) {
            return defaultValue;
        }
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new InvalidAddressException(
                    address + ": option " + name + "=" + text + " is malformed; it takes " + accepts, e);
        }
    }

    /// Checks that the address has only options from the list, each well formed.
    ///
    /// @param address the address
    /// @param known what its transport takes
    /// @throws InvalidAddressException naming the address, the option, and the valid ones
    public static void check(Address address, List<Option<?>> known) {
        for (String given : address.options().keySet()) {
            Option<?> option = known.stream()
                    .filter(candidate -> candidate.name.equals(given))
                    .findFirst()
                    .orElseThrow(() -> new InvalidAddressException(address + ": unknown option '" + given + "'; "
                            + address.scheme() + ": takes "
                            + known.stream().map(Option::name).sorted().collect(Collectors.joining(", "))));
            option.of(address);
        }
    }

    /// The option's name as written in an address.
    ///
    /// @return the name
    public String name() {
        return name;
    }

    /// The value when the address gives none.
    ///
    /// @return the default
    public T defaultValue() {
        return defaultValue;
    }

    /// What may be written as its value, in words.
    ///
    /// @return for example `one of spin, adaptive, block`
    public String accepts() {
        return accepts;
    }

    /// What the option does, in a sentence.
    ///
    /// @return the description
    public String description() {
        return description;
    }
}
