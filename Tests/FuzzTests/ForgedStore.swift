// A small store in memory, closed, whose files are changed and whose checksums are then made to
// match: what a bug or an attacker would leave.

import MnemeBase
import MnemeLog
import MnemeModel
import MnemeStore

@testable import FuzzTargets
@testable import Mneme

/// The files of a store, and what to ask of it.
struct ForgedStore {
    static let directory = "memory"
    /// The files by their paths.
    let files: [String: [UInt8]]

    /// Makes a store with records, edges, words and vectors, of which some are in a checkpoint.
    init() throws {
        let disk = MemoryDisk()
        var memory = try Self.open(disk, .create)
        for request in Self.first { _ = try memory.perform(Request(json: request)) }
        try memory.close()
        memory = try Self.open(disk, .open)
        for request in Self.second { _ = try memory.perform(Request(json: request)) }
        // Without a checkpoint at the end, so that there is something to replay.
        files = try Self.files(of: disk)
        try memory.close()
    }

    /// A disk with these files.
    static func disk(_ files: [String: [UInt8]]) throws(DiskError) -> MemoryDisk {
        let disk = MemoryDisk()
        for folder in [directory, directory + "/log"] { try disk.createDirectory(folder) }
        for (path, bytes) in files { try disk.open(path, .create).write(bytes, at: 0) }
        return disk
    }

    private static func files(of disk: MemoryDisk) throws(DiskError) -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for folder in [directory, directory + "/log"] {
            for name in try disk.list(folder) where name != "lock" {
                let file = try disk.open(folder + "/" + name, .read)
                files[folder + "/" + name] = try file.read(at: 0, count: Int(try file.byteCount()))
            }
        }
        return files
    }

    /// Opens what is on a disk.
    static func open(_ disk: MemoryDisk, _ mode: StoreMode) throws(MnemeError) -> Memory {
        var options = StoreOptions()
        options.disk = disk
        options.worksInBackground = false
        options.logLimits.smallestSegment = 1 << 16
        var own = MemoryOptions()
        own.embedsText = false
        return try Memory(store: Store.open(directory, mode, options: options), options: own)
    }

    /// Asks everything of a store; every answer is one or an error.
    static func ask(_ memory: Memory) throws {
        for question in questions {
            let request = try Request(json: question)
            _ = try? memory.perform(request)
        }
        _ = try? memory.verify()
        for request in second.dropFirst() { _ = try? memory.perform(Request(json: request)) }
        try? memory.close()
    }

    private static let first =
        [
            #"""
            {"define": {"collections": [
              {"name": "people", "key": "int", "fields": [{"name": "name", "type": "text"}]},
              {"name": "notes", "fields": [
                {"name": "owner", "type": "text"},
                {"name": "text", "type": "text", "searchable": true},
                {"name": "number", "type": "int"}, {"name": "at", "type": "instant"},
                {"name": "data", "type": "json"},
                {"name": "meaning", "type": {"vector": {"dimension": 4}}},
                {"name": "person", "type": "int"}],
               "indexes": [{"name": "by_number", "fields": ["number", "at"]}],
               "references": [{"name": "who", "fields": ["person"],
            "to": "people"}],
               "history": {}, "roles": {"owner": "owner", "text": "text", "time": "at"}}],
             "edges": [{"name": "cites", "fields": [{"name": "weight", "type": "float"}]}]}}
            """#
        ] + (0..<8).map { put($0) } + [
            link(0, 1)
        ]

    private static let second = [
        #"{"commit": {"changes": [{"put": {"collection": "people", "key": 2, "fields": {}}}]}}"#,
        #"{"commit": {"changes": [{"delete": "notes/3"}, {"erase": "notes/4"}]}}"#,
        link(1, 2),
        put(9), put(2),
    ]

    private static func link(_ from: Int, _ to: Int) -> String {
        #"{"commit": {"changes": [{"link": {"type": "cites", "from": "notes/\#(from)", "#
            + #""to": "notes/\#(to)"}}]}}"#
    }

    private static func put(_ key: Int) -> String {
        #"{"commit": {"changes": [{"put": {"collection": "people", "key": 1, "fields": "#
            + #"{"name": "ann"}}}, {"put": {"collection": "notes", "key": "\#(key)", "fields": "#
            + #"{"owner": "ann/\#(key % 2)", "text": "green tea, brewed \#(key) times", "#
            + #""number": \#(key), "at": "2024-02-29T08:00:0\#(key)Z", "data": {"a": [\#(key)]}, "#
            + #""meaning": {"$vector": [1, 0.\#(key), -1, 0]}, "person": 1}}}]}}"#
    }

    static let questions = [
        #"{"describe": {}}"#, #"{"statistics": {}}"#,
        #"{"get": {"references": ["notes/1", "notes/2", "notes/3", "people/1"]}}"#,
        #"{"get": {"references": ["notes/2"], "versions": true}}"#,
        #"{"find": {"collection": "notes", "where": {"number": {"gt": 1}}, "order": ["at"]}}"#,
        #"{"find": {"collection": "notes", "match": {"field": "text", "words": "green tea"}}}"#,
        #"{"find": {"collection": "notes", "near": {"field": "meaning", "vector": "#
            + #"{"$vector": [1, 0, 0, 0]}}}}"#,
        #"{"find": {"edges": "cites", "where": {"weight": null}}}"#,
        #"{"walk": {"from": ["notes/0"], "hops": 3}}"#,
        #"{"count": {"collection": "notes", "owner": "ann"}}"#,
    ]
}
