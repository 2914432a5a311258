package io.sluice.ipc.mq;

import io.sluice.ipc.Address;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.StandardOptions;
import java.util.ArrayList;
import java.util.List;

/// The options of the address of a [MessageQueue], and of a channel.
final class QueueOptions {
    /// Whether larger messages are split.
    enum Framing {
        /// A message is one of the kernel's, byte for byte.
        NONE,
        /// A message is as many of the kernel's as it takes; see [Fragments].
        FRAGMENT
    }

    /// Whether a missing queue is made.
    enum Create {
        /// Yes.
        TRUE,
        /// It is an error.
        FALSE
    }

    static final Option<Create> CREATE =
            Option.choice("create", Create.TRUE, "whether the queue is made if it is missing");
    static final Option<Framing> FRAMING = Option.choice(
            "framing",
            Framing.NONE,
            "none: a message is one of the kernel's; fragment: larger ones are split, on both sides");
    static final Option<String> MODE = Option.text(
            "mode", "0600", "an octal number such as 0660", "who may use a queue that is made: owner, group, others");
    static final Option<Integer> DEPTH = Option.count(
            "depth", 0, 0, 1 << 16, "mq: how many messages a queue that is made holds; 0 for the kernel's default");
    static final Option<Integer> MESSAGE_SIZE = Option.size(
            "message-size", 0, 0, 1 << 24,
            "mq: the largest message of a queue that is made; 0 for the kernel's default");
    static final Option<Integer> CAPACITY = Option.size(
            "capacity", 0, 0, 1 << 30, "sysv: how many bytes a queue that is made holds; 0 for the kernel's default");

    /// How deep the queues of a channel are if nothing is said, and how large their messages: so that 50 channels, and a
    /// queue beside them, fit into the 819,200 bytes that `ulimit -q` gives a user. A queue takes depth x (size + 96).
    static final int CHANNEL_DEPTH = 8;
    static final int CHANNEL_MESSAGE_SIZE = 768;
    /// Less would not hold the length of a message.
    private static final int LEAST_MESSAGE_SIZE = 64;

    private static final Option<Framing> CHANNEL_FRAMING = Option.choice(
            "framing",
            Framing.FRAGMENT,
            "fragment: a message may take several of the kernel's; none: larger ones than one of those are refused");
    private static final Option<Integer> CHANNEL_QUEUE_DEPTH = Option.count(
            "depth", CHANNEL_DEPTH, 1, 1 << 16, "how many messages each of the two queues holds; the client's counts");
    private static final Option<Integer> CHANNEL_QUEUE_MESSAGE_SIZE = Option.size(
            "message-size",
            CHANNEL_MESSAGE_SIZE,
            LEAST_MESSAGE_SIZE,
            1 << 24,
            "the largest message of the kernel in the two queues; the client's counts");

    private static final List<Option<?>> CHANNEL = List.of(
            CHANNEL_FRAMING,
            StandardOptions.CONNECT_TIMEOUT,
            StandardOptions.MAX_MESSAGE,
            StandardOptions.SEND_TIMEOUT,
            StandardOptions.THREADS,
            StandardOptions.WAIT);

    private static final List<Option<?>> BOTH = List.of(
            CREATE,
            FRAMING,
            MODE,
            StandardOptions.MAX_MESSAGE,
            StandardOptions.SEND_TIMEOUT,
            StandardOptions.WAIT);

    private QueueOptions() {}

    static List<Option<?>> of(String scheme) {
        List<Option<?>> all = new ArrayList<>(BOTH);
        if (scheme.equals("mq")) {
            all.add(DEPTH);
            all.add(MESSAGE_SIZE);
        } else {
            all.add(CAPACITY);
        }
        return all;
    }

    static List<Option<?>> ofChannel(String scheme) {
        List<Option<?>> all = new ArrayList<>(CHANNEL);
        if (scheme.equals("mq")) {
            all.add(CHANNEL_QUEUE_DEPTH);
            all.add(CHANNEL_QUEUE_MESSAGE_SIZE);
        } else {
            all.add(CAPACITY);
        }
        return all;
    }

    static boolean isFragmenting(Address address) {
        return CHANNEL_FRAMING.of(address) == Framing.FRAGMENT;
    }

    /// What was asked for, or as much of the usual as the kernel allows.
    static int channelDepth(Address address) {
        return address.options().containsKey(CHANNEL_QUEUE_DEPTH.name())
                ? CHANNEL_QUEUE_DEPTH.of(address)
                : (int) Math.min(CHANNEL_DEPTH, KernelLimits.DEPTH.valueOr(CHANNEL_DEPTH));
    }

    static int channelMessageSize(Address address) {
        return address.options().containsKey(CHANNEL_QUEUE_MESSAGE_SIZE.name())
                ? CHANNEL_QUEUE_MESSAGE_SIZE.of(address)
                : (int) Math.min(CHANNEL_MESSAGE_SIZE, KernelLimits.POSIX_SIZE.valueOr(CHANNEL_MESSAGE_SIZE));
    }

    static int mode(Address address) {
        String text = MODE.of(address);
        if (!text.matches("0?[0-7]{3}")) {
            throw new InvalidAddressException(address + ": option mode=" + text + " is malformed; it takes "
                    + MODE.accepts());
        }
        return Integer.parseInt(text, 8);
    }
}
