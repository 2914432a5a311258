/*
 * Two System V message queues, their keys the FNV-1a hashes of their names; the benchmark removes them when all is over.
 */
#ifndef SLUICE_SYSTEM_V_QUEUE_H
#define SLUICE_SYSTEM_V_QUEUE_H

#include "contender.h"
#include <sys/ipc.h>
#include <sys/msg.h>

#define QUEUE_SIZE 8192

static int queues[2];

static struct {
    long type;
    char text[QUEUE_SIZE];
} buffer;

static void open_queue(int index, const char *name)
{
    uint32_t hash = 0x811c9dc5;
    for (const char *c = name; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 0x01000193;
    queues[index] = msgget((key_t)hash, IPC_CREAT | 0600);
    if (queues[index] < 0)
        die(name);
}

static void queue_send(int index, const void *message, size_t length)
{
    buffer.type = 1;
    memcpy(buffer.text, message, length);
    if (msgsnd(queues[index], &buffer, length, 0) != 0)
        die("msgsnd");
}

static void queue_receive(int index, void *message, size_t length)
{
    if (msgrcv(queues[index], &buffer, sizeof buffer.text, 0, 0) != (ssize_t)length)
        die("msgrcv");
    memcpy(message, buffer.text, length);
}

#endif
