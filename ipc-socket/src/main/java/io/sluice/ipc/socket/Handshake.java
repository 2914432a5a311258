package io.sluice.ipc.socket;

import io.sluice.ipc.Address;
import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.spi.StandardOptions;
import io.sluice.ipc.stream.BrokenStreamException;
import io.sluice.ipc.stream.ByteStream;
import io.sluice.ipc.stream.Framing;
import io.sluice.ipc.stream.Hello;
import io.sluice.ipc.stream.StreamPlan;
import java.util.List;

/// All that the two ends of a connection say before the first message: how they introduce themselves, then a [Hello] each.
/// In steps that do not block.
final class Handshake {
    private final Address address;
    private final List<Introduction> introductions;
    private final Hello mine;
    private final Hello.Exchange exchange;
    private int introduced;
    private StreamPlan plan;

    /// @param introductions one after the other
    Handshake(Address address, List<Introduction> introductions) {
        this.address = address;
        this.introductions = introductions;
        this.mine = Hello.of(true, true, StandardOptions.MAX_MESSAGE.of(address));
        this.exchange = new Hello.Exchange(mine);
    }

    /// Goes on as far as it can without waiting.
    ///
    /// @return what it waits for
    /// @throws AuthenticationException if one side does not believe the other
    /// @throws HandshakeException if the other side is gone, or speaks something else
    Wants advance(ByteStream stream) {
        try {
            while (introduced < introductions.size()) {
                Wants wants = introductions.get(introduced).advance(stream);
                if (wants != Wants.NOTHING) {
                    return wants;
                }
                introduced++;
            }
            return plan != null ? Wants.NOTHING : greet(stream);
        } catch (BrokenStreamException e) {
            throw e.getCause() instanceof AuthenticationException
                    ? new AuthenticationException(e.getMessage(), e)
                    : new HandshakeException(e.getMessage(), e);
        }
    }

    private Wants greet(ByteStream stream) {
        if (!Framing.OPTION.of(address).isSluice()) {
            plan = StreamPlan.withoutHandshake(address, true, true);
            return Wants.NOTHING;
        }
        boolean said = exchange.write(stream);
        Hello theirs = exchange.read(stream);
        if (theirs == null) {
            return Wants.INPUT;
        }
        if (!said) {
            return Wants.OUTPUT;
        }
        plan = StreamPlan.of(address, mine, theirs);
        return Wants.NOTHING;
    }

    /// Does the [Wants#WORK] that it waits for; see [Introduction#work()].
    void work() {
        introductions.get(introduced).work();
    }

    /// What both keep to, once it is done.
    StreamPlan plan() {
        return plan;
    }

    /// Whether it has failed because the other side went away.
    boolean isPeerGone() {
        return exchange.isPeerGone() || introductions.stream().anyMatch(Introduction::isPeerGone);
    }
}
