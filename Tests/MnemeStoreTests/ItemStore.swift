// What the tests of views and of prepared questions share: a store in memory whose cache of records
// has room for few, and keys of which some are too long to stand in an owner list.

import MnemeBase
import MnemeModel

@testable import MnemeStore

enum ItemStore {
    /// A key by its number; of texts one in nine is long.
    static func key(_ type: KeyType, _ number: Int) -> Key {
        switch type {
        case .int: .int(Int64(number))
        case .uuid: .uuid(UniqueID(high: UInt64(number) &* 0x9e37_79b9_7f4a_7c15, low: 7))
        case .text:
            .text(
                String(repeating: "ké", count: number % 9 == 0 ? 30 : 1 + number % 5) + "\(number)"
            )
        }
    }

    /// A store of a schema: some records are read from the log again, and some are pushed out.
    static func store(_ schema: Schema, _ clock: any Clock) throws -> Store {
        var options = StoreOptions()
        options.disk = MemoryDisk()
        options.clock = clock
        options.worksInBackground = false
        options.recordCacheBytes = 64 * 4096
        let store = try Store.open("/items", options: options)
        try store.define(schema)
        return store
    }
}
