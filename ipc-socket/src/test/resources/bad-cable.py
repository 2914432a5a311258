"""A cable between two hosts that loses, delays, doubles and swaps packets, where the kernel's netem is missing: two TUN
devices (Documentation/networking/tuntap.rst), to be moved into the two network namespaces once "up" is said.

    bad-cable.py DEVICE DEVICE LOSS DOUBLE DELAY JITTER SEED

LOSS and DOUBLE are probabilities, DELAY and JITTER seconds; a packet overtakes others by its jitter. Ends when standard
input does.
"""

import fcntl
import heapq
import os
import random
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x0001 | 0x1000
LARGEST = 65536


def end_of_cable(name):
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN_NO_PI))
    return descriptor


def carry(ends, loss, double, delay, jitter, chance):
    under_way = []
    count = 0
    while True:
        wait = max(0.0, under_way[0][0] - time.monotonic()) if under_way else None
        ready, _, _ = select.select([0, *ends], [], [], wait)
        if 0 in ready and not os.read(0, LARGEST):
            return
        for end in ends:
            if end in ready:
                packet = os.read(end, LARGEST)
                other = ends[1 - ends.index(end)]
                for _ in range(0 if chance.random() < loss else 2 if chance.random() < double else 1):
                    count += 1
                    due = time.monotonic() + delay + chance.random() * jitter
                    heapq.heappush(under_way, (due, count, other, packet))
        while under_way and under_way[0][0] <= time.monotonic():
            _, _, other, packet = heapq.heappop(under_way)
            try:
                os.write(other, packet)
            except OSError:
                pass  # that end is not up, or has no room: lost


def main():
    ends = [end_of_cable(name) for name in sys.argv[1:3]]
    print("up", flush=True)
    loss, double, delay, jitter = map(float, sys.argv[3:7])
    carry(ends, loss, double, delay, jitter, random.Random(int(sys.argv[7])))


main()
