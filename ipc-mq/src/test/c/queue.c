/*
 * The other end of a queue, by somebody who has never heard of Sluice.
 *
 * queue mq   send    NAME COUNT   sends COUNT messages, number i of priority i % 4 and i bytes, byte j being i + j
 * queue sysv send    KEY  COUNT   likewise, of type 1 + i % 4
 * queue mq   receive NAME COUNT   prints "LABEL HEX" for each message
 * queue sysv receive KEY  COUNT [TYPE]
 * queue mq   echo    NAME BACK    sends back what comes, its label plus one, until an empty message came
 * queue sysv echo    KEY  BACK
 * queue key  PATH                 prints ftok(PATH, 1)
 */
#define _GNU_SOURCE
#include <errno.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#define SIZE 8192

struct message {
    long label;
    unsigned char bytes[SIZE];
};

static struct message message;
static int posix;

static void die(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

static long open_queue(const char *name)
{
    long queue = posix ? (long)mq_open(name, O_RDWR | O_CREAT, 0600, NULL)
                       : msgget((key_t)strtoul(name, NULL, 0), IPC_CREAT | 0600);
    if (queue < 0)
        die(name);
    return queue;
}

static void send_message(long queue, size_t length)
{
    if (posix ? mq_send((mqd_t)queue, (char *)message.bytes, length, message.label)
              : msgsnd(queue, &message, length, 0))
        die("send");
}

static size_t receive_message(long queue, long type)
{
    unsigned priority;
    ssize_t length = posix ? mq_receive((mqd_t)queue, (char *)message.bytes, SIZE, &priority)
                           : msgrcv(queue, &message, SIZE, type, 0);
    if (length < 0)
        die("receive");
    if (posix)
        message.label = priority;
    return length;
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "key")) {
        printf("%d\n", (int)ftok(argv[2], 1));
        return 0;
    }
    if (argc < 5)
        return 2;
    posix = !strcmp(argv[1], "mq");
    long queue = open_queue(argv[3]);
    if (!strcmp(argv[2], "send")) {
        int count = atoi(argv[4]);
        for (int i = 0; i < count; i++) {
            message.label = i % 4 + !posix;
            for (int j = 0; j < i; j++)
                message.bytes[j] = i + j;
            send_message(queue, i);
        }
    } else if (!strcmp(argv[2], "receive")) {
        int count = atoi(argv[4]);
        while (count-- > 0) {
            size_t length = receive_message(queue, argc > 5 ? atol(argv[5]) : 0);
            printf("%ld ", message.label);
            for (size_t j = 0; j < length; j++)
                printf("%02x", message.bytes[j]);
            printf("\n");
        }
    } else {
        long back = open_queue(argv[4]);
        size_t length;
        do {
            length = receive_message(queue, 0);
            message.label++;
            send_message(back, length);
        } while (length > 0);
    }
    return 0;
}
