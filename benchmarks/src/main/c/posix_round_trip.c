/*
 * Round trips over POSIX queues: the calls of the C library, in a loop.
 *
 * posix_round_trip [count] [directory]
 */
#include "posix_queue.h"
#include "queue_round_trip.h"
