package io.sluice.ipc.mq;

import io.sluice.ipc.Address;
import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.MessageTooLargeException;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.NoSpaceException;
import io.sluice.ipc.ProtocolException;
import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.TimedOutException;
import io.sluice.ipc.UnsupportedException;
import io.sluice.ipc.os.PosixQueue;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.StandardOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.DirectBuffer;

/// A queue of the kernel, used as it is: one message is one message of the kernel, byte for byte.
///
///     try (MessageQueue queue = MessageQueue.open("mq:orders")) {
///         queue.send(bytes, 5);
///     }
///
/// `mq:orders` is the POSIX queue `/orders` and nothing else: the highest priority comes first. `sysv:0x5eed` is the System V
/// queue of that key; `sysv:orders` is that of the name's 32-bit FNV-1a hash, and `sysv:/a/path` that of `ftok("/a/path", 1)`:
/// messages have types, and a receiver may ask for one. The number that comes with a message is its *label* here: the priority
/// of a POSIX message, 0 to 32,767, or the type of a System V one, at least 1.
///
/// The queue is made when it is missing, for this user alone, and stays with its messages, whoever ends, until somebody
/// removes it ([#unlink()], `ipc mq rm`) or the machine is restarted. All who receive compete: the kernel gives each message
/// to one of them.
///
/// **Threads.** Any number may use a queue at once. Blocking calls throw [InterruptedException], having sent or received
/// nothing; virtual threads may make them and hold no carrier. [#offer] and [#poll] do not block and allocate nothing.
///
/// **Limits** are the kernel's: `ipc doctor` prints them. With `?framing=fragment` on both sides a larger message is split, up
/// to `max-message`; then the queue has one receiver, and no program but ours can read it.
///
/// Sources: mq_overview(7), sysvipc(7), msgop(2).
public final class MessageQueue implements AutoCloseable {
    /// The least label that a message can have on `sysv:`, and what [#send(byte\[\])] gives it there; on `mq:` it is 0.
    private static final long FIRST_TYPE = 1;

    private final QueuePort port;
    private final Address address;
    private final boolean posix;
    private final long sendTimeout;
    private final Fragments fragments;
    private final ReentrantLock fragmentSender = new ReentrantLock();
    private final ReentrantLock fragmentReceiver = new ReentrantLock();

    private MessageQueue(Address address, QueuePort port) {
        this.address = address;
        this.port = port;
        this.posix = port.name().isPosix();
        this.sendTimeout = nanos(StandardOptions.SEND_TIMEOUT.of(address));
        this.fragments = QueueOptions.FRAMING.of(address) == QueueOptions.Framing.NONE
                ? null
                : new Fragments(port.name(), fragmentUnit(address, port), StandardOptions.MAX_MESSAGE.of(address));
    }

    private static int fragmentUnit(Address address, QueuePort port) {
        if (port.largest() < 2 * Fragments.HEADER_LENGTH) {
            throw new InvalidAddressException(address + ": messages of " + port.largest()
                    + " bytes are too small to split others into; use a larger ?message-size=");
        }
        return port.largest();
    }

    /// Opens a queue, and makes it if it is missing.
    ///
    /// @param address an address, or a configured name
    /// @return the queue, which the caller closes
    /// @throws InvalidAddressException if the address is malformed, or asks for more than the kernel allows
    /// @throws NoListenerException if it is missing and `create=false`
    /// @throws AuthenticationException if it is another user's
    /// @throws NoSpaceException if there are too many queues, or they take too much memory
    /// @throws UnsupportedException if this system has no such queues
    public static MessageQueue open(String address) {
        return open(Ipc.resolve(address));
    }

    /// Opens a queue, and makes it if it is missing; see [#open(String)].
    ///
    /// @param address the address
    /// @return the queue, which the caller closes
    public static MessageQueue open(Address address) {
        QueueName name = QueueName.of(address);
        Option.check(address, QueueOptions.of(address.scheme()));
        QueuePort port = QueueOpening.open(name);
        try {
            return new MessageQueue(address, port);
        } catch (RuntimeException e) {
            port.close();
            throw e;
        }
    }

    /// Removes a queue with all that is in it. Who waits on it is woken, within half a second, with a [ClosedException].
    ///
    /// @param address an address, or a configured name
    /// @return false if there was none
    /// @throws AuthenticationException if it is another user's
    public static boolean remove(String address) {
        return QueueOpening.remove(QueueName.of(Ipc.resolve(address)));
    }

    // ---- sending

    /// Sends a message of the lowest priority, or of type 1, waiting for room up to the address's `send-timeout`.
    ///
    /// @param message the message
    /// @throws InterruptedException if the thread is interrupted while it waits; nothing was sent
    public void send(byte[] message) throws InterruptedException {
        send(message, posix ? 0 : FIRST_TYPE);
    }

    /// Sends a message, waiting for room up to the address's `send-timeout`.
    ///
    /// @param message the message
    /// @param label its priority on `mq:`, 0 to 32,767; its type on `sysv:`, at least 1
    /// @throws InterruptedException if the thread is interrupted while it waits; nothing was sent
    public void send(byte[] message, long label) throws InterruptedException {
        send(new SegmentBuffer(message), 0, message.length, label);
    }

    /// Sends a message, waiting for room up to the address's `send-timeout`.
    ///
    /// @param buffer holds the message
    /// @param offset where it starts, in bytes
    /// @param length its length in bytes; may be 0
    /// @param label its priority or its type
    /// @throws MessageTooLargeException if the kernel takes none so large; nothing was sent
    /// @throws TimedOutException if the queue stayed full; nothing was sent
    /// @throws ClosedException if this side has closed it, or it was removed
    /// @throws InterruptedException if the thread is interrupted while it waits; nothing was sent
    public void send(DirectBuffer buffer, int offset, int length, long label) throws InterruptedException {
        check(length, label);
        long deadline = deadline(sendTimeout);
        if (fragments != null) {
            sendInParts(buffer, offset, length, label, deadline);
        } else if (!port.send(buffer, offset, length, label, deadline)) {
            throw port.full();
        }
    }

    private void sendInParts(DirectBuffer buffer, int offset, int length, long label, long deadline)
            throws InterruptedException {
        if (!fragmentSender.tryLock(QueuePort.remaining(deadline), TimeUnit.NANOSECONDS)) {
            throw port.full();
        }
        try {
            int done = 0;
            do {
                int part = fragments.partAt(done, length);
                DirectBuffer frame = fragments.frame(buffer, offset, length, done);
                if (!port.send(frame, 0, Fragments.HEADER_LENGTH + part, label, deadline)) {
                    throw port.full();
                }
                done += part;
            } while (done < length);
        } finally {
            fragmentSender.unlock();
        }
    }

    /// Offers a message without blocking.
    ///
    /// @param buffer holds the message
    /// @param offset where it starts, in bytes
    /// @param length its length in bytes; may be 0
    /// @param label its priority or its type
    /// @return false if the queue is full; nothing was sent
    /// @throws MessageTooLargeException if the kernel takes none so large
    /// @throws ClosedException if this side has closed the queue, or it was removed
    /// @throws UnsupportedException with `framing=fragment`, because a part might find room and the next one none
    public boolean offer(DirectBuffer buffer, int offset, int length, long label) {
        check(length, label);
        checkBare("offer");
        return port.offer(buffer, offset, length, label);
    }

    private void check(int length, long label) {
        int limit = fragments == null ? port.largest() : fragments.maxMessage();
        if (length > limit) {
            throw QueueErrors.tooLarge(port.name(), length, limit, fragments != null);
        }
        if (length < 0) {
            throw new IllegalArgumentException("length " + length + " is negative");
        }
        if (posix && (label < 0 || label >= PosixQueue.PRIORITIES)) {
            throw new IllegalArgumentException(
                    "priority " + label + " is not between 0 and " + (PosixQueue.PRIORITIES - 1));
        }
        if (!posix && label < FIRST_TYPE) {
            throw new IllegalArgumentException("type " + label + " is less than 1");
        }
    }

    // ---- receiving

    /// Waits for the next message.
    ///
    /// @return the message
    /// @throws ClosedException if this side closes the queue, or it is removed
    /// @throws ProtocolException with `framing=fragment`, if something else is in the queue; it was dropped
    /// @throws InterruptedException if the thread is interrupted while it waits; nothing was received
    public QueueMessage receive() throws InterruptedException {
        return receive(0, Long.MAX_VALUE);
    }

    /// Waits for the next message for some time.
    ///
    /// @param timeout how long; zero looks once
    /// @return the message
    /// @throws TimedOutException if none came in time
    /// @throws InterruptedException if the thread is interrupted while it waits; nothing was received
    public QueueMessage receive(Duration timeout) throws InterruptedException {
        return receive(0, deadline(nanos(timeout)));
    }

    /// Waits for the next message of a type; on `sysv:` only.
    ///
    /// @param type the type; less than zero for the least type that is there, up to that number without its sign
    /// @param timeout how long; zero looks once
    /// @return the message
    /// @throws TimedOutException if none came in time
    /// @throws UnsupportedException on `mq:`, whose messages come by priority
    /// @throws InterruptedException if the thread is interrupted while it waits; nothing was received
    public QueueMessage receive(long type, Duration timeout) throws InterruptedException {
        return receive(selector(type), deadline(nanos(timeout)));
    }

    /// Waits for the next message, and hands it to the handler without copying it: nothing is allocated.
    ///
    /// @param handler takes the message
    /// @throws ClosedException if this side closes the queue, or it is removed
    /// @throws UnsupportedException with `framing=fragment`
    /// @throws InterruptedException if the thread is interrupted while it waits; nothing was received
    public void receive(QueueHandler handler) throws InterruptedException {
        receive(handler, Long.MAX_VALUE);
    }

    /// Waits for the next message for some time; see [#receive(QueueHandler)].
    ///
    /// @param handler takes the message
    /// @param timeout how long; zero looks once
    /// @throws TimedOutException if none came in time
    /// @throws InterruptedException if the thread is interrupted while it waits; nothing was received
    public void receive(QueueHandler handler, Duration timeout) throws InterruptedException {
        receive(handler, deadline(nanos(timeout)));
    }

    private void receive(QueueHandler handler, long deadline) throws InterruptedException {
        checkBare("hand its messages out in place");
        if (!port.receive(handler, 0, deadline)) {
            throw QueueErrors.empty(port.name());
        }
    }

    private void checkBare(String what) {
        if (fragments != null) {
            throw new UnsupportedException(address + ": a queue with framing=fragment does not " + what
                    + "; use send(...) and receive()");
        }
    }

    private long selector(long type) {
        if (posix && type != 0) {
            throw new UnsupportedException(address
                    + ": the messages of a POSIX queue come by priority, and none can be picked; use sysv: to do so");
        }
        return type;
    }

    private QueueMessage receive(long selector, long deadline) throws InterruptedException {
        Copy copy = new Copy();
        if (fragments == null) {
            if (!port.receive(copy, selector, deadline)) {
                throw QueueErrors.empty(port.name());
            }
            return new QueueMessage(copy.bytes, copy.label);
        }
        if (!fragmentReceiver.tryLock(QueuePort.remaining(deadline), TimeUnit.NANOSECONDS)) {
            throw QueueErrors.empty(port.name());
        }
        try {
            while (true) {
                if (!port.receive(copy, selector, deadline)) {
                    throw QueueErrors.empty(port.name());
                }
                byte[] whole = fragments.join(new SegmentBuffer(copy.bytes), copy.bytes.length);
                if (whole != null) {
                    return new QueueMessage(whole, copy.label);
                }
            }
        } finally {
            fragmentReceiver.unlock();
        }
    }

    /// Takes one message out of the kernel's hands.
    private static final class Copy implements QueueHandler {
        byte[] bytes;
        long label;

        @Override
        public void onMessage(DirectBuffer buffer, int offset, int length, long messageLabel) {
            bytes = new byte[length];
            buffer.getBytes(offset, bytes);
            label = messageLabel;
        }
    }

    /// Hands waiting messages to the handler without blocking.
    ///
    /// @param handler takes each message
    /// @param limit how many at most
    /// @return how many were handed over
    /// @throws ClosedException if this side has closed the queue, or it was removed
    /// @throws UnsupportedException with `framing=fragment`; receive instead
    public int poll(QueueHandler handler, int limit) {
        checkBare("poll");
        int messages = 0;
        while (messages < limit && port.poll(handler, 0)) {
            messages++;
        }
        return messages;
    }

    // ---- the queue itself

    /// What the kernel says of the queue now.
    ///
    /// @return how full it is, and its limits
    /// @throws ClosedException if this side has closed the queue, or it was removed
    public QueueStat stat() {
        return port.stat();
    }

    /// Takes out, and drops, as many messages as are there now.
    ///
    /// @return how many were dropped
    public long purge() {
        long there = stat().messages();
        long dropped = 0;
        while (dropped < there && port.poll((buffer, offset, length, label) -> {}, 0)) {
            dropped++;
        }
        return dropped;
    }

    /// Removes the queue with all that is in it; see [#remove(String)].
    ///
    /// @return false if somebody else has removed it before
    public boolean unlink() {
        return QueueOpening.remove(port.name());
    }

    /// The address that the queue was opened with.
    ///
    /// @return the address, options included
    public Address address() {
        return address;
    }

    /// The largest message.
    ///
    /// @return bytes
    public int maxMessage() {
        return fragments == null ? port.largest() : fragments.maxMessage();
    }

    /// Whether this side has not closed the queue.
    ///
    /// @return true until [#close()]
    public boolean isOpen() {
        return !port.isClosed();
    }

    /// Lets go of the queue, which stays in the kernel with its messages. Threads that wait get a [ClosedException].
    ///
    /// Closing twice does nothing.
    @Override
    public void close() {
        port.close();
    }

    private static long nanos(Duration span) {
        return span.compareTo(Duration.ofDays(36_500)) > 0 ? Long.MAX_VALUE : Math.max(0, span.toNanos());
    }

    private static long deadline(long nanos) {
        return nanos == Long.MAX_VALUE ? Long.MAX_VALUE : System.nanoTime() + nanos;
    }
}
