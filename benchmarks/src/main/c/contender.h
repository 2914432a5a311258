/*
 * What every contender in C shares: two processes over one MAP_SHARED file, the turns in which they measure, the clock,
 * and the lines of JSON in which the figures leave.
 *
 * The program forks: the child is the partner (it echoes, or it produces), the parent measures. The file is unlinked
 * as soon as it is mapped, so nothing stays behind however the two end; the partner dies with the one that measures.
 *
 * After its warm-up the program prints {} and stops its partner; for every line on its standard input it takes a turn and prints the
 * figures; at the end of its input it ends.
 */
#ifndef SLUICE_CONTENDER_H
#define SLUICE_CONTENDER_H

#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CACHE_LINE 64
#define MESSAGE_LENGTH 32

/* A 32-byte message whose first eight bytes are its sequence: the last to be stored, and so the flag itself. */
struct message {
    _Alignas(CACHE_LINE) _Atomic uint64_t sequence;
    uint64_t body[MESSAGE_LENGTH / sizeof(uint64_t) - 1];
};

static inline void die(const char *what)
{
    perror(what);
    exit(1);
}

static inline int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static inline void pause_spin(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb");
#endif
}

/* Reads the one argument. */
static inline size_t parse_count(int argc, char **argv, size_t otherwise)
{
    return argc > 1 ? strtoull(argv[1], NULL, 10) : otherwise;
}

/* Maps a new file of shared memory, every page present. */
static inline void *map_shared(size_t length)
{
    char path[] = "/dev/shm/sluice-benchmark-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0)
        die(path);
    if (unlink(path) != 0 || posix_fallocate(fd, 0, (off_t)length) != 0)
        die(path);
    void *address = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (address == MAP_FAILED)
        die("mmap");
    close(fd);
    return address;
}

/* Starts the partner, which runs until the parent ends it, or ends. */
static inline pid_t start_partner(void (*partner)(void *), void *shared)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(1);
        partner(shared);
        _exit(0);
    }
    return pid;
}

/* Takes turns, between which the partner is stopped, until nobody asks for more. */
static inline void take_turns(pid_t partner, void (*turn)(void *shared, size_t count), void *shared, size_t count)
{
    kill(partner, SIGSTOP);
    puts("{}");
    fflush(stdout);
    for (int c; (c = getchar()) != EOF;) {
        if (c != '\n')
            continue;
        kill(partner, SIGCONT);
        turn(shared, count);
        kill(partner, SIGSTOP);
        fflush(stdout);
    }
    kill(partner, SIGKILL);
    waitpid(partner, NULL, 0);
}

#endif
