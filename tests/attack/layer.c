/* Fails, shortens or interrupts one call with which a program reads or changes files, or ends the program at it; or
 * starts no more threads.
 * Preloaded into the command; what it does is told in the environment:
 *
 *   EVZ_FAULT        "HOW WHICH N": the N-th call, from 0 on, of those that are WHICH (read, write, map or thread)
 *                    HOW is short, eintr, eio, enospc, kill (before the call) or torn (killed in the middle of it);
 *                    of maps it is cut: half of the file is gone once it is mapped
 *                    of threads it is eagain: that one and all later ones are not started
 *   EVZ_FAULT_CALLS  a file that takes the number of reads, of writes, of maps and of threads at the end
 *
 * Of programs that the command starts none is touched. Only regular files and the standard streams count; standard
 * error is left alone. What changes names and lengths
 * is a write here, and so is a file that is opened to be written. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum which { READ, WRITE, MAP, THREAD };
enum how { NONE, SHORT, INTERRUPTED, NO_INPUT, NO_SPACE, KILL, TORN, CUT, NO_THREAD };

static const char *const HOWS[] = {"", "short", "eintr", "eio", "enospc", "kill", "torn", "cut", "eagain"};
static enum how how;
static enum which which;
static long at = -1;
static long calls[4];
static int ready;

static int is_the_command(void) { return !strcmp(program_invocation_short_name, "evz"); }

static void prepare(void) {
    const char *told = is_the_command() ? getenv("EVZ_FAULT") : NULL;
    char name[16], of[16];
    if (told && sscanf(told, "%15s %15s %ld", name, of, &at) == 3) {
        for (int i = SHORT; i <= NO_THREAD; i++)
            if (!strcmp(name, HOWS[i])) how = i;
        which = !strcmp(of, "write") ? WRITE : !strcmp(of, "map") ? MAP : !strcmp(of, "thread") ? THREAD : READ;
    }
    ready = 1;
}

__attribute__((constructor)) static void begin(void) { prepare(); }

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("EVZ_FAULT_CALLS");
    if (!path || !is_the_command()) return;
    char line[96];
    int n = snprintf(line, sizeof line, "%ld %ld %ld %ld\n", calls[READ], calls[WRITE], calls[MAP], calls[THREAD]);
    int fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    syscall(SYS_write, fd, line, n);
    syscall(SYS_close, fd);
}

/* What is to be done with this call. */
static enum how now(enum which kind) {
    if (!ready) prepare();
    long number = __atomic_fetch_add(&calls[kind], 1, __ATOMIC_RELAXED);
    enum how what = kind == which && number == at ? how : NONE;
    if (what == KILL) raise(SIGKILL);
    return what;
}

/* The same of a call on an open file. */
static enum how now_of(enum which kind, int fd) {
    struct stat found;
    if (fd == 2 || fstat(fd, &found)) return NONE;
    return S_ISREG(found.st_mode) || fd <= 1 ? now(kind) : NONE;
}

/* The error that a call gives, if it is to give one. */
static int fails(enum how what) {
    switch (what) {
    case INTERRUPTED: errno = EINTR; return 1;
    case NO_INPUT: errno = EIO; return 1;
    case NO_SPACE: errno = ENOSPC; return 1;
    default: return 0;
    }
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* A call that moves N bytes, of which a short one moves half. */
#define MOVES(kind, fd, n, call)                                                                                     \
    enum how what = now_of(kind, fd);                                                                                \
    if (fails(what)) return -1;                                                                                      \
    if ((what == SHORT || what == TORN) && n > 1) n /= 2;                                                            \
    ssize_t moved = call;                                                                                            \
    if (what == TORN) raise(SIGKILL);                                                                                \
    return moved

ssize_t read(int fd, void *to, size_t n) { MOVES(READ, fd, n, REAL(read)(fd, to, n)); }
ssize_t pread(int fd, void *to, size_t n, off_t from) { MOVES(READ, fd, n, REAL(pread)(fd, to, n, from)); }
ssize_t pread64(int fd, void *to, size_t n, off64_t from) { MOVES(READ, fd, n, REAL(pread64)(fd, to, n, from)); }
ssize_t readv(int fd, const struct iovec *to, int n) { MOVES(READ, fd, n, REAL(readv)(fd, to, n)); }
ssize_t write(int fd, const void *from, size_t n) { MOVES(WRITE, fd, n, REAL(write)(fd, from, n)); }
ssize_t pwrite(int fd, const void *from, size_t n, off_t to) { MOVES(WRITE, fd, n, REAL(pwrite)(fd, from, n, to)); }
ssize_t pwrite64(int fd, const void *from, size_t n, off64_t to) {
    MOVES(WRITE, fd, n, REAL(pwrite64)(fd, from, n, to));
}
ssize_t writev(int fd, const struct iovec *from, int n) { MOVES(WRITE, fd, n, REAL(writev)(fd, from, n)); }

/* A call that does a thing or does not. */
#define DOES(what, call)                                                                                             \
    if (fails(what)) return -1;                                                                                      \
    int done = call;                                                                                                 \
    if (what == TORN) raise(SIGKILL);                                                                                \
    return done

int ftruncate(int fd, off_t n) { enum how what = now_of(WRITE, fd); DOES(what, REAL(ftruncate)(fd, n)); }
int ftruncate64(int fd, off64_t n) { enum how what = now_of(WRITE, fd); DOES(what, REAL(ftruncate64)(fd, n)); }
int fdatasync(int fd) { enum how what = now_of(WRITE, fd); DOES(what, REAL(fdatasync)(fd)); }

int fsync(int fd) {
    enum how what = now(WRITE); /* folders too */
    DOES(what, REAL(fsync)(fd));
}

/* Names are not changed by halves, and nothing interrupts that. */
static enum how now_of_names(void) {
    enum how what = now(WRITE);
    return what == INTERRUPTED ? NONE : what;
}

int rename(const char *from, const char *to) { enum how what = now_of_names(); DOES(what, REAL(rename)(from, to)); }
int link(const char *from, const char *to) { enum how what = now_of_names(); DOES(what, REAL(link)(from, to)); }
int mkdir(const char *path, mode_t mode) { enum how what = now_of_names(); DOES(what, REAL(mkdir)(path, mode)); }

#define OPENS(name, ...)                                                                                             \
    mode_t mode = 0;                                                                                                 \
    if (flags & (O_CREAT | __O_TMPFILE)) {                                                                           \
        va_list rest;                                                                                                \
        va_start(rest, flags);                                                                                       \
        mode = va_arg(rest, mode_t);                                                                                 \
        va_end(rest);                                                                                                \
    }                                                                                                                \
    enum how what = (flags & O_ACCMODE) != O_RDONLY ? now(WRITE) : NONE;                                             \
    DOES(what, REAL(name)(__VA_ARGS__, flags, mode))

int open(const char *path, int flags, ...) { OPENS(open, path); }
int open64(const char *path, int flags, ...) { OPENS(open64, path); }
int openat(int folder, const char *path, int flags, ...) { OPENS(openat, folder, path); }
int openat64(int folder, const char *path, int flags, ...) { OPENS(openat64, folder, path); }

/* Where the program maps a file to read it, it may be cut under it. */
static void *map(void *start, size_t len, int protection, int flags, int fd, off_t from) {
    void *mapped = (void *)syscall(SYS_mmap, start, len, protection, flags, fd, from);
    struct stat found;
    if (fd >= 0 && protection == PROT_READ && !fstat(fd, &found) && S_ISREG(found.st_mode) && now(MAP) == CUT) {
        char path[32];
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        if (truncate(path, found.st_size / 2)) abort();
    }
    return mapped;
}

void *mmap(void *start, size_t len, int protection, int flags, int fd, off_t from) {
    return map(start, len, protection, flags, fd, from);
}

void *mmap64(void *start, size_t len, int protection, int flags, int fd, off64_t from) {
    return map(start, len, protection, flags, fd, from);
}

/* What a process without the right to more gets. A limit of the system does not bind root. */
int pthread_create(pthread_t *thread, const pthread_attr_t *with, void *(*work)(void *), void *of) {
    if (!ready) prepare();
    long number = __atomic_fetch_add(&calls[THREAD], 1, __ATOMIC_RELAXED);
    if (how == NO_THREAD && which == THREAD && number >= at) return EAGAIN;
    return REAL(pthread_create)(thread, with, work, of);
}
