/*
 * Bytes per second of messages of 64 KiB that one process copies into a shared buffer and another copies out of it, in
 * turn: the rate at which memory moves between two processes when every byte is copied in once and out once.
 *
 * copy [milliseconds]
 */
#include "contender.h"

#define LENGTH 65536

struct shared {
    _Alignas(CACHE_LINE) _Atomic uint64_t filled;
    _Alignas(CACHE_LINE) _Atomic uint64_t drained;
    _Alignas(4096) unsigned char buffer[LENGTH];
};

static unsigned char private_buffer[LENGTH];
static uint64_t sequence;

static void produce(void *memory)
{
    struct shared *shared = memory;
    memset(private_buffer, 'x', LENGTH);
    for (;;) {
        sequence++;
        memcpy(private_buffer, &sequence, sizeof sequence);
        while (atomic_load_explicit(&shared->drained, memory_order_acquire) != sequence - 1)
            pause_spin();
        memcpy(shared->buffer, private_buffer, LENGTH);
        atomic_store_explicit(&shared->filled, sequence, memory_order_release);
    }
}

static void consume(struct shared *shared)
{
    sequence++;
    while (atomic_load_explicit(&shared->filled, memory_order_acquire) != sequence)
        pause_spin();
    memcpy(private_buffer, shared->buffer, LENGTH);
    atomic_store_explicit(&shared->drained, sequence, memory_order_release);
    uint64_t first;
    memcpy(&first, private_buffer, sizeof first);
    if (first != sequence || private_buffer[LENGTH - 1] != 'x')
        die("another message came");
}

/* Consumes for some time, and returns the messages per second. */
static double consume_for(struct shared *shared, double nanoseconds)
{
    uint64_t first = sequence;
    int64_t start = now(), elapsed;
    do {
        consume(shared);
        elapsed = now() - start;
    } while (elapsed < nanoseconds);
    return (sequence - first) * 1e9 / elapsed;
}

/* A turn: a tenth of the time to get going, then all of it. */
static void measure(void *shared, size_t milliseconds)
{
    consume_for(shared, milliseconds * 1e5);
    double rate = consume_for(shared, milliseconds * 1e6);
    printf("{\"messages_per_second\":%.0f,\"bytes_per_second\":%.0f}\n", rate, rate * LENGTH);
}

int main(int argc, char **argv)
{
    size_t milliseconds = parse_count(argc, argv, 200);
    struct shared *shared = map_shared(sizeof *shared);
    pid_t partner = start_partner(produce, shared);
    consume_for(shared, milliseconds * 1e6);
    take_turns(partner, measure, shared, milliseconds);
    return 0;
}
