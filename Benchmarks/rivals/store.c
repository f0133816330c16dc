// The work of "mneme-bench store" on an embedded peer, in the same order: ingest, questions whose
// answers are checked, commits, reopening, disk. Prints the same lines as JSON.

#define _GNU_SOURCE
#include "store.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

enum { BATCHES_AHEAD = 50, MOST_CLIENTS = 64 };

static struct {
    int64_t records, commits, seconds, batch, reads, passes;
} options = {100000, 4000, 60, 1000, 5000, 3};

static char folder[4096], scratch[4096];
static int64_t stored, next;
static uint64_t ingest_written, commit_written;

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void *room(size_t bytes) {
    void *result = malloc(bytes ? bytes : 1);
    if (!result) fail("malloc", "out of memory");
    return result;
}

// MARK: Figures

static void start_line(const char *event) {
    printf("{\"bench\": \"store\", \"engine\": \"%s\", \"event\": \"%s\"", engine.name, event);
}

static void say(const char *name, double value) { printf(", \"%s\": %.10g", name, value); }

static void end_line(void) {
    puts("}");
    fflush(stdout);
}

static int ascending(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

// Microseconds that so many percent do not exceed (nearest rank), of sorted nanoseconds.
static double percentile(int percent, const int64_t *sorted, int64_t count) {
    if (count == 0) return 0;
    int64_t rank = (percent * count + 99) / 100;
    return sorted[rank < 1 ? 0 : rank - 1] / 1000.0;
}

static void say_percentiles(int64_t *nanoseconds, int64_t count) {
    qsort(nanoseconds, count, sizeof *nanoseconds, ascending);
    say("p50Microseconds", percentile(50, nanoseconds, count));
    say("p99Microseconds", percentile(99, nanoseconds, count));
}

static double median(double *values, int count) {
    for (int i = 1; i < count; i++)
        for (int k = i; k > 0 && values[k - 1] > values[k]; k--) {
            double one = values[k];
            values[k] = values[k - 1];
            values[k - 1] = one;
        }
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

// Bytes written to the block device so far, with what the system still held back; 0 where there is
// no block device.
static uint64_t written_bytes(void) {
    struct stat status;
    char path[64];
    unsigned long long sectors = 0;
    sync();
    if (stat(folder, &status)) fail("stat", folder);
    snprintf(path, sizeof path, "/sys/dev/block/%u:%u/stat", major(status.st_dev),
             minor(status.st_dev));
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    if (fscanf(file, "%*u %*u %*u %*u %*u %*u %llu", &sectors) != 1) sectors = 0;
    fclose(file);
    return sectors * 512;
}

// Nothing where there was no block device to ask.
static void say_amplification(const char *name, uint64_t bytes, int64_t records) {
    if (bytes && records) say(name, (double)bytes / (records * sizeof(Record)));
}

// MARK: Writes

// The disk's data sync, right before what is to be read beside it: SyncControl.swift.
static void control(int64_t count) {
    enum { BLOCK = 2560 };
    char path[4200], block[BLOCK];
    char *zeros = calloc(1, 1 << 20);
    int64_t *nanoseconds = room(count * sizeof *nanoseconds);
    snprintf(path, sizeof path, "%s/control", scratch);
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) fail("open", path);
    for (int64_t at = 0; at < count * BLOCK; at += 1 << 20)
        if (pwrite(file, zeros, 1 << 20, at) != 1 << 20) fail("pwrite", path);
    if (fsync(file)) fail("fsync", path);
    for (int i = 0; i < BLOCK; i++) block[i] = (char)(i * 31);
    for (int64_t i = 0; i < count; i++) {
        int64_t start = now();
        if (pwrite(file, block, BLOCK, i * BLOCK) != BLOCK) fail("pwrite", path);
        if (fdatasync(file)) fail("fdatasync", path);
        nanoseconds[i] = now() - start;
    }
    close(file);
    unlink(path);
    start_line("control");
    say("syncs", count);
    say_percentiles(nanoseconds, count);
    end_line();
    free(nanoseconds);
    free(zeros);
}

static void ingest(void) {
    int64_t batches = (options.records + options.batch - 1) / options.batch, done = 0, total = 0;
    int64_t *nanoseconds = room(batches * sizeof *nanoseconds);
    Record *records = room(options.batch * BATCHES_AHEAD * sizeof *records);
    uint64_t written = written_bytes();
    while (stored < options.records) {
        int64_t ahead = options.batch * BATCHES_AHEAD;
        if (ahead > options.records - stored) ahead = options.records - stored;
        for (int64_t i = 0; i < ahead; i++) make_record(stored + i, &records[i]);
        for (int64_t i = 0; i < ahead; i += options.batch) {
            int64_t count = ahead - i < options.batch ? ahead - i : options.batch, start = now();
            engine.put(&records[i], (int)count);
            nanoseconds[done] = now() - start;
            total += nanoseconds[done++];
        }
        stored += ahead;
    }
    next = stored;
    int64_t start = now();
    engine.checkpoint();
    double checkpoint = (now() - start) * 1e-9;
    ingest_written = written_bytes() - written;
    start_line("ingest");
    say("records", stored);
    say("batch", options.batch);
    say("seconds", total * 1e-9);
    say("recordsPerSecond", stored / (total * 1e-9));
    say_percentiles(nanoseconds, done);
    say("checkpointSeconds", checkpoint);
    say_amplification("writeAmplification", ingest_written, stored);
    end_line();
    free(records);
    free(nanoseconds);
}

typedef struct {
    const Record *records;
    int64_t *nanoseconds;
    int64_t count, end, done;
} Client;

static void *commit_alone(void *argument) {
    Client *client = argument;
    while (client->done < client->count) {
        int64_t start = now();
        engine.put(&client->records[client->done], 1);
        int64_t stop = now();
        client->nanoseconds[client->done++] = stop - start;
        if (stop >= client->end) break;
    }
    return NULL;
}

static void commit(int clients) {
    int64_t each = options.commits / clients > 0 ? options.commits / clients : 1, done = 0;
    Record *records = room(each * clients * sizeof *records);
    int64_t *nanoseconds = room(each * clients * sizeof *nanoseconds);
    for (int64_t i = 0; i < each * clients; i++) make_record(next + i, &records[i]);
    next += each * clients;
    Client crew[MOST_CLIENTS];
    pthread_t threads[MOST_CLIENTS];
    uint64_t written = written_bytes();
    int64_t start = now(), end = start + options.seconds * 1000000000;
    for (int i = 0; i < clients; i++) {
        crew[i] = (Client){&records[i * each], &nanoseconds[i * each], each, end, 0};
        if (pthread_create(&threads[i], NULL, commit_alone, &crew[i])) fail("pthread_create", 0);
    }
    for (int i = 0; i < clients; i++) pthread_join(threads[i], NULL);
    double seconds = (now() - start) * 1e-9;
    for (int i = 0; i < clients; i++) {
        memmove(&nanoseconds[done], crew[i].nanoseconds, crew[i].done * sizeof *nanoseconds);
        done += crew[i].done;
    }
    stored += done;
    engine.checkpoint();
    uint64_t bytes = written_bytes() - written;
    commit_written += bytes;
    start_line("commit");
    say("clients", clients);
    say("commits", done);
    say("commitsPerSecond", done / seconds);
    say_percentiles(nanoseconds, done);
    say("maximumMicroseconds", percentile(100, nanoseconds, done));
    say_amplification("writeAmplification", bytes, done);
    end_line();
    free(nanoseconds);
    free(records);
}

// MARK: Reads

enum { GET, GET_METADATA, NEWEST_IDS, NEWEST, COMPOUND, KINDS };
static const char *const KIND_NAMES[] = {"get", "getMetadata", "newest50ids", "newest50",
                                         "compound50"};

static Record found[MOST_ROWS];
static uint8_t found_ids[MOST_ROWS][ID];

static int type_of(int64_t number) { return number / OWNERS % TYPES; }

static int ask(int kind, int64_t number, const uint8_t id[ID]) {
    switch (kind) {
    case GET: return engine.get(id, found);
    case GET_METADATA: return engine.get_metadata(id, found);
    case NEWEST_IDS: return engine.newest_ids(number % OWNERS, found_ids, MOST_ROWS);
    case NEWEST: return engine.newest(number % OWNERS, found, MOST_ROWS);
    default:
        return engine.important(number % OWNERS, type_of(number), 0.5, found, MOST_ROWS);
    }
}

// What questions must be answered with: numbers of records, newest first by owner, and least
// important first by owner and type. Found by looking at all records.
typedef struct {
    int count;
    double importance[MOST_ROWS];
    int64_t numbers[MOST_ROWS];
} Answer;

static Answer newest_of[OWNERS], important_of[OWNERS][TYPES];

static void find_answers(int64_t count) {
    Record one;
    for (int64_t number = count - 1; number >= 0; number--) {
        make_columns(number, &one);
        Answer *newest = &newest_of[one.owner], *kind = &important_of[one.owner][one.type];
        if (newest->count < MOST_ROWS) newest->numbers[newest->count++] = number;
        if (one.importance <= 0.5) continue;
        int place = kind->count;
        while (place > 0 && kind->importance[place - 1] > one.importance) place--;
        if (place == MOST_ROWS) continue;
        if (kind->count < MOST_ROWS) kind->count++;
        for (int i = kind->count - 1; i > place; i--) {
            kind->importance[i] = kind->importance[i - 1];
            kind->numbers[i] = kind->numbers[i - 1];
        }
        kind->importance[place] = one.importance;
        kind->numbers[place] = number;
    }
}

// Holds an answer against what it must be; takes its ids into a digest (FNV-1a).
static void check_answer(int kind, int64_t number, int rows, uint64_t *digest) {
    Answer alone = {.count = 1, .numbers = {number}};
    const Answer *wanted = &alone;
    if (kind == NEWEST_IDS || kind == NEWEST) wanted = &newest_of[number % OWNERS];
    if (kind == COMPOUND) wanted = &important_of[number % OWNERS][type_of(number)];
    if (rows != wanted->count) fail(KIND_NAMES[kind], "an answer has another number of records");
    for (int i = 0; i < rows; i++) {
        Record record;
        const uint8_t *id = kind == NEWEST_IDS ? found_ids[i] : found[i].id;
        make_id(wanted->numbers[i], record.id);
        if (memcmp(id, record.id, ID)) fail(KIND_NAMES[kind], "an answer has another record");
        for (int k = 0; k < ID; k++) *digest = (*digest ^ id[k]) * 0x100000001b3;
        if (kind == NEWEST_IDS) continue;
        make_record(wanted->numbers[i], &record);
        size_t bytes = kind == GET_METADATA ? offsetof(Record, text) : sizeof record;
        if (memcmp(&found[i], &record, bytes)) fail(KIND_NAMES[kind], "a record is not as put");
    }
}

static void read_kind(int kind) {
    uint64_t state = 99, digest = 0xcbf29ce484222325;
    int64_t count = options.reads, rows = 0;
    int64_t *numbers = room(count * sizeof *numbers), *nanoseconds = room(count * sizeof *numbers);
    uint8_t (*ids)[ID] = room(count * sizeof *ids);
    for (int64_t i = 0; i < count; i++) {
        numbers[i] = chance(&state) % options.records;
        make_id(numbers[i], ids[i]);
    }
    for (int64_t i = 0; i < count; i++) {
        int answered = ask(kind, numbers[i], ids[i]);
        check_answer(kind, numbers[i], answered, &digest);
        rows += answered;
    }
    double *rates = room(options.passes * sizeof *rates);
    double *middles = room(options.passes * sizeof *middles);
    double *tails = room(options.passes * sizeof *tails);
    for (int pass = 0; pass < options.passes; pass++) {
        int64_t start = now();
        for (int64_t i = 0; i < count; i++) {
            int64_t before = now();
            ask(kind, numbers[i], ids[i]);
            nanoseconds[i] = now() - before;
        }
        rates[pass] = count / ((now() - start) * 1e-9);
        qsort(nanoseconds, count, sizeof *nanoseconds, ascending);
        middles[pass] = percentile(50, nanoseconds, count);
        tails[pass] = percentile(99, nanoseconds, count);
    }
    start_line(KIND_NAMES[kind]);
    say("queriesPerSecond", median(rates, options.passes));
    say("p50Microseconds", median(middles, options.passes));
    say("p99Microseconds", median(tails, options.passes));
    say("rowsPerQuery", (double)rows / count);
    printf(", \"answers\": \"%016llx\"", (unsigned long long)digest);
    end_line();
    free(numbers);
    free(nanoseconds);
    free(ids);
    free(rates);
    free(middles);
    free(tails);
}

// MARK: The end

static void reopen(void) {
    double *opened = room(options.passes * sizeof *opened);
    double *answered = room(options.passes * sizeof *answered);
    for (int pass = 0; pass < options.passes; pass++) {
        uint8_t id[ID];
        make_id(pass * 37 % options.records, id);
        engine.close();
        int64_t start = now();
        engine.open(folder);
        opened[pass] = (now() - start) / 1000.0;
        int rows = engine.get(id, found);
        answered[pass] = (now() - start) / 1000.0;
        if (rows != 1 || engine.count() != stored) fail("reopening", "records are missing");
    }
    start_line("reopen");
    say("openMicroseconds", median(opened, options.passes));
    say("firstGetMicroseconds", median(answered, options.passes));
    say("records", stored);
    end_line();
    free(opened);
    free(answered);
}

// Bytes of the files in the store's folder; removes them.
static uint64_t remove_all(void) {
    uint64_t bytes = 0;
    DIR *directory = opendir(folder);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        struct stat status;
        if (fstatat(dirfd(directory), entry->d_name, &status, 0) || !S_ISREG(status.st_mode))
            continue;
        bytes += status.st_size;
        unlinkat(dirfd(directory), entry->d_name, 0);
    }
    if (directory) closedir(directory);
    rmdir(folder);
    rmdir(scratch);
    return bytes;
}

static void disk(void) {
    engine.close();
    int64_t logical = stored * sizeof(Record);
    uint64_t bytes = remove_all();
    start_line("disk");
    say("bytes", bytes);
    say("logicalBytes", logical);
    say("bytesPerLogicalByte", (double)bytes / logical);
    say_amplification("writeAmplification", ingest_written, options.records);
    say_amplification("commitWriteAmplification", commit_written, stored - options.records);
    printf(", \"version\": \"%s\", \"settings\": \"%s\"", engine.version, engine.settings);
    end_line();
}

static void take_options(int count, char **words) {
    struct { const char *name; int64_t *value; } known[] = {
        {"--records", &options.records}, {"--commits", &options.commits},
        {"--seconds", &options.seconds}, {"--batch", &options.batch}, {"--reads", &options.reads},
        {"--passes", &options.passes},
    };
    for (int i = 1; i < count; i++) {
        size_t k = 0;
        if (!strcmp(words[i], "--json")) continue;
        if (!strcmp(words[i], "--smoke")) {
            options.records = 2000;
            options.commits = 200;
            options.reads = 100;
            continue;
        }
        while (k < sizeof known / sizeof *known && strcmp(words[i], known[k].name)) k++;
        if (k == sizeof known / sizeof *known || i + 1 == count || atoll(words[i + 1]) < 1) {
            fprintf(stderr, "usage: store [--records N] [--commits N] [--seconds N] [--batch N] "
                    "[--reads N] [--passes N] [--smoke] [--json]\n");
            exit(2);
        }
        *known[k].value = atoll(words[++i]);
    }
}

int main(int count, char **words) {
    take_options(count, words);
    const char *place = getenv("TMPDIR");
    snprintf(scratch, sizeof scratch - 32, "%s/mneme-rivals-XXXXXX", place ? place : "/tmp");
    if (!mkdtemp(scratch)) fail("mkdtemp", scratch);
    int length = snprintf(folder, sizeof folder, "%s/store", scratch);
    if (length >= (int)sizeof folder || mkdir(folder, 0755)) fail("mkdir", folder);
    engine.open(folder);
    int64_t syncs = options.commits < 2000 ? options.commits : 2000;
    control(syncs);
    ingest();
    find_answers(options.records);
    for (int kind = 0; kind < KINDS; kind++) read_kind(kind);
    for (int clients = 1; clients <= 16; clients += 15) {
        control(syncs);
        commit(clients);
    }
    reopen();
    disk();
    return 0;
}
