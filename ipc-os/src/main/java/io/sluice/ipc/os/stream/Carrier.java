package io.sluice.ipc.os.stream;

import io.sluice.ipc.Address;
import io.sluice.ipc.Capability;
import io.sluice.ipc.os.Descriptor;
import io.sluice.ipc.stream.Hello;
import java.util.Optional;
import java.util.Set;

/// What carries the bytes of channels whose two processes meet in a [Rendezvous]: the pair of pipes that they meet over, or
/// something else, of whose users the pipes then only prove that they live.
public interface Carrier {
    /// What the channels promise.
    ///
    /// @return the promises
    Set<Capability> promises();

    /// What an end says first.
    ///
    /// @param address the application's
    /// @param binding whether it is the endpoint, or a client
    /// @return the greeting
    Hello hello(Address address, boolean binding);

    /// Whether the names of the pipes stay until the channel is over, because there is something that a crash leaves behind.
    /// Then each side holds the lock of the pipe that it reads, and the last one takes the names away.
    ///
    /// @return whether they do
    boolean keepsNames();

    /// The client's first step, before it asks to be let in: makes what is needed beside the pipes.
    ///
    /// @param address the application's
    /// @param pair the names of the pipes; the one to the client is made and locked already
    /// @return what was made
    Offer offer(Address address, RendezvousNames.Pair pair);

    /// What a client has made beside the pipes. Closing it takes away what no conduit uses, and the names that are not needed
    /// any more.
    interface Offer extends AutoCloseable {
        /// The endpoint's first word can be read: it has opened everything, or says why not.
        ///
        /// @param in the pipe from the endpoint
        /// @throws io.sluice.ipc.IpcException if the endpoint says that there will be no channel
        void hear(Descriptor in);

        /// The client's last step: the endpoint has opened everything.
        ///
        /// @param in the pipe from the endpoint
        /// @param out the pipe to the endpoint
        /// @return the client's end
        Conduit open(Descriptor in, Descriptor out);

        @Override
        void close();
    }

    /// The endpoint's step: opens what the client has made.
    ///
    /// @param address the application's
    /// @param pair the names of the pipes
    /// @param in the pipe from the client
    /// @param out the pipe to the client
    /// @return the endpoint's end, or nothing if the client is gone; it closes the pipes in either case
    Optional<Conduit> open(Address address, RendezvousNames.Pair pair, Descriptor in, Descriptor out);

    /// Both ends are open: the last chance to set them up.
    ///
    /// @param address the application's
    /// @param conduit this side's end
    void opened(Address address, Conduit conduit);

    /// Takes away what was made beside a pair of pipes that nobody uses any more; the names of the pipes are taken away
    /// afterwards.
    ///
    /// @param pair the names of the pipes
    void clear(RendezvousNames.Pair pair);
}
