package io.sluice.ipc.socket;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolver.LookupPolicy;
import java.net.spi.InetAddressResolverProvider;
import java.util.stream.Stream;

/// What this JVM knows of names: those that end in `.test` are answered here, so that no test depends on who is asked
/// elsewhere, or on how long that takes.
///
///     here.test      127.0.0.1
///     nobody.test    unknown, as all others
public final class TestNames extends InetAddressResolverProvider {
    private static final String OURS = ".test";

    /// For [java.util.ServiceLoader].
    public TestNames() {}

    @Override
    public String name() {
        return "names of tests";
    }

    @Override
    public InetAddressResolver get(Configuration configuration) {
        InetAddressResolver system = configuration.builtinResolver();
        return new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
                return host.endsWith(OURS) ? addresses(host) : system.lookupByName(host, policy);
            }

            @Override
            public String lookupByAddress(byte[] address) throws UnknownHostException {
                return system.lookupByAddress(address);
            }
        };
    }

    private static Stream<InetAddress> addresses(String host) throws UnknownHostException {
        if (!host.equals("here" + OURS)) {
            throw new UnknownHostException(host + ": no test knows it");
        }
        return Stream.of(InetAddress.getByAddress(host, new byte[] {127, 0, 0, 1}));
    }
}
