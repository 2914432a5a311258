"""The other end of a queue in Python, which calls the C library by ctypes. The same commands as queue.c."""

import ctypes
import os
import sys

libc = ctypes.CDLL(None, use_errno=True)
if not hasattr(libc, "mq_open"):
    libc = ctypes.CDLL("librt.so.1", use_errno=True)
SIZE = 8192
IPC_CREAT = 0o1000


class Message(ctypes.Structure):
    _fields_ = [("label", ctypes.c_long), ("bytes", ctypes.c_char * SIZE)]


message = Message()
TEXT = ctypes.addressof(message) + Message.bytes.offset
posix = sys.argv[1] == "mq"
libc.mq_receive.restype = libc.msgrcv.restype = ctypes.c_ssize_t
libc.mq_send.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_uint]
libc.mq_receive.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
libc.msgsnd.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
libc.msgrcv.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_long, ctypes.c_int]


def check(result):
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


def open_queue(name):
    if posix:
        return check(libc.mq_open(name.encode(), os.O_RDWR | os.O_CREAT, 0o600, None))
    key = int(name, 0)
    return check(libc.msgget(ctypes.c_int(key), IPC_CREAT | 0o600))


def send(queue, length):
    if posix:
        check(libc.mq_send(queue, TEXT, length, message.label))
    else:
        check(libc.msgsnd(queue, ctypes.addressof(message), length, 0))


def receive(queue, label):
    if not posix:
        return check(libc.msgrcv(queue, ctypes.addressof(message), SIZE, label, 0))
    priority = ctypes.c_uint()
    length = check(libc.mq_receive(queue, TEXT, SIZE, ctypes.byref(priority)))
    message.label = priority.value
    return length


queue = open_queue(sys.argv[3])
if sys.argv[2] == "send":
    for i in range(int(sys.argv[4])):
        message.label = i % 4 + (0 if posix else 1)
        ctypes.memmove(TEXT, bytes((i + j) % 256 for j in range(i)), i)
        send(queue, i)
elif sys.argv[2] == "receive":
    for _ in range(int(sys.argv[4])):
        length = receive(queue, int(sys.argv[5]) if len(sys.argv) > 5 else 0)
        print(message.label, ctypes.string_at(TEXT, length).hex())
else:
    back = open_queue(sys.argv[4])
    length = 1
    while length > 0:
        length = receive(queue, 0)
        message.label += 1
        send(back, length)
