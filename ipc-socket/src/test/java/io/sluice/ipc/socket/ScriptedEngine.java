package io.sluice.ipc.socket;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/// An engine that does what a test wants, one call after the other: what the JDK's does only when the timing is bad.
final class ScriptedEngine extends SSLEngine {
    /// What one call does.
    @FunctionalInterface
    interface Step {
        SSLEngineResult take(ByteBuffer from, ByteBuffer to) throws SSLException;
    }

    private final ArrayDeque<Step> steps;

    ScriptedEngine(Step... steps) {
        this.steps = new ArrayDeque<>(List.of(steps));
    }

    /// Takes a byte, if there is one, and says a record.
    static Step says(byte... record) {
        return (from, to) -> {
            int taken = Math.min(1, from.remaining());
            from.position(from.position() + taken);
            to.put(record);
            return new SSLEngineResult(Status.OK, HandshakeStatus.NOT_HANDSHAKING, taken, record.length);
        };
    }

    static Step fails(String why) {
        return (_, _) -> {
            throw new SSLException(why);
        };
    }

    @Override
    public SSLEngineResult wrap(ByteBuffer[] from, int offset, int length, ByteBuffer to) throws SSLException {
        return steps.remove().take(from[offset], to);
    }

    @Override
    public SSLEngineResult unwrap(ByteBuffer from, ByteBuffer[] to, int offset, int length) throws SSLException {
        return steps.remove().take(from, to[offset]);
    }

    @Override
    public Runnable getDelegatedTask() {
        return null;
    }

    @Override
    public void closeInbound() {}

    @Override
    public boolean isInboundDone() {
        return false;
    }

    @Override
    public void closeOutbound() {}

    @Override
    public boolean isOutboundDone() {
        return steps.isEmpty();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return new String[0];
    }

    @Override
    public String[] getEnabledCipherSuites() {
        return new String[0];
    }

    @Override
    public void setEnabledCipherSuites(String[] suites) {}

    @Override
    public String[] getSupportedProtocols() {
        return new String[0];
    }

    @Override
    public String[] getEnabledProtocols() {
        return new String[0];
    }

    @Override
    public void setEnabledProtocols(String[] protocols) {}

    @Override
    public SSLSession getSession() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void beginHandshake() {}

    @Override
    public HandshakeStatus getHandshakeStatus() {
        return HandshakeStatus.NOT_HANDSHAKING;
    }

    @Override
    public void setUseClientMode(boolean mode) {}

    @Override
    public boolean getUseClientMode() {
        return false;
    }

    @Override
    public void setNeedClientAuth(boolean need) {}

    @Override
    public boolean getNeedClientAuth() {
        return false;
    }

    @Override
    public void setWantClientAuth(boolean want) {}

    @Override
    public boolean getWantClientAuth() {
        return false;
    }

    @Override
    public void setEnableSessionCreation(boolean flag) {}

    @Override
    public boolean getEnableSessionCreation() {
        return false;
    }
}
