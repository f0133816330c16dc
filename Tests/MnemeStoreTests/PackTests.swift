// Packs of links in cold segments: what is built against what is read, and what forged ones come
// to. Format: formats/log.md#pack.

import MnemeBase
import Testing

@testable import MnemeLog

@Suite struct PackTests {
    private static let place = LogPlace(segment: SegmentNumber.coldBase + 7, offset: 4096 + 8 * 99)

    /// Random frames that are alike: numbers near and far from each other, bodies of any length.
    private func frames(_ random: SeededRandomness) -> [Frame] {
        let words = random.below(Pack.wordLimit + 1)
        let spans = (0..<(words + 3)).map { _ in UInt64.max >> UInt64(random.below(64)) }
        let least = spans.map { span in
            span == .max ? 0 : random.next() % (UInt64.max - span)
        }
        func number(_ index: Int) -> UInt64 {
            let span = spans[index]
            return least[index] + (span == .max ? random.next() : random.next() % (span + 1))
        }
        let longest = [0, 1, 9, 60][random.below(4)]
        let isVaried = random.below(2) == 0
        var sequence = UInt64(random.below(1 << 20))
        return (0..<(2 + random.below(255))).map { _ in
            var columns = ByteWriter()
            for word in 0..<words { columns.put(number(word)) }
            let count = isVaried ? random.below(longest + 1) : longest
            sequence += UInt64(1 + random.below(5))
            return Frame(
                place: LogPlace(segment: 1, offset: 4096),
                sequence: sequence,
                time: Int64(bitPattern: number(words)),
                epoch: 3,
                incarnation: 11,
                content: FrameContent(
                    type: 20,
                    schemaVersion: 5,
                    owner: number(words + 1),
                    columns: columns.bytes,
                    body: (0..<count).map { $0 % 3 == 0 ? 7 : UInt8(random.below(256)) },
                    plainCount: UInt32(truncatingIfNeeded: number(words + 2))
                ),
                vectorOffset: 0
            )
        }
    }

    /// What the columns of a pack say.
    private func read(_ content: FrameContent, _ first: UInt64) throws -> Pack {
        let head = FrameHead(content, sequence: first, time: 0, epoch: 3, incarnation: 11)
        return try Pack(head, columns: content.columns, place: Self.place)
    }

    private func isSame(_ frame: Frame, _ other: Frame) -> Bool {
        frame.sequence == other.sequence && frame.time == other.time && frame.epoch == other.epoch
            && frame.incarnation == other.incarnation && frame.content.type == other.content.type
            && frame.content.schemaVersion == other.content.schemaVersion
            && frame.content.owner == other.content.owner
            && frame.content.columns == other.content.columns
            && frame.content.body == other.content.body
            && frame.content.plainCount == other.content.plainCount
    }

    /// A pack of random frames that are so much alike that it is smaller than they are.
    private func packed(_ random: SeededRandomness) -> (frames: [Frame], pack: FrameContent) {
        while true {
            let frames = frames(random)
            var builder = PackBuilder()
            for frame in frames where builder.takes(frame, frame.content) {
                builder.add(frame, frame.content)
            }
            if let pack = builder.pack {
                return (builder.members.map(\.frame), pack)
            }
        }
    }

    @Test(arguments: [1, UInt64.random(in: 2...(.max))])
    func whatIsPackedIsReadAsItWas(seed: UInt64) throws {
        print("packs: seed \(seed)")
        let random = SeededRandomness(seed: seed)
        for _ in 0..<200 {
            let (frames, content) = packed(random)
            #expect(content.byteCount < frames.reduce(0) { $0 + $1.content.byteCount })
            let pack = try read(content, frames[0].sequence)
            let all = try pack.frames(in: content.body.span)
            #expect(all.count == frames.count)
            #expect(zip(all, frames).allSatisfy { isSame($0, $1) })
            for (number, frame) in all.enumerated() {
                let one = try pack.frame(number, in: content.body.span)
                #expect(isSame(one, frame) && one.place == frame.place)
                #expect(one.place.numberInPack == number)
                #expect(one.place.segment == Self.place.segment)
                #expect(one.place.offset == Self.place.offset)
            }
            #expect(throws: LogError.self) {
                _ = try pack.frame(frames.count, in: content.body.span)
            }
        }
    }

    @Test func onlyWhatIsAlikeComesTogether() throws {
        let frames = frames(SeededRandomness(seed: 3))
        var builder = PackBuilder()
        builder.add(frames[0], frames[0].content)
        #expect(builder.takes(frames[1], frames[1].content))
        #expect(builder.pack == nil)
        var other = frames[1].content
        other.schemaVersion += 1
        #expect(!builder.takes(frames[1], other))
        other = frames[1].content
        other.columns += [0, 0, 0, 0, 0, 0, 0, 0]
        #expect(!builder.takes(frames[1], other))
        other = frames[1].content
        other.type += 1
        #expect(!builder.takes(frames[1], other))
        #expect(PackBuilder.fits(frames[1].content))
        for change: (inout FrameContent) -> Void in [
            { $0.columns += [1] }, { $0.flags = 1 }, { $0.vectors = [1, 2] },
            { $0.body = [UInt8](repeating: 1, count: 1025) },
            { $0.columns = [UInt8](repeating: 0, count: 8 * (Pack.wordLimit + 1)) },
        ] {
            var content = frames[1].content
            change(&content)
            #expect(!PackBuilder.fits(content))
        }
    }

    // MARK: What cannot be

    /// Reads all that there is, however it may be; whether it was refused.
    private func isRefused(_ content: FrameContent, _ first: UInt64) -> Bool {
        var isRefused = false
        do throws(LogError) {
            let head = FrameHead(content, sequence: first, time: 0, epoch: 3, incarnation: 11)
            let pack = try Pack(head, columns: content.columns, place: Self.place)
            for number in [0, 1, pack.count - 1, pack.count, Pack.limit - 1] {
                _ = try? pack.frame(number, in: content.body.span)
            }
            _ = try pack.frames(in: content.body.span)
        } catch {
            guard case .corrupt(Self.place, _, let reason) = error else {
                Issue.record("\(error)")
                return true
            }
            isRefused = reason == "a pack that cannot be"
        }
        return isRefused
    }

    @Test(arguments: [4, UInt64.random(in: 5...(.max))])
    func aForgedPackIsRefusedOrRead(seed: UInt64) throws {
        print("forged packs: seed \(seed)")
        let random = SeededRandomness(seed: seed)
        var refused = 0
        for _ in 0..<300 {
            let (frames, content) = packed(random)
            for _ in 0..<20 {
                var forged = content
                switch random.below(6) {
                case 0:
                    forged.columns[random.below(min(16, content.columns.count))] ^=
                        UInt8(1 + random.below(255))
                case 1:
                    forged.columns[random.below(content.columns.count)] =
                        UInt8(random.below(256))
                case 2: forged.columns.removeLast(1 + random.below(content.columns.count))
                case 3: forged.body.removeLast(min(content.body.count, 1 + random.below(99)))
                case 4: forged.columns += [UInt8(random.below(256))]
                default:
                    guard !content.body.isEmpty else { continue }
                    for _ in 0..<3 {
                        forged.body[random.below(content.body.count)] = UInt8(random.below(256))
                    }
                }
                if isRefused(forged, frames[0].sequence) { refused += 1 }
            }
            #expect(!isRefused(content, frames[0].sequence))
            #expect(isRefused(content, frames[0].sequence + 1))
        }
        #expect(refused > 1000)
    }

    @Test func eachBoundIsHeld() throws {
        let (frames, content) = packed(SeededRandomness(seed: 9))
        let first = frames[0].sequence
        // The count, the type, the words, what is common, the bits of the first number.
        for (offset, bytes) in [
            (0, [0, 0]), (0, [1, 0]), (0, [1, 4]), (0, [0xff, 0xff]), (2, [15]), (2, [0]),
            (3, [17]), (3, [255]), (4, [1, 4]), (4, [0xff, 0xff]), (8, [65]), (8, [255]),
        ] as [(Int, [UInt8])] {
            var forged = content
            forged.columns.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
            #expect(isRefused(forged, first), "\(bytes) at \(offset)")
        }
        var forged = content
        forged.plainCount = 1
        #expect(isRefused(forged, first))
        forged = content
        forged.vectors = [1, 2, 3, 4]
        #expect(isRefused(forged, first))
        // Noise for columns.
        let random = SeededRandomness(seed: 10)
        for _ in 0..<2000 {
            forged = content
            forged.columns = (0..<random.below(200)).map { _ in UInt8(random.below(256)) }
            if forged.columns.count > 4 {
                (forged.columns[2], forged.columns[3]) = (20, UInt8(random.below(4)))
            }
            _ = isRefused(forged, first)
        }
    }
}
