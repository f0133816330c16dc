// The records of StoreRecords.swift: what is drawn from chance, and in which order, is the same.

#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *pool;
static size_t pool_size;

void fail(const char *what, const char *why) {
    fprintf(stderr, "store: %s: %s\n", what, why ? why : "no reason given");
    exit(1);
}

uint64_t chance(uint64_t *state) {
    uint64_t mixed = *state += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
}

// Definitions of WordNet in ASCII without what JSON would escape.
static void read_pool(void) {
    enum { WANTED = 4 << 20, LONGEST = 1 << 16 };
    FILE *file = fopen("/usr/share/wordnet/data.noun", "r");
    if (!file) fail("WordNet", "install Debian's package wordnet-base");
    pool = malloc(WANTED + LONGEST);
    static char line[LONGEST];
    while (pool_size < WANTED && fgets(line, sizeof line, file)) {
        const char *bar = strchr(line, '|');
        if (!bar) continue;
        for (const char *at = bar + 1; *at && *at != '\n'; at++) {
            char byte = (unsigned char)*at >= 0x80 ? '?' : *at;
            pool[pool_size++] = byte == '"' || byte == '\\' ? '\'' : byte;
        }
    }
    fclose(file);
}

static void put_text(char *to, size_t size, uint64_t *state) {
    memcpy(to, pool + chance(state) % (pool_size - size), size);
}

void make_id(int64_t number, uint8_t id[ID]) {
    uint64_t state = (uint64_t)number * 2 + 1;
    uint64_t high = chance(&state), low = chance(&state);
    put64(put64(id, high), low);
}

static uint64_t columns(int64_t number, Record *into) {
    uint64_t state = (uint64_t)number * 7 + 3;
    make_id(number, into->id);
    into->owner = chance(&state) % OWNERS;
    into->type = chance(&state) % TYPES;
    double whole = chance(&state) % 1000000, part = number % 1000000;
    into->importance = (whole + part / 1000000) / 1000000;
    into->tag = chance(&state) % TAGS;
    into->created = 1700000000000000 + number * 1000003;
    into->session = number / 20;
    return state;
}

void make_columns(int64_t number, Record *into) { columns(number, into); }

void make_record(int64_t number, Record *into) {
    if (!pool) read_pool();
    uint64_t state = columns(number, into);
    char *at = into->metadata;
    int version = chance(&state) % 9, confidence = 10 + chance(&state) % 90;
    at += sprintf(at, "{\"source\":\"conversation\",\"model\":\"small\",\"version\":%d,"
                  "\"confidence\":%d,\"language\":\"en\",\"entities\":[", version, confidence);
    for (int i = 0; i < 8; i++)
        at += sprintf(at, "%s\"entity%d\"", i ? "," : "", 1000 + (int)(chance(&state) % 9000));
    at += sprintf(at, "],\"summary\":\"");
    size_t rest = into->metadata + METADATA - at - 2;
    put_text(at, rest, &state);
    memcpy(at + rest, "\"}", 2);
    put_text(into->text, TEXT, &state);
}

int index_key(int index, const Record *record, uint8_t *to) {
    uint8_t *at = to;
    switch (index) {
    case BY_OWNER: at = put64(put32(at, record->owner), ~(uint64_t)record->created); break;
    case BY_IMPORTANCE:
        at = put_double(put32(put32(at, record->owner), record->type), record->importance);
        break;
    case BY_TYPE: at = put64(put32(at, record->type), record->created); break;
    case BY_SESSION: at = put64(at, record->session); break;
    case BY_TAG: at = put32(at, record->tag); break;
    }
    memcpy(at, record->id, ID);
    return (int)(at + ID - to);
}
