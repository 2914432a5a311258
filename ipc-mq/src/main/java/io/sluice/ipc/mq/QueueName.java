package io.sluice.ipc.mq;

import io.sluice.ipc.Address;
import io.sluice.ipc.InvalidAddressException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;

/// Which queue of the kernel an address means.
///
/// - `mq:orders` and `mq:/orders` are the POSIX queue `/orders`.
/// - `sysv:0x5eed` and `sysv:24301` are the System V queue of that key.
/// - `sysv:/var/lib/orders` (anything with a slash) is that of `ftok("/var/lib/orders", 1)`: the last 16 bits of the file's
///   inode, the last 8 of its device, and 1 in the first 8.
/// - `sysv:orders` is that of the 32-bit FNV-1a hash of the name: start with 0x811c9dc5; for each byte, exclusive or, then
///   multiply by 0x01000193.
///
/// @param address as the user wrote it
/// @param posix `/orders`, or null
/// @param key the System V key, or 0
record QueueName(Address address, String posix, int key) {
    private static final Pattern NUMBER = Pattern.compile("0x[0-9a-fA-F]{1,8}|[0-9]{1,10}");
    private static final Pattern NUMBER_LIKE = Pattern.compile("0x.*|[0-9]+");
    private static final int MAX_NAME = 254;

    static QueueName of(Address address) {
        String place = address.place();
        return switch (address.scheme()) {
            case "mq" -> new QueueName(address, posixName(address, place), 0);
            case "sysv" -> new QueueName(address, null, key(address, place));
            default ->
                throw new InvalidAddressException(
                        address + ": not a queue of the kernel, whose addresses start with mq: or sysv:");
        };
    }

    private static String posixName(Address address, String place) {
        String bare = place.startsWith("/") ? place.substring(1) : place;
        int length = bare.getBytes(StandardCharsets.UTF_8).length;
        if (bare.isEmpty() || bare.contains("/") || bare.equals(".") || bare.equals("..") || bare.indexOf(0) >= 0) {
            throw new InvalidAddressException(address + ": '" + place
                    + "' is no name of a POSIX queue; it is one word without a slash in it, as in mq:orders");
        }
        if (length > MAX_NAME) {
            throw new InvalidAddressException(address + ": the name has " + length
                    + " bytes, and the kernel allows " + MAX_NAME + "; shorten it");
        }
        return "/" + bare;
    }

    private static int key(Address address, String place) {
        if (place.isEmpty()) {
            throw new InvalidAddressException(address
                    + ": a key is missing, as in sysv:0x5eed, sysv:orders or sysv:/path/of/a/file");
        }
        int key;
        if (NUMBER_LIKE.matcher(place).matches()) {
            key = keyOfNumber(address, place);
        } else if (place.contains("/")) {
            key = keyOfFile(address, place);
        } else {
            key = keyOfName(place);
        }
        if (key == 0) {
            throw new InvalidAddressException(
                    address + ": the key 0 means a new private queue each time; use another one");
        }
        return key;
    }

    private static int keyOfNumber(Address address, String place) {
        if (NUMBER.matcher(place).matches()) {
            long number = Long.decode(place.startsWith("0x") ? place : place.replaceFirst("^0+(?=.)", ""));
            if (number <= 0xFFFF_FFFFL) {
                return (int) number;
            }
        }
        throw new InvalidAddressException(address + ": " + place + " is no key; a key has 32 bits, as in sysv:0x5eed or"
                + " sysv:24301");
    }

    static int keyOfName(String name) {
        int hash = 0x811c9dc5;
        for (byte each : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ each & 0xFF) * 0x01000193;
        }
        return hash;
    }

    private static int keyOfFile(Address address, String place) {
        try {
            Map<String, Object> file = Files.readAttributes(Path.of(place), "unix:ino,dev");
            long inode = (Long) file.get("ino");
            long device = (Long) file.get("dev");
            return (int) (1L << 24 | (device & 0xFF) << 16 | inode & 0xFFFF);
        } catch (NoSuchFileException e) {
            throw new InvalidAddressException(address + ": there is no file " + place
                    + ", whose inode is to be the key; create it, or use a name without a slash", e);
        } catch (IOException | InvalidPathException | UnsupportedOperationException e) {
            throw new InvalidAddressException(address + ": the file " + place + " cannot be looked at: " + e, e);
        }
    }

    boolean isPosix() {
        return posix != null;
    }

    /// The queue as the system's own tools name it.
    String inWords() {
        return isPosix() ? "the POSIX queue " + posix : "the System V queue of key " + "0x%08x".formatted(key);
    }

    /// What a message starts with.
    String where() {
        return address.withoutOptions();
    }
}
