/*
 * A one-way stream over POSIX queues: the calls of the C library, in a loop.
 *
 * posix_stream [count] [directory]
 */
#include "posix_queue.h"
#include "queue_stream.h"
