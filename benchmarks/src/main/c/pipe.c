/*
 * Two processes over two bare pipes, anonymous or named, blocking: what the kernel's pipe costs by itself.
 *
 *   pipe anonymous|named round-trip|bulk|stream [count or milliseconds]
 *
 * round-trip: 32 bytes there and back, one read and one write for each. bulk: messages of 64 KiB one way, each written
 * by one write and read until it is whole. stream: messages of 32 bytes one way, one write for each; the reader takes
 * as many at once as there are.
 */
#include "contender.h"
#include <sys/stat.h>

#define BULK 65536

struct pipes {
    int there[2], back[2]; /* the end to read from, the end to write to */
};

static unsigned char buffer[BULK];
static uint64_t sequence;

static void open_anonymous(int ends[2])
{
    if (pipe(ends) != 0)
        die("pipe");
}

static void open_named(int ends[2])
{
    char directory[] = "/tmp/sluice-benchmark-XXXXXX", path[64];
    if (mkdtemp(directory) == NULL)
        die(directory);
    snprintf(path, sizeof path, "%s/fifo", directory);
    if (mkfifo(path, 0600) != 0)
        die(path);
    ends[0] = open(path, O_RDONLY | O_NONBLOCK);
    ends[1] = open(path, O_WRONLY);
    if (ends[0] < 0 || ends[1] < 0 || fcntl(ends[0], F_SETFL, 0) != 0)
        die(path);
    if (unlink(path) != 0 || rmdir(directory) != 0)
        die(path);
}

static void read_whole(int fd, void *to, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t n = read(fd, (char *)to + done, length - done);
        if (n <= 0)
            die("read");
        done += n;
    }
}

static void write_whole(int fd, const void *from, size_t length)
{
    if (write(fd, from, length) != (ssize_t)length)
        die("write");
}

/* ---- round trips */

static void echo(void *memory)
{
    struct pipes *pipes = memory;
    for (;;) {
        read_whole(pipes->there[0], buffer, MESSAGE_LENGTH);
        write_whole(pipes->back[1], buffer, MESSAGE_LENGTH);
    }
}

static uint32_t round_trip(struct pipes *pipes)
{
    sequence++;
    memcpy(buffer, &sequence, sizeof sequence);
    int64_t start = now();
    write_whole(pipes->there[1], buffer, MESSAGE_LENGTH);
    read_whole(pipes->back[0], buffer, MESSAGE_LENGTH);
    int64_t elapsed = now() - start;
    if (memcmp(buffer, &sequence, sizeof sequence) != 0)
        die("another message came back");
    return (uint32_t)elapsed;
}

static int compare_samples(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void measure_round_trips(void *pipes, size_t count)
{
    uint32_t *samples = calloc(count, sizeof *samples);
    if (samples == NULL)
        die("calloc");
    for (size_t i = 0; i < count / 10; i++)
        round_trip(pipes);
    for (size_t i = 0; i < count; i++)
        samples[i] = round_trip(pipes);
    qsort(samples, count, sizeof *samples, compare_samples);
    printf("{\"p50\":%u,\"p99\":%u,\"p99.9\":%u,\"max\":%u,\"messages\":%zu}\n", samples[count / 2],
           samples[count - 1 - count / 100], samples[count - 1 - count / 1000], samples[count - 1], count);
    free(samples);
}

/* ---- one way */

static void produce_bulk(void *memory)
{
    struct pipes *pipes = memory;
    memset(buffer, 'x', BULK);
    for (;;) {
        sequence++;
        memcpy(buffer, &sequence, sizeof sequence);
        write_whole(pipes->there[1], buffer, BULK);
    }
}

static void produce_stream(void *memory)
{
    struct pipes *pipes = memory;
    for (;;) {
        sequence++;
        memcpy(buffer, &sequence, sizeof sequence);
        write_whole(pipes->there[1], buffer, MESSAGE_LENGTH);
    }
}

static void check(const unsigned char *message)
{
    sequence++;
    if (memcmp(message, &sequence, sizeof sequence) != 0)
        die("another message came");
}

static void consume_bulk(struct pipes *pipes)
{
    read_whole(pipes->there[0], buffer, BULK);
    check(buffer);
    if (buffer[BULK - 1] != 'x')
        die("another message came");
}

static void consume_stream(struct pipes *pipes)
{
    ssize_t n = read(pipes->there[0], buffer, BULK);
    if (n <= 0 || n % MESSAGE_LENGTH != 0) /* each write is whole: less than PIPE_BUF */
        die("read");
    for (ssize_t i = 0; i < n; i += MESSAGE_LENGTH)
        check(buffer + i);
}

static void (*consume)(struct pipes *);
static size_t length;

static double consume_for(struct pipes *pipes, double nanoseconds)
{
    uint64_t first = sequence;
    int64_t start = now(), elapsed;
    do {
        consume(pipes);
        elapsed = now() - start;
    } while (elapsed < nanoseconds);
    return (sequence - first) * 1e9 / elapsed;
}

static void measure_one_way(void *pipes, size_t milliseconds)
{
    consume_for(pipes, milliseconds * 1e5);
    double rate = consume_for(pipes, milliseconds * 1e6);
    printf("{\"messages_per_second\":%.0f,\"bytes_per_second\":%.0f}\n", rate, rate * length);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: pipe anonymous|named round-trip|bulk|stream [count or milliseconds]\n");
        return 2;
    }
    struct pipes pipes;
    void (*open_pipe)(int[2]) = strcmp(argv[1], "named") == 0 ? open_named : open_anonymous;
    open_pipe(pipes.there);
    open_pipe(pipes.back);
    if (strcmp(argv[2], "round-trip") == 0) {
        size_t count = argc > 3 ? strtoull(argv[3], NULL, 10) : 20000;
        pid_t partner = start_partner(echo, &pipes);
        for (size_t i = 0; i < count; i++)
            round_trip(&pipes);
        take_turns(partner, measure_round_trips, &pipes, count);
        return 0;
    }
    int bulk = strcmp(argv[2], "bulk") == 0;
    size_t milliseconds = argc > 3 ? strtoull(argv[3], NULL, 10) : 200;
    consume = bulk ? consume_bulk : consume_stream;
    length = bulk ? BULK : MESSAGE_LENGTH;
    pid_t partner = start_partner(bulk ? produce_bulk : produce_stream, &pipes);
    consume_for(&pipes, milliseconds * 1e6);
    take_turns(partner, measure_one_way, &pipes, milliseconds);
    return 0;
}
