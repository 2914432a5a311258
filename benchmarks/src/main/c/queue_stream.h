/*
 * Messages per second through one queue of the kernel, one way: one process sends as fast as the queue takes, the other
 * receives, each in a blocking call when it has to wait.
 * The contender that includes this brings open_queue, queue_send and queue_receive.
 */
#ifndef SLUICE_QUEUE_STREAM_H
#define SLUICE_QUEUE_STREAM_H

#include "queue_names.h"

static uint64_t sequence;

static void produce(void *unused)
{
    (void)unused;
    uint64_t bytes[MESSAGE_LENGTH / sizeof(uint64_t)] = {0};
    for (;;) {
        bytes[0]++;
        queue_send(1, bytes, sizeof bytes);
    }
}

static double consume_for(double nanoseconds)
{
    uint64_t bytes[MESSAGE_LENGTH / sizeof(uint64_t)];
    uint64_t first = sequence;
    int64_t start = now(), elapsed;
    do {
        for (int i = 0; i < 100; i++) {
            queue_receive(1, bytes, sizeof bytes);
            if (bytes[0] != ++sequence)
                die("another message came");
        }
        elapsed = now() - start;
    } while (elapsed < nanoseconds);
    return (sequence - first) * 1e9 / elapsed;
}

/* A turn: a tenth of the time to get going, then all of it. */
static void measure(void *unused, size_t milliseconds)
{
    (void)unused;
    consume_for(milliseconds * 1e5);
    printf("{\"messages_per_second\":%.0f}\n", consume_for(milliseconds * 1e6));
}

int main(int argc, char **argv)
{
    open_queues(argc, argv);
    size_t milliseconds = parse_count(argc, argv, 200);
    pid_t partner = start_partner(produce, NULL);
    consume_for(milliseconds * 1e6);
    take_turns(partner, measure, NULL, milliseconds);
    return 0;
}

#endif
