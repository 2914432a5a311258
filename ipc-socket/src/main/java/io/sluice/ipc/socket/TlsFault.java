package io.sluice.ipc.socket;

import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.IpcException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/// Says in words that help what an engine has found wrong, or what the peer has said about it in an alert (RFC 8446, 6.2).
final class TlsFault {
    private static final Pattern ALERT = Pattern.compile("Received fatal alert: (\\w+)");
    private static final String NO_CERTIFICATE = "Empty client certificate chain";

    private TlsFault() {}

    /// @param client whether this side is the client
    /// @param shown whether this side has a certificate
    /// @param plausible whether what came has been TLS at all
    static IpcException of(SSLException e, boolean client, boolean shown, boolean plausible) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof Trust.Refusal) {
                return new AuthenticationException(cause.getMessage(), e);
            }
        }
        String what = String.valueOf(e.getMessage());
        Matcher alert = ALERT.matcher(what);
        if (alert.find()) {
            return of(alert.group(1), e, client, shown);
        }
        if (what.contains(NO_CERTIFICATE)) {
            return new AuthenticationException(
                    "the client has no certificate, and ?client=required asks for one; give it ?cert= and ?key=", e);
        }
        if (!plausible) {
            return new HandshakeException("what the other side said first is not TLS: it is a tcp: end, or another"
                    + " program; use tls: on both sides, or tcp: on both", e);
        }
        return new HandshakeException("TLS fails: " + what, e);
    }

    private static IpcException of(String alert, SSLException e, boolean client, boolean shown) {
        String said = " (it says " + alert + ")";
        return switch (alert) {
            case "certificate_required" -> new AuthenticationException(noneShown(client, shown) + said, e);
            case "bad_certificate", "certificate_unknown", "unknown_ca", "unsupported_certificate",
                    "certificate_revoked",
                    "certificate_expired", "decrypt_error", "access_denied" ->
                new AuthenticationException(
                        refused(client, shown) + said, e);
            case "protocol_version" -> new HandshakeException("the other side speaks no TLS 1.3, and this side nothing"
                    + " else; update it" + said, e);
            default -> new HandshakeException("the other side refuses" + said, e);
        };
    }

    private static String noneShown(boolean client, boolean shown) {
        return client && !shown
                ? "the server asks for a certificate, and this side has none; give ?cert= and ?key="
                : "the other side asks for a certificate";
    }

    private static String refused(boolean client, boolean shown) {
        if (!client) {
            return "the client does not believe this endpoint's certificate: nobody whom its ?trust= has signed it, it"
                    + " names another host than the client's address, or it has expired; the client's error says which";
        }
        return shown
                ? "the server does not believe this side's certificate in ?cert=: nobody whom its ?trust= has signed"
                        + " it, or it has expired; the server's log says which"
                : noneShown(client, false);
    }
}
