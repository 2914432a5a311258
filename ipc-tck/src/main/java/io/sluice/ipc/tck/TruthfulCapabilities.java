package io.sluice.ipc.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Address;
import io.sluice.ipc.Capabilities;
import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Claim;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.MessageTooLargeException;
import io.sluice.ipc.UnsupportedException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// A transport that cannot keep a line says so, and then says the truth.
interface TruthfulCapabilities extends Line {
    @Test
    default void bothSidesPromiseTheSame(TestBed bed) throws Exception {
        try (Pair pair = bed.open()) {
            assertEquals(pair.client().capabilities().promises(), pair.server().capabilities().promises());
            assertEquals(pair.client().capabilities().maxMessage(), pair.server().capabilities().maxMessage());
        }
    }

    @Test
    default void thePromisesFitTogether(TestBed bed) throws Exception {
        Capabilities promised = bed.capabilities();
        assertTrue(promised.maxMessage() > 0, "some message can be sent");
        assertTrue(promised.maxClaim() >= 0 && promised.maxClaim() <= promised.maxMessage(), "a claim is a message");
        if (promised.has(Capability.ZERO_COPY)) {
            assertTrue(promised.maxClaim() > 0, "what copies nothing can be claimed");
        }
        if (promised.has(Capability.CROSS_MACHINE)) {
            assertTrue(promised.has(Capability.CROSS_PROCESS), "what reaches another machine reaches another process");
        }
    }

    @Test
    default void aClaimBeyondTheLimitIsRefused(TestBed bed) throws Exception {
        try (Pair pair = bed.open()) {
            int limit = pair.client().capabilities().maxClaim();
            assertThrows(MessageTooLargeException.class, () -> pair.client().tryClaim(limit + 1));
            assertEquals(0, pair.client().stats().messagesSent());
            if (limit > 0) {
                Claim claim = pair.client().tryClaim(limit);
                assertEquals(limit, claim.length(), "the largest claim is granted on an empty channel");
                claim.abort();
            }
        }
    }

    @Test
    default void whereMessagesGoOneWayTheOtherWayIsRefused(TestBed bed) throws Exception {
        bed.assumeNotPromised(Capability.BIDIRECTIONAL);
        try (Pair pair = bed.open()) {
            boolean clientSends = sends(pair.client());
            boolean serverSends = sends(pair.server());
            assertTrue(clientSends != serverSends, "one side sends and the other does not");
        }
    }

    private static boolean sends(Channel channel) throws InterruptedException {
        try {
            channel.send(new byte[] {1});
            return true;
        } catch (UnsupportedException e) {
            return false;
        }
    }

    @Test
    default void whereOnlyThisProcessIsReachedASecondJvmFindsNobody(TestBed bed) throws Exception {
        bed.assumeNotPromised(Capability.CROSS_PROCESS);
        Address address = bed.address("connect-timeout=300ms");
        try (Endpoint endpoint = Ipc.bind(address)) {
            PeerProcess peer = bed.peer();
            String refused = peer.askInVain("connect " + address);
            assertTrue(refused.startsWith("NoListenerException") || refused.startsWith("UnsupportedException"),
                    refused);
            assertNull(endpoint.accept(Duration.ZERO), "a client");
        }
    }

    @Test
    default void theUserOfAPeerIsNamedOnlyWhereTheSystemProvesIt(TestBed bed) throws Exception {
        try (Pair pair = bed.open()) {
            boolean proven = bed.capabilities().has(Capability.PROVES_USER);
            for (Side side : Side.values()) {
                Optional<String> user = side.of(pair).peer().user();
                Optional<String> expected = proven ? Optional.of(System.getProperty("user.name")) : Optional.empty();
                assertEquals(expected, user, "who the " + side + " says is at the other end");
            }
        }
    }

    @Test
    default void theProcessOfAPeerIsNamedTruly(TestBed bed) throws Exception {
        bed.assumePromised(Capability.CROSS_PROCESS);
        try (Endpoint endpoint = Ipc.bind(bed.address())) {
            PeerProcess peer = bed.peer();
            peer.ask("connect", endpoint.address());
            Channel channel = bed.accept(endpoint);
            channel.peer().pid().ifPresent(pid -> assertEquals(peer.pid(), pid, "the peer's process"));
        }
    }
}
