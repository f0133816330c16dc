// Packs of cold segments, read bit by bit as formats/log.md#pack says it, for the census of a log.

internal import MnemeBase

extension LogCensus {
    /// The frames of a pack, and any other by itself: formats/log.md#pack.
    static func unpacked(_ frame: Frame) throws(BytesError) -> [Frame] {
        guard frame.type == 4 else { return [frame] }
        var said = frame.columns
        let count = Int(try said.get(UInt16.self))
        let type: UInt8 = try said.get()
        let words = Int(try said.get(UInt8.self))
        let common = Int(try said.get(UInt16.self))
        _ = try said.skip(2)
        var described: [(bits: Int, least: UInt64)] = []
        for _ in 0..<(5 + words + common) {
            let bits = Int(try said.get(UInt8.self))
            described.append((bits, try said.getVariable()))
        }
        // Bit by bit, as the page says it.
        var bit = 0
        func next(_ count: Int) throws(BytesError) -> UInt64 {
            var value: UInt64 = 0
            for place in 0..<count {
                guard bit / 8 < frame.body.count else { throw .malformed(offset: bit / 8) }
                value |= UInt64(frame.body[bit / 8] >> UInt8(bit % 8) & 1) << UInt64(place)
                bit += 1
            }
            return value
        }
        var rows: [[UInt64]] = []
        for _ in 0..<count {
            var row: [UInt64] = []
            for (bits, least) in described { row.append(try next(bits) + least) }
            rows.append(row)
        }
        var rest = (bit + 7) / 8
        let rests = rest
        return rows.map { row in
            var one = frame
            (one.type, one.sequence, one.plainCount) = (type, row[2], Int(row[1]))
            var columns = ByteWriter()
            for word in row[5..<(5 + words)] { columns.put(word) }
            one.columns = ByteReader(columns.bytes)
            let end = rests + Int(row[0])
            one.body = row[(5 + words)...].map { UInt8($0) } + Array(frame.body[rest..<end])
            rest = end
            return one
        }
    }
}
