// What the peers of "mneme-bench store" share: the records, and what an engine has to be able to
// do.

#ifndef STORE_H
#define STORE_H

#include <stddef.h>
#include <stdint.h>

enum { OWNERS = 100, TYPES = 8, TAGS = 50, ID = 16, COLUMNS = 36, METADATA = 500, TEXT = 2000 };
enum { MOST_ROWS = 50 };

// A record: 2,552 bytes, and none between them.
typedef struct {
    uint8_t id[ID];
    // The fixed columns.
    int64_t created; // microseconds
    double importance;
    uint64_t session;
    uint32_t owner, type, tag;
    char metadata[METADATA]; // JSON
    char text[TEXT];
} __attribute__((packed)) Record;

// The record of a number, the same that mneme-bench makes.
void make_record(int64_t number, Record *into);
void make_id(int64_t number, uint8_t id[ID]);
// What a record can be asked for by, without its texts.
void make_columns(int64_t number, Record *into);

// Chance as mneme-bench has it (SplitMix64).
uint64_t chance(uint64_t *state);

// An embedded store at its recommended settings for durable commits. A function that fails ends the
// program. Records that are read are copied for the caller, for whom answers outlive transactions.
typedef struct {
    const char *name;
    const char *version;
    const char *settings;
    // Opens the store in a folder, or makes it.
    void (*open)(const char *folder);
    void (*close)(void);
    // One durable transaction; called by any thread.
    void (*put)(const Record *records, int count);
    // Brings to its place what commits left behind, and waits for work behind to be done.
    void (*checkpoint)(void);
    int64_t (*count)(void);
    // Questions, of the first thread alone. They return how many records were found.
    int (*get)(const uint8_t id[ID], Record *into);
    // Everything but the text.
    int (*get_metadata)(const uint8_t id[ID], Record *into);
    // An owner's newest: their ids alone, or whole.
    int (*newest_ids)(uint32_t owner, uint8_t ids[][ID], int most);
    int (*newest)(uint32_t owner, Record *into, int most);
    // Of an owner and type, the least important above a bound.
    int (*important)(uint32_t owner, uint32_t type, double above, Record *into, int most);
} Engine;

extern const Engine engine;

void fail(const char *what, const char *why) __attribute__((noreturn));

// Numbers in keys, so that bytes sort as numbers do. They return the end of what they wrote.
static inline uint8_t *put32(uint8_t *to, uint32_t number) {
    for (int i = 0; i < 4; i++) to[i] = (uint8_t)(number >> (24 - 8 * i));
    return to + 4;
}

static inline uint8_t *put64(uint8_t *to, uint64_t number) {
    return put32(put32(to, (uint32_t)(number >> 32)), (uint32_t)number);
}

// The bits of a number that is not negative sort as it does.
static inline uint8_t *put_double(uint8_t *to, double number) {
    uint64_t bits;
    __builtin_memcpy(&bits, &number, 8);
    return put64(to, bits);
}

// The five indexes of stores that only have keys: a key is what the index is of and the id.
enum { BY_OWNER, BY_IMPORTANCE, BY_TYPE, BY_SESSION, BY_TAG, INDEXES };
enum { LONGEST_KEY = 1 + 16 + ID };

// Writes the key of a record in an index; returns its length.
int index_key(int index, const Record *record, uint8_t *to);

#endif
