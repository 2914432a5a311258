package io.sluice.ipc;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Where an endpoint is and how to use it: `scheme:place?option=value&option=value`.
///
/// The scheme names the mechanism (`shm`, `inproc`, ...), the place is the mechanism's own (a name, a path, a host and
/// a port), and the options are checked against those that the transport knows when the address is used. Values may
/// be percent-encoded. Immutable; two addresses are equal when scheme, place and options are.
public final class Address {
    private static final Pattern SCHEME = Pattern.compile("[a-z][a-z0-9]*");

    private final String scheme;
    private final String place;
    private final Map<String, String> options;

    private Address(String scheme, String place, Map<String, String> options) {
        this.scheme = scheme;
        this.place = place;
        this.options = Collections.unmodifiableMap(options);
    }

    /// Parses a full address; names that stand for one in configuration are looked up by [Ipc].
    ///
    /// @param text for example `shm:orders?capacity=1m&wait=spin`
    /// @return the address
    /// @throws InvalidAddressException if it has no scheme or an option is not `name=value`
    public static Address parse(String text) {
        Objects.requireNonNull(text, "address");
        int colon = text.indexOf(':');
        if (colon < 0 || !SCHEME.matcher(text.substring(0, colon)).matches()) {
            throw new InvalidAddressException(
                    "'" + text + "' is no address: it must start with a scheme, as in shm:orders or inproc:orders");
        }
        int question = text.indexOf('?', colon);
        String place = text.substring(colon + 1, question < 0 ? text.length() : question);
        Map<String, String> options = question < 0 ? Map.of() : parseOptions(text, text.substring(question + 1));
        return new Address(text.substring(0, colon), place, new TreeMap<>(options));
    }

    private static Map<String, String> parseOptions(String text, String query) {
        Map<String, String> options = new TreeMap<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw new InvalidAddressException(
                        text + ": '" + pair + "' is no option; options are written name=value and joined by &");
            }
            String name = pair.substring(0, equals);
            if (options.put(name, Percent.decode(text, pair.substring(equals + 1))) != null) {
                throw new InvalidAddressException(text + ": option '" + name + "' is given twice; keep one");
            }
        }
        return options;
    }

    /// Whether the text starts with a scheme; if not, it is a name to be looked up in configuration.
    static boolean hasScheme(String text) {
        int colon = text.indexOf(':');
        return colon > 0 && SCHEME.matcher(text.substring(0, colon)).matches();
    }

    /// The mechanism, in lower case, without the colon.
    ///
    /// @return for example `shm`
    public String scheme() {
        return scheme;
    }

    /// What stands between the scheme's colon and the options.
    ///
    /// @return for example `orders` or `//127.0.0.1:9000`
    public String place() {
        return place;
    }

    /// The options as written, by name.
    ///
    /// @return an unmodifiable map in the order of the names
    public Map<String, String> options() {
        return options;
    }

    /// This address with one option set, or replaced.
    ///
    /// @param name the option's name
    /// @param value its value, not encoded
    /// @return a new address
    public Address with(String name, String value) {
        Map<String, String> changed = new TreeMap<>(options);
        changed.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
        return new Address(scheme, place, changed);
    }

    /// This address with another place, such as the real port of a socket bound to port 0.
    ///
    /// @param newPlace the place
    /// @return a new address
    public Address withPlace(String newPlace) {
        return new Address(scheme, Objects.requireNonNull(newPlace, "place"), options);
    }

    /// This address with no options: what names the endpoint in a message.
    ///
    /// @return for example `shm:orders`
    public String withoutOptions() {
        return scheme + ":" + place;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Address that
                && scheme.equals(that.scheme)
                && place.equals(that.place)
                && options.equals(that.options);
    }

    @Override
    public int hashCode() {
        return Objects.hash(scheme, place, options);
    }

    /// The address as text that [#parse] reads back.
    @Override
    public String toString() {
        if (options.isEmpty()) {
            return withoutOptions();
        }
        StringBuilder text = new StringBuilder(withoutOptions());
        char separator = '?';
        for (Map.Entry<String, String> option : options.entrySet()) {
            text.append(separator).append(option.getKey()).append('=').append(Percent.encode(option.getValue()));
            separator = '&';
        }
        return text.toString();
    }
}
