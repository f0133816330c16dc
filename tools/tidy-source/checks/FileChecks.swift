// The checks that look at one file.

/// What is wrong with a file by itself.
package enum FileChecks {
    static let lineLimit = 100
    static let fileLimit = 700

    /// Everything that is wrong with a file.
    package static func findings(in file: SourceFile) -> [Finding] {
        unfinished(file) + (file.isSwift ? swiftFindings(in: file) : [])
    }

    private static func swiftFindings(in file: SourceFile) -> [Finding] {
        length(file) + head(file) + imports(file) + unsafe(file) + traps(file)
    }

    static func length(_ file: SourceFile) -> [Finding] {
        var findings: [Finding] = []
        for (index, line) in file.lines.enumerated() where line.count > lineLimit {
            findings.append(
                Finding(
                    file.path,
                    index + 1,
                    "\(line.count) columns, \(lineLimit) are allowed",
                    "break the line"
                )
            )
        }
        if file.lines.count > fileLimit {
            findings.append(
                Finding(
                    file.path,
                    fileLimit + 1,
                    "\(file.lines.count) lines, \(fileLimit) are allowed",
                    "look for the second noun in it and give that a file of its own"
                )
            )
        }
        return findings
    }

    static func head(_ file: SourceFile) -> [Finding] {
        guard !file.isTest, file.path != "Package.swift" else { return [] }
        let first = file.lines.first ?? ""
        if first.hasPrefix("//"), !first.hasPrefix("///") { return [] }
        return [
            Finding(
                file.path,
                1,
                "the file has no head",
                "begin it with one to twelve lines of // on what lives here and what always holds"
            )
        ]
    }

    static func imports(_ file: SourceFile) -> [Finding] {
        guard let room = file.room else { return [] }
        guard let floor = room.floor else {
            return [
                Finding(
                    file.path,
                    1,
                    "\(room.name) is no room of the house",
                    "give it a floor in Floors.swift, or move the file"
                )
            ]
        }
        return each(file.code) { line in
            guard let imported = ImportLine(line) else { return nil }
            if imported.access == "public", !Floors.doors.contains(room.name) {
                return (
                    "\(room.name) passes \(imported.module) on with a public import",
                    "write package import or internal import"
                )
            }
            return Floors.objection(to: imported.module, in: room.name, on: floor)
        }.map { Finding(file.path, $0, $1, $2) }
    }

    static func unsafe(_ file: SourceFile) -> [Finding] {
        guard !UncheckedList.allows(file.path) else { return [] }
        let marks = ["unsafe ", "Unsafe", "@unchecked Sendable", "nonisolated(unsafe)", "@unsafe"]
        return each(file.code) { line in
            guard let mark = marks.first(where: { line.contains($0) }) else { return nil }
            return (
                "unsafe code (\(mark.trimming)) outside its list",
                "write it checked, or name the file with a reason in UncheckedList.swift"
            )
        }.map { Finding(file.path, $0, $1, $2) }
    }

    static func traps(_ file: SourceFile) -> [Finding] {
        guard file.isSource else { return [] }
        let marks = ["try!", "as!", "fatalError("]
        return each(file.code) { line in
            guard let mark = marks.first(where: { line.containsWord($0) }) else { return nil }
            return ("\(mark.trimming) may trap", "throw a typed error, or precondition on a bug")
        }.map { Finding(file.path, $0, $1, $2) }
    }

    static func unfinished(_ file: SourceFile) -> [Finding] {
        // Put together here so that this file does not find itself.
        let words = ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"]
        let phrases = ["not imple" + "mented", "unimple" + "mented", "place" + "holder"]
        return each(file.lines) { line in
            let lowercase = line.lowercased()
            guard
                let mark = words.first(where: { line.containsWord($0) })
                    ?? phrases.first(where: { lowercase.contains($0) })
            else { return nil }
            return ("unfinished work (\(mark))", "finish it or take it out")
        }.map { Finding(file.path, $0, $1, $2) }
    }

    /// The lines, from 1, that `check` objects to.
    private static func each(
        _ lines: [String],
        _ check: (String) -> (String, String)?
    ) -> [(Int, String, String)] {
        lines.enumerated().compactMap { index, line in
            check(line).map { (index + 1, $0.0, $0.1) }
        }
    }
}

extension String {
    /// Without blanks at its ends.
    fileprivate var trimming: String {
        let start = drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }

    /// Whether `word` occurs with no letter, digit or underscore right before or after it.
    fileprivate func containsWord(_ word: String) -> Bool {
        var rest = self[...]
        while let place = rest.firstRange(of: word) {
            let before = self[..<place.lowerBound].last
            let after = self[place.upperBound...].first
            let endsInWord = word.last?.isPartOfWord == true
            if before?.isPartOfWord != true, !endsInWord || after?.isPartOfWord != true {
                return true
            }
            rest = rest[place.upperBound...]
        }
        return false
    }
}

extension Character {
    fileprivate var isPartOfWord: Bool { isLetter || isNumber || self == "_" }
}
