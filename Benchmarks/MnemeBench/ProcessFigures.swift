// What Linux says about this process.

internal import Foundation

/// Figures of this process.
enum ProcessFigures {
    /// Bytes in memory: what no file stands behind, and mapped files of the store but for its log.
    ///
    /// - Complexity: O(*n*) in the mappings, some milliseconds.
    static func residentBytes(store: String) -> Int {
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
