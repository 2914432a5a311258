package io.sluice.ipc.cli;

import io.sluice.ipc.Channel;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.ServerHandler;
import org.agrona.DirectBuffer;

/// A handler that also tells the user of clients that did not end in order.
///
/// @param handler takes the messages
record ReportingHandler(ServerHandler handler) implements ServerHandler {
    @Override
    public boolean onMessage(Channel channel, DirectBuffer buffer, int offset, int length) {
        return handler.onMessage(channel, buffer, offset, length);
    }

    @Override
    public void onClose(Channel channel, IpcException cause) {
        if (cause != null) {
            Terminal.error(cause.getMessage());
        }
    }
}
