/*
 * A program in C that has never heard of Sluice: sends measurements to the POSIX queue /measurements, which the Java
 * example QueueReader prints. An alarm has priority 9, and so overtakes all that waits.
 *
 *     gcc -o thermometer thermometer.c -lrt
 *     ./thermometer /measurements 5
 */
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "/measurements";
    int count = argc > 2 ? atoi(argv[2]) : 5;
    mqd_t queue = mq_open(name, O_WRONLY | O_CREAT, 0600, NULL);
    if (queue == (mqd_t)-1) {
        perror(name);
        return 1;
    }
    for (int i = 1; i <= count; i++) {
        int alarm = i == count; /* the last one is too hot */
        char text[64];
        int length = snprintf(text, sizeof text, "%s %d.5 degrees", alarm ? "ALARM" : "measured", 20 + i);
        if (mq_send(queue, text, length, alarm ? 9 : 0)) {
            perror("mq_send");
            return 1;
        }
    }
    return 0;
}
