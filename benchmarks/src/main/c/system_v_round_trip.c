/*
 * Round trips over System V queues: the calls of the C library, in a loop.
 *
 * system_v_round_trip [count] [directory]
 */
#include "system_v_queue.h"
#include "queue_round_trip.h"
