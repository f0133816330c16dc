// RocksDB: a column family of records by id and one of all indexes, whose keys begin with the
// index; synced writes of the log, LZ4, 512 MiB of block cache, Bloom filters.

#include "store.h"

#include <rocksdb/c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BYTES = sizeof(Record) - ID, FAMILIES = 2 };

static rocksdb_t *database;
static rocksdb_options_t *options[FAMILIES];
static rocksdb_column_family_handle_t *families[FAMILIES];
static rocksdb_cache_t *cache;
static rocksdb_writeoptions_t *synced;
static rocksdb_readoptions_t *reading;

static void check(char *error, const char *what) {
    if (error) fail(what, error);
}

// As "Setup Options and Basic Tuning" of RocksDB's wiki advises. Pipelined writes were slower here.
static rocksdb_options_t *make_options(int hasFilter) {
    rocksdb_options_t *result = rocksdb_options_create();
    rocksdb_options_set_create_if_missing(result, 1);
    rocksdb_options_set_create_missing_column_families(result, 1);
    rocksdb_options_set_max_background_jobs(result, 4);
    rocksdb_options_set_bytes_per_sync(result, 1 << 20);
    rocksdb_options_set_level_compaction_dynamic_level_bytes(result, 1);
    rocksdb_options_set_compression(result, rocksdb_lz4_compression);
    rocksdb_options_set_write_buffer_size(result, 64 << 20);
    rocksdb_options_set_max_total_wal_size(result, 256 << 20);
    rocksdb_block_based_table_options_t *table = rocksdb_block_based_options_create();
    rocksdb_block_based_options_set_block_cache(table, cache);
    rocksdb_block_based_options_set_block_size(table, 16 << 10);
    rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 1);
    rocksdb_block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(table, 1);
    rocksdb_block_based_options_set_format_version(table, 5);
    if (hasFilter)
        rocksdb_block_based_options_set_filter_policy(table,
                                                      rocksdb_filterpolicy_create_bloom_full(10));
    rocksdb_options_set_block_based_table_factory(result, table);
    rocksdb_block_based_options_destroy(table);
    return result;
}

static void open_store(const char *folder) {
    const char *names[] = {"default", "indexes"};
    char *error = NULL;
    cache = rocksdb_cache_create_lru((size_t)512 << 20);
    options[0] = make_options(1);
    options[1] = make_options(0);
    synced = rocksdb_writeoptions_create();
    rocksdb_writeoptions_set_sync(synced, 1);
    reading = rocksdb_readoptions_create();
    database = rocksdb_open_column_families(options[0], folder, FAMILIES, names,
                                            (const rocksdb_options_t *const *)options, families,
                                            &error);
    check(error, "rocksdb_open");
}

static void close_store(void) {
    for (int i = 0; i < FAMILIES; i++) rocksdb_column_family_handle_destroy(families[i]);
    rocksdb_close(database);
    for (int i = 0; i < FAMILIES; i++) rocksdb_options_destroy(options[i]);
    rocksdb_writeoptions_destroy(synced);
    rocksdb_readoptions_destroy(reading);
    rocksdb_cache_destroy(cache);
}

static void put(const Record *batch, int count) {
    rocksdb_writebatch_t *writes = rocksdb_writebatch_create();
    for (int i = 0; i < count; i++) {
        const Record *record = &batch[i];
        rocksdb_writebatch_put_cf(writes, families[0], (const char *)record->id, ID,
                                  (const char *)record + ID, BYTES);
        for (int index = 0; index < INDEXES; index++) {
            uint8_t key[LONGEST_KEY];
            key[0] = (uint8_t)index;
            int length = 1 + index_key(index, record, key + 1);
            rocksdb_writebatch_put_cf(writes, families[1], (const char *)key, length, "", 0);
        }
    }
    char *error = NULL;
    rocksdb_write(database, synced, writes, &error);
    check(error, "rocksdb_write");
    rocksdb_writebatch_destroy(writes);
}

static uint64_t property(const char *name, int family) {
    uint64_t value = 0;
    rocksdb_property_int_cf(database, families[family], name, &value);
    return value;
}

static void checkpoint(void) {
    rocksdb_flushoptions_t *flush = rocksdb_flushoptions_create();
    rocksdb_flushoptions_set_wait(flush, 1);
    char *error = NULL;
    for (int family = 0; family < FAMILIES; family++) {
        rocksdb_flush_cf(database, flush, families[family], &error);
        check(error, "rocksdb_flush");
    }
    rocksdb_flushoptions_destroy(flush);
    // Compactions that are due begin by themselves.
    for (int quiet = 0; quiet < 10; usleep(10000)) {
        int isBusy = 0;
        for (int family = 0; family < FAMILIES; family++)
            isBusy |= property("rocksdb.compaction-pending", family)
                || property("rocksdb.num-running-compactions", family)
                || property("rocksdb.num-running-flushes", family);
        quiet = isBusy ? 0 : quiet + 1;
    }
}

static int64_t count(void) {
    rocksdb_iterator_t *rows = rocksdb_create_iterator_cf(database, reading, families[0]);
    int64_t result = 0;
    for (rocksdb_iter_seek_to_first(rows); rocksdb_iter_valid(rows); rocksdb_iter_next(rows))
        result++;
    rocksdb_iter_destroy(rows);
    return result;
}

static int look(const uint8_t *id, Record *into, size_t bytes) {
    char *error = NULL;
    rocksdb_pinnableslice_t *value = rocksdb_get_pinned_cf(database, reading, families[0],
                                                           (const char *)id, ID, &error);
    check(error, "rocksdb_get");
    if (!value) return 0;
    size_t length;
    const char *start = rocksdb_pinnableslice_value(value, &length);
    memcpy(into->id, id, ID);
    memcpy((char *)into + ID, start, bytes);
    rocksdb_pinnableslice_destroy(value);
    return 1;
}

static int get(const uint8_t id[ID], Record *into) { return look(id, into, BYTES); }

static int get_metadata(const uint8_t id[ID], Record *into) {
    return look(id, into, COLUMNS + METADATA);
}

// The ids of the keys from `first` on that begin with its first bytes.
static int walk(const uint8_t *first, size_t length, size_t prefix, uint8_t (*ids)[ID], int most) {
    uint8_t end[LONGEST_KEY];
    memcpy(end, first, prefix);
    for (size_t i = prefix; i-- > 0 && ++end[i] == 0;) {}
    rocksdb_readoptions_t *bounded = rocksdb_readoptions_create();
    rocksdb_readoptions_set_iterate_upper_bound(bounded, (const char *)end, prefix);
    rocksdb_iterator_t *rows = rocksdb_create_iterator_cf(database, bounded, families[1]);
    int found = 0;
    rocksdb_iter_seek(rows, (const char *)first, length);
    for (; found < most && rocksdb_iter_valid(rows); rocksdb_iter_next(rows)) {
        size_t size;
        const char *key = rocksdb_iter_key(rows, &size);
        memcpy(ids[found++], key + size - ID, ID);
    }
    rocksdb_iter_destroy(rows);
    rocksdb_readoptions_destroy(bounded);
    return found;
}

// The records of ids, in one call as RocksDB advises.
static int look_all(uint8_t (*ids)[ID], int count, Record *into) {
    const char *keys[MOST_ROWS] = {NULL};
    size_t lengths[MOST_ROWS] = {0};
    rocksdb_pinnableslice_t *values[MOST_ROWS];
    char *errors[MOST_ROWS];
    for (int i = 0; i < count; i++) {
        keys[i] = (const char *)ids[i];
        lengths[i] = ID;
    }
    rocksdb_batched_multi_get_cf(database, reading, families[0], count, keys, lengths, values,
                                 errors, 0);
    for (int i = 0; i < count; i++) {
        check(errors[i], "rocksdb_batched_multi_get");
        if (!values[i]) fail("an index", "its record is not there");
        size_t length;
        const char *start = rocksdb_pinnableslice_value(values[i], &length);
        memcpy(into[i].id, ids[i], ID);
        memcpy((char *)&into[i] + ID, start, BYTES);
        rocksdb_pinnableslice_destroy(values[i]);
    }
    return count;
}

static int newest_ids(uint32_t owner, uint8_t ids[][ID], int most) {
    uint8_t first[5] = {BY_OWNER};
    put32(first + 1, owner);
    return walk(first, sizeof first, sizeof first, ids, most);
}

static int newest(uint32_t owner, Record *into, int most) {
    uint8_t ids[MOST_ROWS][ID];
    return look_all(ids, newest_ids(owner, ids, most), into);
}

static int important(uint32_t owner, uint32_t type, double above, Record *into, int most) {
    uint8_t ids[MOST_ROWS][ID], first[1 + 16 + ID] = {BY_IMPORTANCE};
    // Behind every key of the bound itself.
    memset(put_double(put32(put32(first + 1, owner), type), above), 0xff, ID);
    return look_all(ids, walk(first, sizeof first, 9, ids, most), into);
}

const Engine engine = {
    "rocksdb", ROCKSDB_VERSION,
    "synced log, LZ4, 16 KiB blocks, 512 MiB block cache, Bloom filter of 10 bits", open_store,
    close_store, put, checkpoint, count, get, get_metadata, newest_ids, newest, important,
};
