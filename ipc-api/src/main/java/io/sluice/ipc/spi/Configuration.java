package io.sluice.ipc.spi;

import io.sluice.ipc.InvalidAddressException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;

/// Where settings and configured names come from, first match first: the system property `ipc.NAME`, the environment's
/// `IPC_NAME`, `ipc.NAME` in `ipc.properties` of the working directory, and the same in an `ipc.properties` on the
/// class path.
///
/// Read anew at each look-up, so that a test or a tool may change a property between two; look-ups happen at bind and
/// connect only.
public final class Configuration {
    private static final String FILE = "ipc.properties";

    private Configuration() {}

    /// Looks a setting up.
    ///
    /// @param name the part after `ipc.`, for example `orders` or `dir`
    /// @return its value, trimmed; empty if it is set nowhere or to nothing
    /// @throws InvalidAddressException if an `ipc.properties` is there but cannot be read
    public static Optional<String> value(String name) {
        String key = "ipc." + name;
        return present(System.getProperty(key))
                .or(() -> present(System.getenv(environmentName(name))))
                .or(() -> present(workingDirectory().getProperty(key)))
                .or(() -> present(classPath().getProperty(key)));
    }

    /// The environment's word for a name: upper case, with `_` for all that is neither a letter nor a digit.
    ///
    /// @param name the name
    /// @return for example `IPC_ORDERS_EU` for `orders.eu`
    public static String environmentName(String name) {
        return "IPC_" + name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }

    private static Optional<String> present(String value) {
        return Optional.ofNullable(value).map(String::trim).filter(text -> !text.isEmpty());
    }

    private static Properties workingDirectory() {
        Path file = Path.of(FILE);
        Properties properties = new Properties();
        if (Files.exists(file)) {
            try (InputStream in = Files.newInputStream(file)) {
                properties.load(in);
            } catch (IOException | IllegalArgumentException e) {
                throw unreadable(file.toAbsolutePath().toString(), e);
            }
        }
        return properties;
    }

    private static Properties classPath() {
        Properties properties = new Properties();
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        ClassLoader loader = context != null ? context : ClassLoader.getSystemClassLoader();
        try (InputStream in = loader.getResourceAsStream(FILE)) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException | IllegalArgumentException e) {
            throw unreadable(FILE + " on the class path", e);
        }
        return properties;
    }

    private static InvalidAddressException unreadable(String file, Exception cause) {
        return new InvalidAddressException(
                file + " cannot be read: " + cause.getMessage() + "; mend it or take it away", cause);
    }
}
