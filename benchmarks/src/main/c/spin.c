/*
 * Round trips over a spinning flag: the floor that two processes on two cores cannot go below. One cache line each way;
 * the sequence at its head is stored last and polled by the other side.
 *
 * spin [messages]
 */
#include "round_trip.h"

static void send_message(struct slot *to, const struct message *from, uint64_t sequence)
{
    memcpy(to->message.body, from->body, sizeof from->body);
    atomic_store_explicit(&to->message.sequence, sequence, memory_order_release);
}

static void await_message(struct slot *from, uint64_t sequence)
{
    while (atomic_load_explicit(&from->message.sequence, memory_order_acquire) != sequence)
        pause_spin();
}

int main(int argc, char **argv)
{
    return measure_round_trips(parse_count(argc, argv, 300000));
}
