/*
 * A one-way stream over System V queues: the calls of the C library, in a loop.
 *
 * system_v_stream [count] [directory]
 */
#include "system_v_queue.h"
#include "queue_stream.h"
