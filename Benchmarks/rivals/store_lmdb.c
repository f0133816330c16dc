// LMDB: a database of records by id and one for each index; a big map, synced commits.

#include "store.h"

#include <lmdb.h>
#include <string.h>

enum { BYTES = sizeof(Record) - ID };
#define WORDS(number) #number
#define NUMBER(number) WORDS(number)
#define VERSION \
    NUMBER(MDB_VERSION_MAJOR) "." NUMBER(MDB_VERSION_MINOR) "." NUMBER(MDB_VERSION_PATCH)

static const size_t MAP = (size_t)64 << 30;
static const char *const NAMES[] = {"owner", "importance", "type", "session", "tag"};

static MDB_env *environment;
static MDB_dbi records, indexes[INDEXES];
// The reader's, reset between questions and renewed by them.
static MDB_txn *reader;
static MDB_cursor *by_owner, *by_importance;

static void check(int code, const char *what) {
    if (code) fail(what, mdb_strerror(code));
}

static void open_store(const char *folder) {
    MDB_txn *transaction;
    check(mdb_env_create(&environment), "mdb_env_create");
    check(mdb_env_set_mapsize(environment, MAP), "mdb_env_set_mapsize");
    check(mdb_env_set_maxdbs(environment, 1 + INDEXES), "mdb_env_set_maxdbs");
    check(mdb_env_open(environment, folder, 0, 0644), "mdb_env_open");
    check(mdb_txn_begin(environment, NULL, 0, &transaction), "mdb_txn_begin");
    check(mdb_dbi_open(transaction, "records", MDB_CREATE, &records), "mdb_dbi_open");
    for (int i = 0; i < INDEXES; i++)
        check(mdb_dbi_open(transaction, NAMES[i], MDB_CREATE, &indexes[i]), "mdb_dbi_open");
    check(mdb_txn_commit(transaction), "mdb_txn_commit");
    check(mdb_txn_begin(environment, NULL, MDB_RDONLY, &reader), "mdb_txn_begin");
    check(mdb_cursor_open(reader, indexes[BY_OWNER], &by_owner), "mdb_cursor_open");
    check(mdb_cursor_open(reader, indexes[BY_IMPORTANCE], &by_importance), "mdb_cursor_open");
    mdb_txn_reset(reader);
}

static void close_store(void) {
    mdb_cursor_close(by_owner);
    mdb_cursor_close(by_importance);
    mdb_txn_abort(reader);
    mdb_env_close(environment);
}

static void put(const Record *batch, int count) {
    MDB_txn *transaction;
    check(mdb_txn_begin(environment, NULL, 0, &transaction), "mdb_txn_begin");
    for (int i = 0; i < count; i++) {
        const Record *record = &batch[i];
        MDB_val key = {ID, (void *)record->id}, value = {BYTES, (char *)record + ID};
        check(mdb_put(transaction, records, &key, &value, MDB_NOOVERWRITE), "mdb_put");
        for (int index = 0; index < INDEXES; index++) {
            uint8_t bytes[LONGEST_KEY];
            MDB_val entry = {index_key(index, record, bytes), bytes}, nothing = {0, ""};
            check(mdb_put(transaction, indexes[index], &entry, &nothing, 0), "mdb_put");
        }
    }
    check(mdb_txn_commit(transaction), "mdb_txn_commit");
}

// Commits leave nothing behind.
static void checkpoint(void) {}

static int64_t count(void) {
    MDB_stat statistics;
    check(mdb_txn_renew(reader), "mdb_txn_renew");
    check(mdb_stat(reader, records, &statistics), "mdb_stat");
    mdb_txn_reset(reader);
    return statistics.ms_entries;
}

static int look(const uint8_t *id, Record *into, size_t bytes) {
    MDB_val key = {ID, (void *)id}, value;
    int code = mdb_get(reader, records, &key, &value);
    if (code == MDB_NOTFOUND) return 0;
    check(code, "mdb_get");
    memcpy(into->id, id, ID);
    memcpy((char *)into + ID, value.mv_data, bytes);
    return 1;
}

static int look_alone(const uint8_t *id, Record *into, size_t bytes) {
    check(mdb_txn_renew(reader), "mdb_txn_renew");
    int found = look(id, into, bytes);
    mdb_txn_reset(reader);
    return found;
}

static int get(const uint8_t id[ID], Record *into) { return look_alone(id, into, BYTES); }

static int get_metadata(const uint8_t id[ID], Record *into) {
    return look_alone(id, into, COLUMNS + METADATA);
}

// The ids, or the records where they are wanted, of the keys from `first` on that begin with its
// first bytes.
static int walk(MDB_cursor *cursor, uint8_t *first, size_t length, size_t prefix,
                uint8_t (*ids)[ID], Record *into, int most) {
    check(mdb_txn_renew(reader), "mdb_txn_renew");
    check(mdb_cursor_renew(reader, cursor), "mdb_cursor_renew");
    MDB_val key = {length, first}, value;
    int rows = 0, code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    for (; !code && rows < most; rows++) {
        if (key.mv_size < prefix || memcmp(key.mv_data, first, prefix)) break;
        const uint8_t *id = (uint8_t *)key.mv_data + key.mv_size - ID;
        if (ids) memcpy(ids[rows], id, ID);
        else if (!look(id, &into[rows], BYTES)) fail("an index", "its record is not there");
        code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    if (code && code != MDB_NOTFOUND) check(code, "mdb_cursor_get");
    mdb_txn_reset(reader);
    return rows;
}

static int newest_ids(uint32_t owner, uint8_t ids[][ID], int most) {
    uint8_t first[4];
    put32(first, owner);
    return walk(by_owner, first, 4, 4, ids, NULL, most);
}

static int newest(uint32_t owner, Record *into, int most) {
    uint8_t first[4];
    put32(first, owner);
    return walk(by_owner, first, 4, 4, NULL, into, most);
}

static int important(uint32_t owner, uint32_t type, double above, Record *into, int most) {
    uint8_t first[16 + ID];
    // Behind every key of the bound itself.
    memset(put_double(put32(put32(first, owner), type), above), 0xff, ID);
    return walk(by_importance, first, sizeof first, 8, NULL, into, most);
}

const Engine engine = {
    "lmdb", VERSION, "default sync, 64 GiB map", open_store, close_store, put,
    checkpoint, count, get, get_metadata, newest_ids, newest, important,
};
