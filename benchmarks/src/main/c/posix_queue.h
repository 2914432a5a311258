/*
 * Two POSIX message queues, as deep as they are by default; the benchmark removes them by their names when all is over.
 */
#ifndef SLUICE_POSIX_QUEUE_H
#define SLUICE_POSIX_QUEUE_H

#include "contender.h"
#include <mqueue.h>

#define QUEUE_SIZE 8192

static mqd_t queues[2];

static void open_queue(int index, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "/%s", name);
    queues[index] = mq_open(path, O_RDWR | O_CREAT, 0600, NULL);
    if (queues[index] == (mqd_t)-1)
        die(path);
}

static void queue_send(int index, const void *message, size_t length)
{
    if (mq_send(queues[index], message, length, 0) != 0)
        die("mq_send");
}

static void queue_receive(int index, void *message, size_t length)
{
    static char buffer[QUEUE_SIZE];
    if (mq_receive(queues[index], buffer, sizeof buffer, NULL) != (ssize_t)length)
        die("mq_receive");
    memcpy(message, buffer, length);
}

#endif
