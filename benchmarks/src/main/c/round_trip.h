/*
 * Round trips of a 32-byte message, timed one by one: what the contenders differ in is how they send and how they wait.
 * The contender that includes this defines send_message and await_message.
 */
#ifndef SLUICE_ROUND_TRIP_H
#define SLUICE_ROUND_TRIP_H

#include "contender.h"

struct slot {
    struct message message;
    _Alignas(CACHE_LINE) _Atomic uint32_t published;
};

struct shared {
    struct slot ping, pong;
};

/* Publishes the message; its body is copied. */
static void send_message(struct slot *to, const struct message *from, uint64_t sequence);

/* Waits until the message of that sequence is there. */
static void await_message(struct slot *from, uint64_t sequence);

static uint64_t sequence;

static void echo(void *memory)
{
    struct shared *shared = memory;
    for (uint64_t expected = 1;; expected++) {
        await_message(&shared->ping, expected);
        send_message(&shared->pong, &shared->ping.message, expected);
    }
}

static uint32_t round_trip(struct shared *shared)
{
    sequence++;
    struct message message = {.body = {sequence, sequence, sequence}};
    int64_t start = now();
    send_message(&shared->ping, &message, sequence);
    await_message(&shared->pong, sequence);
    int64_t elapsed = now() - start;
    if (shared->pong.message.body[2] != sequence)
        die("another message came back");
    return (uint32_t)elapsed;
}

static int compare_samples(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* A turn: a tenth of the messages to get going, then all of them. */
static void measure(void *memory, size_t count)
{
    uint32_t *samples = calloc(count, sizeof *samples);
    if (samples == NULL)
        die("calloc");
    for (size_t i = 0; i < count / 10; i++)
        round_trip(memory);
    for (size_t i = 0; i < count; i++)
        samples[i] = round_trip(memory);
    qsort(samples, count, sizeof *samples, compare_samples);
    printf("{\"p50\":%u,\"p99\":%u,\"p99.9\":%u,\"max\":%u,\"messages\":%zu}\n", samples[count / 2],
           samples[count - 1 - count / 100], samples[count - 1 - count / 1000], samples[count - 1], count);
    free(samples);
}

static int measure_round_trips(size_t count)
{
    struct shared *shared = map_shared(sizeof *shared);
    pid_t partner = start_partner(echo, shared);
    for (size_t i = 0; i < count; i++)
        round_trip(shared);
    take_turns(partner, measure, shared, count);
    return 0;
}

#endif
