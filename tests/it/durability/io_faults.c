/* Preloaded into the server under test: writes to its SQLite files fail on demand.
 *
 * The file that MENJIN_TEST_FAULT names holds "<errno> <n>": after n more calls every write, truncation and sync of a file whose path
 * contains "menjin.db" fails with that error. While there is no such file, nothing fails. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static char last[64];
static int calls;

static int of_database(int fd) {
    char link[64], path[512];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strstr(path, "menjin.db") && !strstr(path, ".lock");
}

static int fails(int fd) {
    const char *control = getenv("MENJIN_TEST_FAULT");
    char now[64] = "";
    int code = 0, after = 0;
    if (!control || !of_database(fd)) return 0;
    FILE *file = fopen(control, "r");
    if (!file) return 0;
    char *read = fgets(now, sizeof now, file);
    fclose(file);
    if (!read || sscanf(now, "%d %d", &code, &after) != 2) return 0;
    if (strcmp(now, last)) {
        strcpy(last, now);
        calls = 0;
    }
    if (calls++ < after) return 0;
    errno = code;
    return 1;
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *bytes, size_t count) {
    REAL(write);
    return fails(fd) ? -1 : real(fd, bytes, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    REAL(pwrite);
    return fails(fd) ? -1 : real(fd, bytes, count, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
    REAL(pwrite64);
    return fails(fd) ? -1 : real(fd, bytes, count, offset);
}

int ftruncate(int fd, off_t length) {
    REAL(ftruncate);
    return fails(fd) ? -1 : real(fd, length);
}

int ftruncate64(int fd, off64_t length) {
    REAL(ftruncate64);
    return fails(fd) ? -1 : real(fd, length);
}

int fsync(int fd) {
    REAL(fsync);
    return fails(fd) ? -1 : real(fd);
}

int fdatasync(int fd) {
    REAL(fdatasync);
    return fails(fd) ? -1 : real(fd);
}
