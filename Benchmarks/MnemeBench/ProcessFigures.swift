// What Linux says about this process.

internal import Foundation
internal import MnemeBase

/// Figures of this process.
enum ProcessFigures {
    /// Bytes in memory: what no file stands behind, and mapped files of the store but for its log.
    ///
    /// What is free in the heap is given back first: nobody uses it.
    ///
    /// - Complexity: O(*n*) in the mappings and the heap, some milliseconds.
    static func residentBytes(store: String) -> Int {
        Heap.giveBack()
        guard let map = text(of: "/proc/self/smaps") else { return 0 }
        return residentBytes(map: map, store: resolved(store))
    }

    /// The same from the text of an `smaps` file (proc(5)).
    static func residentBytes(map: String, store: String) -> Int {
        var total = 0
        var isIndex = false
        for line in map.split(separator: "\n") {
            let words = line.split(separator: " ", omittingEmptySubsequences: true)
            guard let first = words.first else { continue }
            if first.contains("-"), !first.hasSuffix(":") {
                let path = words.count > 5 ? String(words[5]) : ""
                isIndex = path.hasPrefix(store + "/") && !path.hasPrefix(store + "/log/")
            } else if first == "Anonymous:" || (isIndex && first == "Rss:"), words.count > 1 {
                // A private mapping of an index file never has anonymous pages of its own here.
                total += (Int(words[1]) ?? 0) * 1024
            }
        }
        return total
    }

    /// Memory, threads and open files now; what Linux does not say is 0.
    static func now() -> ProcessFiguresNow {
        ProcessFiguresNow(
            status: text(of: "/proc/self/status") ?? "",
            openFiles: (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?
                .count ?? 0
        )
    }

    /// Bytes that this process handed to the system's calls for writing so far (proc(5), `io`).
    ///
    /// What the system says goes to a disk counts all of a large page of memory for a few bytes.
    static func writtenBytes() -> Int {
        let line = text(of: "/proc/self/io")?.split(separator: "\n")
            .first { $0.hasPrefix("wchar:") }
        return line?.split(separator: " ").last.flatMap { Int($0) } ?? 0
    }

    private static func resolved(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }

    private static func text(of path: String) -> String? {
        guard let file = FileHandle(forReadingAtPath: path),
            let data = try? file.readToEnd()
        else { return nil }
        return String(decoding: data, as: UTF8.self)
    }
}

/// What a process takes at one moment.
struct ProcessFiguresNow {
    /// Bytes in memory that no file stands behind.
    let anonymousBytes: Int
    /// Bytes in memory of mapped files.
    let fileBytes: Int
    let threads: Int
    let openFiles: Int

    /// From the text of a `status` file (proc(5)).
    init(status: String, openFiles: Int) {
        func number(_ name: String) -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            return line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0
        }
        anonymousBytes = number("RssAnon") * 1024
        fileBytes = number("RssFile") * 1024
        threads = number("Threads")
        self.openFiles = openFiles
    }
}
