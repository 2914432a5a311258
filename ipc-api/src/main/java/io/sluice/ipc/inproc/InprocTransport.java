package io.sluice.ipc.inproc;

import io.sluice.ipc.Address;
import io.sluice.ipc.AddressInUseException;
import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.ring.Deadline;
import io.sluice.ipc.ring.Doorbell;
import io.sluice.ipc.ring.RingEndpoint;
import io.sluice.ipc.ring.RingOptions;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.Quantities;
import io.sluice.ipc.spi.StandardOptions;
import io.sluice.ipc.spi.Transport;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// `inproc:`: channels between threads of one process, on the same rings as `shm:`.
public final class InprocTransport implements Transport {
    static final Set<Capability> PROMISES = Set.of(
            Capability.ORDERED,
            Capability.RELIABLE,
            Capability.BIDIRECTIONAL,
            Capability.BOUNDED_MESSAGES,
            Capability.ZERO_COPY,
            Capability.ALLOCATION_FREE);

    private static final ReentrantLock LOCK = new ReentrantLock();
    private static final Condition BOUND = LOCK.newCondition();
    private static final Map<String, InprocListener> LISTENERS = new HashMap<>();

    /// For [java.util.ServiceLoader].
    public InprocTransport() {}

    @Override
    public List<String> schemes() {
        return List.of("inproc");
    }

    @Override
    public List<Option<?>> options() {
        return RingOptions.ALL;
    }

    @Override
    public String synchronisation() {
        return "lock-free ring, park";
    }

    @Override
    public Endpoint bind(Address address) {
        checkPlace(address);
        RingOptions.capacity(address);
        LOCK.lock();
        try {
            if (LISTENERS.containsKey(address.place())) {
                throw new AddressInUseException(address.withoutOptions()
                        + ": another endpoint of this process is bound to it; close that one or use another name");
            }
            Doorbell doorbell = Doorbell.inProcess();
            RingEndpoint endpoint = new RingEndpoint(address, doorbell);
            InprocListener listener = new InprocListener(address, endpoint, doorbell);
            endpoint.attach(listener);
            LISTENERS.put(address.place(), listener);
            BOUND.signalAll();
            return endpoint;
        } finally {
            LOCK.unlock();
        }
    }

    static void unbind(Address address) {
        LOCK.lock();
        try {
            LISTENERS.remove(address.place());
        } finally {
            LOCK.unlock();
        }
    }

    @Override
    public Channel connect(Address address) throws InterruptedException {
        checkPlace(address);
        long deadline = Deadline.after(StandardOptions.CONNECT_TIMEOUT.of(address));
        Channel channel = null;
        while (channel == null) {
            channel = awaitListener(address, deadline).connect(address, deadline);
        }
        return channel;
    }

    private static InprocListener awaitListener(Address address, long deadline) throws InterruptedException {
        LOCK.lockInterruptibly();
        try {
            while (true) {
                InprocListener listener = LISTENERS.get(address.place());
                if (listener != null) {
                    return listener;
                }
                if (!BOUND.await(Deadline.remaining(deadline), TimeUnit.NANOSECONDS)) {
                    throw new NoListenerException(address.withoutOptions() + ": nobody in this process bound it within "
                            + Quantities.duration(StandardOptions.CONNECT_TIMEOUT.of(address))
                            + "; inproc: reaches endpoints of the same process only, shm: those of others");
                }
            }
        } finally {
            LOCK.unlock();
        }
    }

    private static void checkPlace(Address address) {
        if (address.place().isEmpty()) {
            throw new InvalidAddressException(address + ": a name is missing, as in inproc:orders");
        }
    }
}
