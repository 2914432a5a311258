/*
 * Round trips between two processes that sleep on a futex while they wait: what a blocking receiver costs at the
 * least. The futex is a word beside the message, waited on without spinning, woken after every store.
 *
 * futex [messages]
 */
#include "round_trip.h"
#include <linux/futex.h>
#include <sys/syscall.h>

static void send_message(struct slot *to, const struct message *from, uint64_t sequence)
{
    memcpy(to->message.body, from->body, sizeof from->body);
    atomic_store_explicit(&to->message.sequence, sequence, memory_order_relaxed);
    atomic_store_explicit(&to->published, (uint32_t)sequence, memory_order_release);
    syscall(SYS_futex, &to->published, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void await_message(struct slot *from, uint64_t sequence)
{
    uint32_t seen;
    while ((seen = atomic_load_explicit(&from->published, memory_order_acquire)) != (uint32_t)sequence)
        syscall(SYS_futex, &from->published, FUTEX_WAIT, seen, NULL, NULL, 0);
    if (atomic_load_explicit(&from->message.sequence, memory_order_relaxed) != sequence)
        die("another message came");
}

int main(int argc, char **argv)
{
    return measure_round_trips(parse_count(argc, argv, 20000));
}
