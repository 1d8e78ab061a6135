/* Fails, shortens or interrupts one call with which a program reads or changes files, or ends the program at it.
 * Preloaded into the command; what it does is told in the environment:
 *
 *   EVZ_FAULT        "HOW WHICH N": the N-th call, from 0 on, of those that are WHICH (read, write or map)
 *                    HOW is short, eintr, eio, enospc, kill (before the call) or torn (killed in the middle of it);
 *                    of maps it is cut: half of the file is gone once it is mapped
 *   EVZ_FAULT_CALLS  a file that takes the number of reads, of writes and of maps at the end, and a line with a letter
 *                    for what each write does: w bytes, t a length, s to the disk, o opened, and of names n given,
 *                    u taken, d of a folder
 *
 * Of programs that the command starts none is touched. Only regular files and the standard streams count; standard
 * error is left alone. What changes names and lengths is a write here, and so is a file that is opened to be written.
 * Names are changed past the C library too, so that the kernel hands these calls over to be failed. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

enum which { READ, WRITE, MAP };
enum how { NONE, SHORT, INTERRUPTED, NO_INPUT, NO_SPACE, KILL, TORN, CUT };

static const char *const HOWS[] = {"", "short", "eintr", "eio", "enospc", "kill", "torn", "cut"};
static enum how how;
static enum which which;
static long at = -1;
static long calls[3];
static char did[1 << 16];
static int ready;

static int is_the_command(void) { return !strcmp(program_invocation_short_name, "evz"); }

static void prepare(void) {
    const char *told = is_the_command() ? getenv("EVZ_FAULT") : NULL;
    char name[16], of[16];
    if (told && sscanf(told, "%15s %15s %ld", name, of, &at) == 3) {
        for (int i = SHORT; i <= CUT; i++)
            if (!strcmp(name, HOWS[i])) how = i;
        which = !strcmp(of, "write") ? WRITE : !strcmp(of, "map") ? MAP : READ;
    }
    ready = 1;
}

static void have_names_handed_over(void);

__attribute__((constructor)) static void begin(void) {
    prepare();
    have_names_handed_over();
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("EVZ_FAULT_CALLS");
    if (!path || !is_the_command()) return;
    char line[64];
    int n = snprintf(line, sizeof line, "%ld %ld %ld\n", calls[READ], calls[WRITE], calls[MAP]);
    int fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    syscall(SYS_write, fd, line, n);
    syscall(SYS_write, fd, did, strnlen(did, sizeof did));
    syscall(SYS_close, fd);
}

/* What is to be done with this call. */
static enum how now(enum which kind, char does) {
    if (!ready) prepare();
    long number = __atomic_fetch_add(&calls[kind], 1, __ATOMIC_RELAXED);
    if (kind == WRITE && number < (long)sizeof did) did[number] = does;
    enum how what = kind == which && number == at ? how : NONE;
    if (what == KILL) raise(SIGKILL);
    return what;
}

/* The same of a call on an open file. */
static enum how now_of(enum which kind, char does, int fd) {
    struct stat found;
    if (fd == 2 || fstat(fd, &found)) return NONE;
    return S_ISREG(found.st_mode) || fd <= 1 ? now(kind, does) : NONE;
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
    enum how what = now_of(kind, 'w', fd);                                                                           \
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

int ftruncate(int fd, off_t n) { enum how what = now_of(WRITE, 't', fd); DOES(what, REAL(ftruncate)(fd, n)); }
int ftruncate64(int fd, off64_t n) { enum how what = now_of(WRITE, 't', fd); DOES(what, REAL(ftruncate64)(fd, n)); }
int fdatasync(int fd) { enum how what = now_of(WRITE, 's', fd); DOES(what, REAL(fdatasync)(fd)); }

int fsync(int fd) {
    enum how what = now(WRITE, 's'); /* folders too */
    DOES(what, REAL(fsync)(fd));
}

/* What changes names: by which calls of the kernel, and the letter of each. */
static const struct { int number; char does; } NAMES[] = {
#ifdef SYS_rename
    {SYS_rename, 'n'}, {SYS_link, 'n'}, {SYS_symlink, 'n'}, {SYS_unlink, 'u'}, {SYS_rmdir, 'u'}, {SYS_mkdir, 'd'},
#endif
    {SYS_renameat, 'n'}, {SYS_renameat2, 'n'}, {SYS_linkat, 'n'}, {SYS_symlinkat, 'n'}, {SYS_unlinkat, 'u'},
    {SYS_mkdirat, 'd'},
};
enum { N_NAMES = sizeof NAMES / sizeof *NAMES };
/* The sixth argument of those that this layer makes itself; none has so many. */
enum { OURS = 0x65767a };

#if defined __x86_64__
static const int ARGUMENTS[] = {REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8};
#define ARGUMENT(of, n) (of)->uc_mcontext.gregs[ARGUMENTS[n]]
#define RESULT(of) (of)->uc_mcontext.gregs[REG_RAX]
#elif defined __aarch64__
#define ARGUMENT(of, n) (of)->uc_mcontext.regs[n]
#define RESULT(of) (of)->uc_mcontext.regs[0]
#else
#error "say in which registers the kernel has the arguments of a call and its result"
#endif

/* Makes a call that was handed over, or fails it. Names are not changed by halves, and nothing interrupts that. */
static void change_names(int signal, siginfo_t *of, void *context) {
    (void)signal;
    ucontext_t *at = context;
    int before = errno, i = 0;
    while (i < N_NAMES - 1 && NAMES[i].number != of->si_syscall) i++;
    enum how what = is_the_command() ? now(WRITE, NAMES[i].does) : NONE;
    long done = -1;
    if (what == INTERRUPTED || !fails(what))
        done = syscall(of->si_syscall, ARGUMENT(at, 0), ARGUMENT(at, 1), ARGUMENT(at, 2), ARGUMENT(at, 3),
                       ARGUMENT(at, 4), OURS);
    if (what == TORN) raise(SIGKILL);
    RESULT(at) = done < 0 ? -errno : done;
    errno = before;
}

/* Programs that the command starts have its filter, and so need what takes the calls as well. */
static void have_names_handed_over(void) {
    struct sigaction take = {.sa_sigaction = change_names, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART};
    sigaction(SIGSYS, &take, NULL);
    if (!is_the_command()) return;
    struct sock_filter filter[N_NAMES + 5];
    int n = 0;
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[5]));
    filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OURS, N_NAMES + 1, 0);
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (int i = 0; i < N_NAMES; i++)
        filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NAMES[i].number, N_NAMES - i, 0);
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
    struct sock_fprog program = {n, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
        perror("layer.c: the kernel hands no calls over");
        abort();
    }
}

#define OPENS(name, ...)                                                                                             \
    mode_t mode = 0;                                                                                                 \
    if (flags & (O_CREAT | __O_TMPFILE)) {                                                                           \
        va_list rest;                                                                                                \
        va_start(rest, flags);                                                                                       \
        mode = va_arg(rest, mode_t);                                                                                 \
        va_end(rest);                                                                                                \
    }                                                                                                                \
    enum how what = (flags & O_ACCMODE) != O_RDONLY ? now(WRITE, 'o') : NONE;                                        \
    DOES(what, REAL(name)(__VA_ARGS__, flags, mode))

int open(const char *path, int flags, ...) { OPENS(open, path); }
int open64(const char *path, int flags, ...) { OPENS(open64, path); }
int openat(int folder, const char *path, int flags, ...) { OPENS(openat, folder, path); }
int openat64(int folder, const char *path, int flags, ...) { OPENS(openat64, folder, path); }

/* Where the program maps a file to read it, it may be cut under it. */
static void *map(void *start, size_t len, int protection, int flags, int fd, off_t from) {
    void *mapped = (void *)syscall(SYS_mmap, start, len, protection, flags, fd, from);
    struct stat found;
    if (fd >= 0 && protection == PROT_READ && !fstat(fd, &found) && S_ISREG(found.st_mode) && now(MAP, 0) == CUT) {
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
