/* A disk that fails, for LD_PRELOAD: full, torn in the middle of a write, or without power.

   A process arms itself (`disk_arm`), or PostgreSQL is armed by a file that DISK_CONTROL names. Only what lies below a
   folder counts. Without power, bytes that no fsync brought to the disk are cut off, and names of which no fsync of
   their folder followed are taken back, the last ones first, as a journal would. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { OFF, FULL_ONCE, FULL, TORN, POWER };
enum { WRITTEN = 512, NAMED = 4096 };
static int mode, at, lie, keep_bytes, keep_names;
static long count;
static char below[PATH_MAX], aside[PATH_MAX], control[PATH_MAX];
static int asked;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct { dev_t dev; ino_t ino; off_t safe; int fd; } written[WRITTEN];
static int n_written;
static struct { char made[PATH_MAX], from[PATH_MAX], old[PATH_MAX]; } *named;
static int n_named, n_old;

#define REAL(name) ({ static __typeof__(&name) real_##name; \
    if (!real_##name) real_##name = dlsym(RTLD_NEXT, #name); real_##name; })

int disk_arm(int how, int when, const char *folder, const char *spare, int lying, int bytes, int names) {
    asked = 1, *control = 0; /* a process that arms itself asks no file */
    at = when, lie = lying, keep_bytes = bytes, keep_names = names, count = 0;
    snprintf(below, sizeof below, "%s", folder);
    snprintf(aside, sizeof aside, "%s", spare);
    if (!named) named = calloc(NAMED, sizeof *named);
    mode = how;
    return 0;
}
long disk_count(void) { return count; }

static int inside(const char *path) { return *below && !strncmp(path, below, strlen(below)); }
static int path_of(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, PATH_MAX - 1);
    path[n < 0 ? 0 : n] = 0;
    return n > 0 && inside(path) && (!*control || strstr(path, "/pgdata/"));
}
static void die(void) { kill(getpid(), SIGKILL); for (;;) pause(); }

static void power_off(void) {
    for (int i = n_named - 1; i >= keep_names && i >= 0; i--) {
        if (*named[i].from) REAL(rename)(named[i].made, named[i].from);
        else if (*named[i].made) REAL(unlink)(named[i].made);
        if (*named[i].old) REAL(rename)(named[i].old, *named[i].from || !*named[i].made ? named[i].made : named[i].old);
    }
    for (int i = 0; i < n_written; i++)
        if (!keep_bytes) { if (ftruncate(written[i].fd, written[i].safe)) {} }
    die();
}

/* Armed by a file: every process below the one that was started with DISK_CONTROL. */
static void look_at_control(void) {
    if (!asked) {
        const char *said = getenv("DISK_CONTROL");
        asked = 1;
        if (said) snprintf(control, sizeof control, "%s", said), strcpy(below, "/");
    }
    if (!*control) return;
    char said[16] = "";
    int fd = REAL(open)(control, O_RDONLY);
    if (fd < 0) { mode = OFF; return; }
    if (read(fd, said, sizeof said - 1) < 0) said[0] = 0;
    close(fd);
    mode = !strncmp(said, "full", 4) ? FULL : !strncmp(said, "torn", 4) ? TORN : OFF;
    at = 0;
}

/* -1: fail with ENOSPC; 1: this is the moment. */
static int step(void) {
    long now = ++count;
    if (mode == FULL_ONCE && now == at) { errno = ENOSPC; return -1; }
    if (mode == FULL && now >= at) { errno = ENOSPC; return -1; }
    if (mode == TORN && *control && REAL(unlink)(control)) return 0; /* another process tore first */
    return (mode == TORN && now >= at) || (mode == POWER && now == at);
}

static void remember(int fd, int fresh) {
    struct stat found;
    if (fstat(fd, &found) || !S_ISREG(found.st_mode) || n_written == WRITTEN) return;
    for (int i = 0; i < n_written; i++)
        if (written[i].ino == found.st_ino && written[i].dev == found.st_dev) {
            if (fresh) written[i].safe = 0;
            return;
        }
    written[n_written].dev = found.st_dev, written[n_written].ino = found.st_ino;
    written[n_written].safe = fresh ? 0 : found.st_size;
    written[n_written++].fd = fcntl(fd, F_DUPFD_CLOEXEC, 500);
}

/* 0: go on; 1: half of it was to be written, and the rest never will. */
static int before_write(int fd, size_t size, size_t *half) {
    char path[PATH_MAX];
    int result = 0;
    look_at_control();
    if (mode == OFF || !path_of(fd, path)) return 0;
    pthread_mutex_lock(&lock);
    if (mode == POWER) remember(fd, 0);
    int now = step();
    if (now < 0) result = -1;
    else if (now && mode == POWER) power_off();
    else if (now) { *half = size / 2; result = 1; }
    pthread_mutex_unlock(&lock);
    return result;
}

#define WRITE(name, call_whole, call_half) { size_t half; int how = before_write(fd, size, &half); \
    if (how < 0) return -1; \
    if (how > 0) { if (call_half) {} die(); } \
    return call_whole; }
ssize_t write(int fd, const void *bytes, size_t size)
    WRITE(write, REAL(write)(fd, bytes, size), REAL(write)(fd, bytes, half))
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t where)
    WRITE(pwrite, REAL(pwrite)(fd, bytes, size, where), REAL(pwrite)(fd, bytes, half, where))
ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t where)
    WRITE(pwrite64, REAL(pwrite64)(fd, bytes, size, where), REAL(pwrite64)(fd, bytes, half, where))
static ssize_t vectors(int fd, const struct iovec *parts, int n, off_t where, int placed) {
    size_t size = 0;
    for (int i = 0; i < n; i++) size += parts[i].iov_len;
    WRITE(vectors, placed ? REAL(pwritev)(fd, parts, n, where) : REAL(writev)(fd, parts, n),
          placed ? REAL(pwrite)(fd, parts[0].iov_base, half < parts[0].iov_len ? half : parts[0].iov_len, where)
                 : REAL(write)(fd, parts[0].iov_base, half < parts[0].iov_len ? half : parts[0].iov_len))
}
ssize_t writev(int fd, const struct iovec *parts, int n) { return vectors(fd, parts, n, 0, 0); }
ssize_t pwritev(int fd, const struct iovec *parts, int n, off_t where) { return vectors(fd, parts, n, where, 1); }
ssize_t pwritev64(int fd, const struct iovec *parts, int n, off64_t where) { return vectors(fd, parts, n, where, 1); }
int posix_fallocate(int fd, off_t where, off_t size) {
    size_t half;
    return before_write(fd, size, &half) ? ENOSPC : REAL(posix_fallocate)(fd, where, size);
}
int posix_fallocate64(int fd, off64_t where, off64_t size) { return posix_fallocate(fd, where, size); }

static void sync_now(int fd) {
    char path[PATH_MAX];
    struct stat found;
    if (lie || fstat(fd, &found) || !path_of(fd, path)) return;
    if (S_ISDIR(found.st_mode)) {
        /* All before the last name of this folder is on the disk: a journal keeps the order. */
        size_t n = strlen(path);
        int last = -1;
        for (int i = 0; i < n_named; i++) {
            const char *name = named[i].made;
            if (!strncmp(name, path, n) && name[n] == '/' && !strchr(name + n + 1, '/')) last = i;
        }
        for (int i = 0; i <= last; i++) if (*named[i].old) REAL(unlink)(named[i].old);
        memmove(named, named + last + 1, (n_named - last - 1) * sizeof *named);
        n_named -= last + 1;
        return;
    }
    for (int i = 0; i < n_written; i++)
        if (written[i].ino == found.st_ino && written[i].dev == found.st_dev) {
            close(written[i].fd);
            written[i] = written[--n_written];
            return;
        }
}
static int before_sync(int fd) {
    char path[PATH_MAX];
    look_at_control();
    if (mode == OFF || !path_of(fd, path)) return 0;
    pthread_mutex_lock(&lock);
    int now = step();
    if (now > 0 && mode == POWER) power_off();
    if (now > 0) die();
    if (now == 0 && mode == POWER) sync_now(fd);
    pthread_mutex_unlock(&lock);
    return now;
}
int fsync(int fd) { return before_sync(fd) < 0 ? -1 : mode == POWER ? 0 : REAL(fsync)(fd); }
int fdatasync(int fd) { return before_sync(fd) < 0 ? -1 : mode == POWER ? 0 : REAL(fdatasync)(fd); }

static int before_name(const char *path) {
    if (mode == OFF || !inside(path)) return 0;
    int now = step();
    if (now > 0 && mode == POWER) power_off();
    if (now > 0) die();
    return now;
}
static void keep_old(const char *path) {
    named[n_named].old[0] = 0;
    if (mode != POWER || access(path, F_OK)) return;
    snprintf(named[n_named].old, PATH_MAX, "%.3000s/%d", aside, n_old++);
    if (link(path, named[n_named].old)) named[n_named].old[0] = 0;
}
static void note(const char *made, const char *from) {
    if (mode != POWER || n_named == NAMED - 1 || !inside(made)) return;
    snprintf(named[n_named].made, PATH_MAX, "%s", made);
    snprintf(named[n_named].from, PATH_MAX, "%s", from);
    n_named++;
}
int rename(const char *from, const char *to) {
    pthread_mutex_lock(&lock);
    int result = before_name(to);
    if (result == 0) {
        if (mode == POWER && inside(to)) keep_old(to);
        result = REAL(rename)(from, to);
        if (!result) note(to, from);
    }
    pthread_mutex_unlock(&lock);
    return result;
}
int unlink(const char *path) {
    pthread_mutex_lock(&lock);
    int result = before_name(path);
    if (result == 0) {
        if (mode == POWER && inside(path)) keep_old(path);
        result = REAL(unlink)(path);
        if (!result && mode == POWER && inside(path) && *named[n_named].old) {
            snprintf(named[n_named].made, PATH_MAX, "%s", named[n_named].old);
            snprintf(named[n_named].from, PATH_MAX, "%s", path); /* back it goes: old -> path */
            named[n_named].old[0] = 0, n_named++;
        }
    }
    pthread_mutex_unlock(&lock);
    return result;
}
static int opening(int folder, const char *path, int flags, mode_t rights) {
    int fresh = 0;
    pthread_mutex_lock(&lock);
    if (mode != OFF && (flags & O_CREAT) && inside(path)) {
        if (before_name(path) < 0) { pthread_mutex_unlock(&lock); return -1; }
        fresh = access(path, F_OK) != 0;
    }
    int fd = REAL(openat)(folder, path, flags, rights);
    if (fd >= 0 && mode == POWER && inside(path) && (flags & O_ACCMODE) != O_RDONLY) {
        if (fresh) { named[n_named].old[0] = 0; note(path, ""); }
        if (fresh || (flags & O_TRUNC)) remember(fd, 1);
    }
    pthread_mutex_unlock(&lock);
    return fd;
}
#define RIGHTS(flags) mode_t rights = 0; if (flags & (O_CREAT | __O_TMPFILE)) { \
    __builtin_va_list more; __builtin_va_start(more, flags); rights = __builtin_va_arg(more, mode_t); __builtin_va_end(more); }
int open(const char *path, int flags, ...) { RIGHTS(flags) return opening(AT_FDCWD, path, flags, rights); }
int open64(const char *path, int flags, ...) { RIGHTS(flags) return opening(AT_FDCWD, path, flags, rights); }
int openat(int folder, const char *path, int flags, ...) { RIGHTS(flags) return opening(folder, path, flags, rights); }
int openat64(int folder, const char *path, int flags, ...) { RIGHTS(flags) return opening(folder, path, flags, rights); }
