// The time zones of the machine, by the names of the IANA database: files of TZif below
// /usr/share/zoneinfo, which Debian's package tzdata brings. Each is read once and then kept.
// formats/expressions.md#zones

internal import MnemeBase
internal import Synchronization

/// Zones by their names.
package final class Zones: Sendable {
    /// Those of this machine.
    package static let shared = Zones("/usr/share/zoneinfo")

    private let directory: String
    private let known = Mutex<[String: ZoneTable]>([:])
    /// More are not kept; there are about 600.
    private static let mostKept = 1024
    private static let largestFile: UInt64 = 1 << 20

    /// The zones whose files are below a directory.
    package init(_ directory: String) { self.directory = directory }

    /// Whether a text could be the name of a zone: parts of letters, digits, `_`, `+` and `-`
    /// between slashes, each beginning with a letter, at most 64 bytes.
    package static func isName(_ text: String) -> Bool {
        guard (1...64).contains(text.utf8.count) else { return false }
        for part in text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        {
            guard let first = part.first, isLetter(first),
                part.allSatisfy({
                    isLetter($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_")
                        || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-")
                })
            else { return false }
        }
        return true
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (65...90).contains(byte) || (97...122).contains(byte)
    }

    /// The table of a zone; nil where the machine has none of this name.
    ///
    /// - Complexity: O(1) for one that was asked for before, but for the hash of its name.
    package subscript(_ name: String) -> ZoneTable? {
        if let table = known.withLock({ $0[name] }) { return table }
        guard Self.isName(name), let table = read(name) else { return nil }
        known.withLock { known in
            if known.count < Self.mostKept { known[name] = table }
        }
        return table
    }

    /// Expects a zone to be known.
    ///
    /// - Throws: `.unknownZone`, which says whether it is the name or all zones that are missing.
    package func check(_ name: String) throws(MnemeError) {
        if self[name] != nil { return }
        let disk = RealDisk()
        let hasZones = (try? disk.list(directory))?.contains("Europe") ?? false
        guard hasZones else {
            throw MnemeError(
                .unknownZone,
                "the zone \(quoted(name)) is not known, as this machine has no time zones: there "
                    + "is nothing in \(directory). Install the package tzdata, or give a distance "
                    + "such as '+02:00'"
            )
        }
        throw MnemeError(
            .unknownZone,
            "there is no time zone \(quoted(name)) in \(directory). Give a name of the IANA "
                + "database such as 'Europe/Berlin', case counts; or a distance such as '+02:00'"
        )
    }

    private func read(_ name: String) -> ZoneTable? {
        guard let file = try? RealDisk().open(directory + "/" + name, .read) else { return nil }
        defer { try? file.close() }
        guard let count = try? file.byteCount(), count > 0, count <= Self.largestFile else {
            return nil
        }
        guard let bytes = try? file.read(at: 0, count: Int(count)) else { return nil }
        return ZoneTable(bytes)
    }
}

extension Zones {
    /// The distance of a zone from UTC at an instant in microseconds: of `UTC`, of `±hh:mm`, and of
    /// a name; nil for anything else, and for a zone that the machine does not have.
    package func distance(_ zone: String, at instant: Instant) -> Int64? {
        if let fixed = ZoneOffset.microseconds(zone) { return fixed }
        guard let table = self[zone] else { return nil }
        let (quotient, remainder) = instant.microseconds.quotientAndRemainder(
            dividingBy: 1_000_000
        )
        let seconds = remainder < 0 ? quotient - 1 : quotient
        return Int64(table.distance(at: seconds)) * 1_000_000
    }
}
