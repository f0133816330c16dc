// SQLite: one table with a unique id and five indexes, write-ahead log, synchronous FULL. Writers
// take turns at one connection, as SQLite advises; the reader has its own.

#include "store.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

enum { INSERT, BEGIN, COMMIT, WRITES };
enum { GET, METADATA_OF, NEWEST_IDS, NEWEST, IMPORTANT, COUNT, READS };
// Three records of 2.5 KiB fit into a page of 8 KiB, one into SQLite's usual 4 KiB, which was slower
// in all that writes. A checkpoint is due after 64 MiB of log.
#define PAGE_SIZE "8192"
#define LOG_PAGES "8192"
#define COLUMN_NAMES "id, created, importance, session, owner, type, tag, metadata"

static const char *const SETTINGS =
    "PRAGMA page_size=" PAGE_SIZE "; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    "PRAGMA wal_autocheckpoint=" LOG_PAGES "; PRAGMA cache_size=-262144;"
    "PRAGMA mmap_size=68719476736; PRAGMA temp_store=MEMORY;";

// The first index has the id, so that SQLite finds the newest ids in it alone.
static const char *const SCHEMA =
    "CREATE TABLE IF NOT EXISTS records (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE,"
    " created INTEGER NOT NULL, importance REAL NOT NULL, session INTEGER, owner INTEGER NOT NULL,"
    " type INTEGER NOT NULL, tag INTEGER, metadata TEXT, text TEXT);"
    "CREATE INDEX IF NOT EXISTS by_owner ON records (owner, created DESC, id);"
    "CREATE INDEX IF NOT EXISTS by_importance ON records (owner, type, importance);"
    "CREATE INDEX IF NOT EXISTS by_type ON records (type, created);"
    "CREATE INDEX IF NOT EXISTS by_session ON records (session);"
    "CREATE INDEX IF NOT EXISTS by_tag ON records (tag);";

static const char *const WRITE_WORDS[] = {
    "INSERT INTO records (" COLUMN_NAMES ", text) VALUES (?,?,?,?,?,?,?,?,?)",
    "BEGIN IMMEDIATE", "COMMIT"};
static const char *const READ_WORDS[] = {
    "SELECT " COLUMN_NAMES ", text FROM records WHERE id = ?",
    "SELECT " COLUMN_NAMES " FROM records WHERE id = ?",
    "SELECT id FROM records WHERE owner = ? ORDER BY created DESC LIMIT ?",
    "SELECT " COLUMN_NAMES ", text FROM records WHERE owner = ? ORDER BY created DESC LIMIT ?",
    "SELECT " COLUMN_NAMES ", text FROM records WHERE owner = ? AND type = ? AND importance > ?"
    " ORDER BY importance LIMIT ?",
    "SELECT count(*) FROM records"};

static sqlite3 *writer, *reader;
static sqlite3_stmt *writes[WRITES], *reads[READS];
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static void check(sqlite3 *database, int code, const char *what) {
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
        fail(what, sqlite3_errmsg(database));
}

static void run(sqlite3 *database, const char *words) {
    check(database, sqlite3_exec(database, words, NULL, NULL, NULL), words);
}

static sqlite3 *connection(const char *path) {
    sqlite3 *database;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &database, flags, NULL)) fail("sqlite3_open", path);
    run(database, SETTINGS);
    return database;
}

static void prepare(sqlite3 *database, const char *const words[], sqlite3_stmt **into, int count) {
    for (int i = 0; i < count; i++)
        check(database, sqlite3_prepare_v3(database, words[i], -1, SQLITE_PREPARE_PERSISTENT,
                                           &into[i], NULL), words[i]);
}

static void open_store(const char *folder) {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    char path[4096];
    snprintf(path, sizeof path, "%s/records", folder);
    writer = connection(path);
    run(writer, SCHEMA);
    reader = connection(path);
    prepare(writer, WRITE_WORDS, writes, WRITES);
    prepare(reader, READ_WORDS, reads, READS);
}

static void close_store(void) {
    for (int i = 0; i < WRITES; i++) sqlite3_finalize(writes[i]);
    for (int i = 0; i < READS; i++) sqlite3_finalize(reads[i]);
    check(reader, sqlite3_close(reader), "sqlite3_close");
    check(writer, sqlite3_close(writer), "sqlite3_close");
}

static void step(sqlite3_stmt *statement) {
    check(writer, sqlite3_step(statement), sqlite3_sql(statement));
    check(writer, sqlite3_reset(statement), sqlite3_sql(statement));
}

static void insert(const Record *record) {
    sqlite3_stmt *one = writes[INSERT];
    sqlite3_bind_blob(one, 1, record->id, ID, SQLITE_STATIC);
    sqlite3_bind_int64(one, 2, record->created);
    sqlite3_bind_double(one, 3, record->importance);
    sqlite3_bind_int64(one, 4, record->session);
    sqlite3_bind_int64(one, 5, record->owner);
    sqlite3_bind_int64(one, 6, record->type);
    sqlite3_bind_int64(one, 7, record->tag);
    sqlite3_bind_text(one, 8, record->metadata, METADATA, SQLITE_STATIC);
    sqlite3_bind_text(one, 9, record->text, TEXT, SQLITE_STATIC);
    step(one);
}

static void put(const Record *batch, int count) {
    pthread_mutex_lock(&turn);
    step(writes[BEGIN]);
    for (int i = 0; i < count; i++) insert(&batch[i]);
    step(writes[COMMIT]);
    pthread_mutex_unlock(&turn);
}

static void checkpoint(void) { run(writer, "PRAGMA wal_checkpoint(TRUNCATE)"); }

static int64_t count(void) {
    check(reader, sqlite3_step(reads[COUNT]), "count");
    int64_t result = sqlite3_column_int64(reads[COUNT], 0);
    sqlite3_reset(reads[COUNT]);
    return result;
}

static void copy(sqlite3_stmt *row, int column, void *into, int size) {
    const void *bytes = sqlite3_column_blob(row, column);
    if (sqlite3_column_bytes(row, column) != size) fail("a column", "it has another length");
    memcpy(into, bytes, size);
}

static void take(sqlite3_stmt *row, Record *into, int isWhole) {
    copy(row, 0, into->id, ID);
    into->created = sqlite3_column_int64(row, 1);
    into->importance = sqlite3_column_double(row, 2);
    into->session = sqlite3_column_int64(row, 3);
    into->owner = sqlite3_column_int(row, 4);
    into->type = sqlite3_column_int(row, 5);
    into->tag = sqlite3_column_int(row, 6);
    copy(row, 7, into->metadata, METADATA);
    if (isWhole) copy(row, 8, into->text, TEXT);
}

// All rows of a question; ids where there is room for them, else records.
static int answer(int question, uint8_t (*ids)[ID], Record *into) {
    sqlite3_stmt *rows = reads[question];
    int code, found = 0;
    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
        if (ids) copy(rows, 0, ids[found], ID);
        else take(rows, &into[found], question != METADATA_OF);
        found++;
    }
    check(reader, code, sqlite3_sql(rows));
    sqlite3_reset(rows);
    return found;
}

static int get(const uint8_t id[ID], Record *into) {
    sqlite3_bind_blob(reads[GET], 1, id, ID, SQLITE_STATIC);
    return answer(GET, NULL, into);
}

static int get_metadata(const uint8_t id[ID], Record *into) {
    sqlite3_bind_blob(reads[METADATA_OF], 1, id, ID, SQLITE_STATIC);
    return answer(METADATA_OF, NULL, into);
}

static int newest_ids(uint32_t owner, uint8_t ids[][ID], int most) {
    sqlite3_bind_int64(reads[NEWEST_IDS], 1, owner);
    sqlite3_bind_int64(reads[NEWEST_IDS], 2, most);
    return answer(NEWEST_IDS, ids, NULL);
}

static int newest(uint32_t owner, Record *into, int most) {
    sqlite3_bind_int64(reads[NEWEST], 1, owner);
    sqlite3_bind_int64(reads[NEWEST], 2, most);
    return answer(NEWEST, NULL, into);
}

static int important(uint32_t owner, uint32_t type, double above, Record *into, int most) {
    sqlite3_bind_int64(reads[IMPORTANT], 1, owner);
    sqlite3_bind_int64(reads[IMPORTANT], 2, type);
    sqlite3_bind_double(reads[IMPORTANT], 3, above);
    sqlite3_bind_int64(reads[IMPORTANT], 4, most);
    return answer(IMPORTANT, NULL, into);
}

const Engine engine = {
    "sqlite", SQLITE_VERSION,
    "WAL, synchronous FULL, pages of " PAGE_SIZE ", checkpoint every " LOG_PAGES " pages",
    open_store, close_store, put, checkpoint, count, get, get_metadata, newest_ids, newest,
    important,
};
