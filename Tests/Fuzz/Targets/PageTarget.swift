// Page files of strangers, whose checksums are right or not: opening, reading everything that a
// store reads, writing what it writes. Each ends in an answer or an error, and what is written to a
// file that is whole is there afterwards. The first byte says which file is changed and how, the
// second one where it ends; a script of changes follows.

internal import MnemeBase
internal import MnemePages

/// Page files.
enum PageTarget {
    /// What the first byte says, a bit each.
    private struct Mode: OptionSet {
        let rawValue: UInt8

        static let packed = Mode(rawValue: 1)
        static let unsealed = Mode(rawValue: 2)
        static let cut = Mode(rawValue: 4)
        static let writing = Mode(rawValue: 8)
    }

    static func run(_ input: [UInt8]) -> String? {
        guard input.count >= 2 else { return nil }
        let mode = Mode(rawValue: input[0])
        let forged = mode.contains(.packed) ? ForgedPages.packed : ForgedPages.plain
        var bytes = forged.forged(
            ByteScript(input.dropFirst(2)),
            isSealed: !mode.contains(.unsealed)
        )
        if mode.contains(.cut) { bytes.removeLast(bytes.count * Int(input[1]) / 256) }
        let disk = MemoryDisk()
        do throws(DiskError) {
            try disk.open(ForgedPages.path, .create).write(bytes, at: 0)
        } catch {
            return "a disk in memory refuses: \(error)"
        }
        let isTrue = bytes == forged.bytes
        _ = try? RootBlockInspector.notes(disk, path: ForgedPages.path)
        _ = try? ClosedPageFile(disk, path: ForgedPages.path, identity: ForgedPages.identity)
        let opened: OpenedPages
        do throws(PageError) {
            opened = try PageFile.open(
                disk,
                path: ForgedPages.path,
                identity: ForgedPages.identity,
                packs: mode.contains(.packed)
            )
        } catch {
            return isTrue ? "a true file is refused: \(error)" : nil
        }
        // Without a checkpoint there is nothing in it.
        guard opened.payload != nil else { return isTrue ? "nothing in a true file" : nil }
        var reading = PageReading(forged: forged, file: opened.file)
        let broken = reading.run()
        if isTrue, !reading.isWhole { return "a true file is not whole" }
        guard broken == nil, mode.contains(.writing) else { return broken }
        return PageWriting(forged: forged, disk: disk).run(opened.file, isTrue: isTrue)
    }

    static var seeds: [FuzzSeed] {
        var seeds: [FuzzSeed] = []
        for (name, mode) in [("plain", UInt8(0)), ("packed", 1)] {
            let pages = mode == 0 ? ForgedPages.plain : ForgedPages.packed
            seeds.append(FuzzSeed(name, [mode, 0]))
            seeds.append(FuzzSeed(name + "-written", [mode | 8, 0]))
            seeds.append(FuzzSeed(name + "-cut", [mode | 4, 99]))
            seeds.append(
                FuzzSeed(name + "-unsealed", [mode | 2, 0] + ByteScript.store(9, part: 3, at: 70))
            )
            // A change to the head of each run.
            for part in 0..<UInt8(clamping: pages.partCount) {
                seeds.append(
                    FuzzSeed(
                        "\(name)-\(part)",
                        [mode | 8, 0] + ByteScript.store(part &+ 1, part: part, at: 18)
                            + ByteScript.store(255, part: part, at: 40 + UInt16(part))
                    )
                )
            }
        }
        return seeds
    }
}
