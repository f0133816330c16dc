// Logs of strangers, whose checksums are right or not: opening, reading each frame in every way,
// salvage, looking into files, and going on behind what was read. Each ends in an answer or an
// error. The first byte says what the rest is: a script that changes a true log, or the frames of a
// segment.

internal import MnemeBase
internal import MnemeLog

/// Logs.
enum LogTarget {
    /// What the first byte says, a bit each.
    struct Mode: OptionSet {
        let rawValue: UInt8

        static let unsealed = Mode(rawValue: 1)
        /// Commits and headers say what the script says, also where it is not so.
        static let lying = Mode(rawValue: 2)
        /// Frames follow, of the first segment.
        static let frames = Mode(rawValue: 4)
        /// Frames follow, of a cold segment.
        static let cold = Mode(rawValue: 8)
        /// No state says that the cold segment counts.
        static let forgotten = Mode(rawValue: 16)
        /// Files end early.
        static let cut = Mode(rawValue: 32)
    }

    static func run(_ input: [UInt8]) -> String? {
        guard let first = input.first else { return nil }
        let mode = Mode(rawValue: first)
        var files = ForgedLog.sample.files
        let rest = input.dropFirst()
        let cold = files.count - 1
        if mode.contains(.frames) {
            replaceFrames(of: &files[0], with: rest)
        } else if mode.contains(.cold) {
            replaceFrames(of: &files[cold], with: rest)
        } else {
            change(&files, ByteScript(rest))
        }
        if !mode.contains(.unsealed) {
            for (index, file) in files.enumerated() where file.bytes != original(index) {
                LogSeal.seal(
                    &files[index].bytes,
                    number: file.number,
                    isHonest: !mode.contains(.lying)
                )
            }
        }
        if mode.contains(.cut), let last = rest.last {
            for index in files.indices where (Int(last) + index) % 2 == 0 {
                files[index].bytes.removeLast(files[index].bytes.count * Int(last) / 300)
            }
        }
        let isTrue = files.indices.allSatisfy { files[$0].bytes == original($0) }
        let isForgotten = mode.contains(.forgotten)
        return LogReading(files: files, isTrue: isTrue, isForgotten: isForgotten).run()
    }

    private static func original(_ index: Int) -> [UInt8] { ForgedLog.sample.files[index].bytes }

    private static func change(_ files: inout [ForgedLog.File], _ script: ByteScript) {
        // All files in a row, so that a script has one list of parts.
        var starts: [Int] = []
        var all: [UInt8] = []
        for file in files {
            starts.append(all.count)
            all += file.bytes
        }
        let parts = ForgedLog.sample.parts.map { part in
            (part.bytes.lowerBound + starts[part.file])..<(part.bytes.upperBound
                + starts[part.file])
        }
        script.apply(to: &all, parts)
        for index in files.indices {
            let count = files[index].bytes.count
            files[index].bytes = Array(all[starts[index]..<(starts[index] + count)])
        }
    }

    private static func replaceFrames(
        of file: inout ForgedLog.File,
        with frames: ArraySlice<UInt8>
    ) {
        let length = max(file.bytes.count, LogSeal.header + (frames.count + 4095) & ~4095)
        var bytes = Array(file.bytes[..<LogSeal.header]) + frames
        bytes += [UInt8](repeating: 0, count: length - bytes.count)
        bytes.put(UInt64(length), at: 56)
        file.bytes = bytes
    }

    static var seeds: [FuzzSeed] {
        let log = ForgedLog.sample
        var seeds = [
            FuzzSeed("true", [0]), FuzzSeed("forgotten", [16]), FuzzSeed("cut", [32, 90]),
            FuzzSeed("unsealed", [1] + ByteScript.store(1, part: 7, at: 80)),
        ]
        for part in 0..<UInt8(clamping: log.parts.count) {
            for (kind, mode) in [("honest", UInt8(0)), ("lying", 2)] {
                let script =
                    ByteScript.store(part &* 3, part: part, at: 4 + 4 * UInt16(part % 16))
                    + ByteScript.store(part, part: part, at: 72 + UInt16(part % 32))
                seeds.append(FuzzSeed("\(kind)-\(part)", [mode] + script))
            }
        }
        let cold = log.files.count - 1
        for (name, mode, file) in [("frames", UInt8(4), 0), ("cold-frames", 8, cold)] {
            let bytes = log.files[file].bytes
            let end = LogSeal.frames(in: bytes).last?.upperBound ?? LogSeal.header
            let frames = Array(bytes[LogSeal.header..<end])
            seeds.append(FuzzSeed(name, [mode] + frames))
            seeds.append(FuzzSeed(name + "-lying", [mode | 2] + frames))
        }
        return seeds
    }
}
