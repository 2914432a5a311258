package io.sluice.ipc.socket;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/// Somebody between a client and a server, who passes on what both say, and changes what the client does.
final class Relay implements AutoCloseable {
    private final ServerSocket listening = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    private final Socket server;
    private Socket client;
    private boolean flips;
    private int left = Integer.MAX_VALUE;

    Relay(int port) throws IOException {
        server = new Socket(InetAddress.getLoopbackAddress(), port);
        Thread.ofPlatform().daemon().name("relay").start(this::run);
    }

    int port() {
        return listening.getLocalPort();
    }

    private void run() {
        try {
            Socket accepted = listening.accept();
            synchronized (this) {
                client = accepted;
            }
            Thread.ofPlatform().daemon().name("relay back").start(() -> passBack(accepted));
            byte[] bytes = new byte[4096];
            InputStream in = accepted.getInputStream();
            for (int read; (read = in.read(bytes)) > 0;) {
                pass(bytes, read);
            }
            server.shutdownOutput();
        } catch (IOException e) {
            // one of the two has gone
        }
    }

    private synchronized void pass(byte[] bytes, int length) throws IOException {
        if (flips) {
            bytes[length - 1] ^= 1;
            flips = false;
        }
        int passed = Math.min(length, left);
        server.getOutputStream().write(bytes, 0, passed);
        if (left != Integer.MAX_VALUE) {
            left -= passed;
            if (left == 0) {
                server.shutdownOutput();
            }
        }
    }

    private void passBack(Socket accepted) {
        try (OutputStream out = accepted.getOutputStream()) {
            server.getInputStream().transferTo(out);
        } catch (IOException e) {
            // one of the two has gone
        }
    }

    /// Changes one bit of what comes next.
    synchronized void flipNext() {
        flips = true;
    }

    /// Says something in the client's place.
    synchronized void inject(byte[] bytes) throws IOException {
        server.getOutputStream().write(bytes);
    }

    /// Passes so many bytes on, and then the end.
    synchronized void cutAfter(int bytes) throws IOException {
        left = bytes;
        if (bytes == 0) {
            server.shutdownOutput();
        }
    }

    @Override
    public synchronized void close() throws IOException {
        listening.close();
        server.close();
        if (client != null) {
            client.close();
        }
    }
}
