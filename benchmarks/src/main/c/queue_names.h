/*
 * The names of a benchmark's two queues: those of its directory, which the caller gives, and `-ping` and `-pong`.
 */
#ifndef SLUICE_QUEUE_NAMES_H
#define SLUICE_QUEUE_NAMES_H

static void open_queues(int argc, char **argv)
{
    static const char *const suffixes[] = {"ping", "pong"};
    const char *directory = argc > 2 ? argv[2] : "/sluice-benchmark-by-hand";
    for (int i = 0; i < 2; i++) {
        char name[200];
        snprintf(name, sizeof name, "%s-%s", strrchr(directory, '/') + 1, suffixes[i]);
        open_queue(i, name);
    }
}

#endif
