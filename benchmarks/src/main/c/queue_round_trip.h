/*
 * Round trips over two queues of the kernel, there and back, each process in a blocking call while it waits.
 * The contender that includes this brings open_queue, queue_send and queue_receive.
 */
#ifndef SLUICE_QUEUE_ROUND_TRIP_H
#define SLUICE_QUEUE_ROUND_TRIP_H

#include "queue_names.h"
#include "round_trip.h"

/* Which queue stands for a slot: the first slot is at the beginning of a page, the other is not. */
static int queue_of(const struct slot *slot)
{
    return (uintptr_t)slot % 4096 != 0;
}

static void send_message(struct slot *to, const struct message *from, uint64_t sequence)
{
    uint64_t bytes[MESSAGE_LENGTH / sizeof(uint64_t)] = {sequence};
    memcpy(bytes + 1, from->body, sizeof from->body);
    queue_send(queue_of(to), bytes, sizeof bytes);
}

static void await_message(struct slot *from, uint64_t sequence)
{
    uint64_t bytes[MESSAGE_LENGTH / sizeof(uint64_t)];
    queue_receive(queue_of(from), bytes, sizeof bytes);
    if (bytes[0] != sequence)
        die("another message came");
    memcpy(from->message.body, bytes + 1, sizeof from->message.body);
}

int main(int argc, char **argv)
{
    open_queues(argc, argv);
    return measure_round_trips(parse_count(argc, argv, 20000));
}

#endif
