// Arrays of numbers in files as NumPy writes them (NEP 1, versions 1 to 3): a magic word, a header
// that says type, order and shape, then the numbers. Read row by row; C order, little-endian.

package import MnemeBase

/// A `.npy` file of one or two dimensions.
package struct ArrayFile {
    /// What its numbers are.
    package enum Element: String, Sendable, CaseIterable {
        case float16 = "<f2"
        case float32 = "<f4"
        case int8 = "|i1"
        case int32 = "<i4"

        /// Bytes of one number.
        package var byteCount: Int {
            switch self {
            case .int8: 1
            case .float16: 2
            case .float32, .int32: 4
            }
        }
    }

    /// What its numbers are.
    package let element: Element
    /// How many rows.
    package let rowCount: Int
    /// How many numbers a row has: 1 where the array has one dimension.
    package let columnCount: Int
    private let file: InputFile
    private let start: Int

    /// Opens an array.
    ///
    /// - Throws: `Failure` when there is no such file, it is no `.npy` file, holds other kinds of
    ///   numbers, is in Fortran order, has more than two dimensions, or has another length than its
    ///   header says.
    package init(_ path: String, on disk: any Disk = RealDisk()) throws(Failure) {
        file = try InputFile(path, on: disk)
        let head = try file.read(at: 0, count: min(12, file.byteCount))
        guard head.count == 12, head.starts(with: [0x93] + Array("NUMPY".utf8)),
            (1...3).contains(head[6])
        else { throw Failure("\(path) is no .npy file.") }
        let isLong = head[6] > 1
        let length =
            Int(head[8]) | Int(head[9]) << 8
            | (isLong ? Int(head[10]) << 16 | Int(head[11]) << 24 : 0)
        start = (isLong ? 12 : 10) + length
        guard start <= file.byteCount else { throw Failure("\(path) ends inside its header.") }
        let header = String(
            decoding: try file.read(at: start - length, count: length),
            as: UTF8.self
        )
        guard let descriptor = Self.text(after: "'descr':", in: header),
            let element = Element(rawValue: descriptor)
        else {
            throw Failure(
                "\(path) holds numbers of a kind that is not read (\(header.prefix(60))…). Save it "
                    + "as float32, float16, int32 or int8."
            )
        }
        self.element = element
        guard header.contains("'fortran_order': False") else {
            throw Failure("\(path) is in Fortran order. Save it in C order.")
        }
        let shape = Self.shape(in: header)
        guard let shape, shape.count == 1 || shape.count == 2 else {
            throw Failure("\(path) has another shape than [rows] or [rows, columns].")
        }
        rowCount = shape[0]
        columnCount = shape.count == 2 ? shape[1] : 1
        let (count, overflows) = rowCount.multipliedReportingOverflow(by: columnCount)
        guard !overflows, count <= Int.max / 8,
            file.byteCount - start == count * element.byteCount
        else {
            throw Failure(
                "\(path) has \(file.byteCount - start) bytes of numbers, and its header says "
                    + "[\(rowCount), \(columnCount)] of \(element)."
            )
        }
    }

    /// The numbers of some rows as float32, `[rows.count, columnCount]`, row-major.
    ///
    /// - Precondition: there are such rows.
    /// - Throws: as `InputFile.read`.
    /// - Complexity: O(*n*) in the numbers.
    package func floats(rows: Range<Int>) throws(Failure) -> [Float] {
        let bytes = try read(rows)
        var reader = ByteReader(bytes)
        var numbers: [Float] = []
        numbers.reserveCapacity(rows.count * columnCount)
        do {
            for _ in 0..<(rows.count * columnCount) {
                switch element {
                case .float32: numbers.append(try reader.getFloat())
                case .float16: numbers.append(Float(Float16(bitPattern: try reader.get())))
                case .int8: numbers.append(Float(try reader.get(Int8.self)))
                case .int32: numbers.append(Float(try reader.get(Int32.self)))
                }
            }
        } catch {
            throw Failure("\(file.path) became shorter while it was read.")
        }
        return numbers
    }

    /// The numbers of some rows as they are, `[rows.count, columnCount]`, row-major; floats are cut
    /// to whole numbers.
    ///
    /// - Precondition: there are such rows.
    /// - Throws: as `InputFile.read`; for a float that no int32 is near to.
    package func integers(rows: Range<Int>) throws(Failure) -> [Int32] {
        guard element == .int32 else {
            var numbers: [Int32] = []
            for number in try floats(rows: rows) {
                guard let number = Int32(exactly: number.rounded(.towardZero)) else {
                    throw Failure("\(file.path) holds \(number) where a whole number should be.")
                }
                numbers.append(number)
            }
            return numbers
        }
        var reader = ByteReader(try read(rows))
        var numbers: [Int32] = []
        numbers.reserveCapacity(rows.count * columnCount)
        while reader.remaining > 0, let number = try? reader.get(Int32.self) {
            numbers.append(number)
        }
        return numbers
    }

    private func read(_ rows: Range<Int>) throws(Failure) -> [UInt8] {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCount, "rows of the array")
        let rowBytes = columnCount * element.byteCount
        return try file.read(at: start + rows.lowerBound * rowBytes, count: rows.count * rowBytes)
    }

    /// The text in single quotes that follows a word of the header.
    private static func text(after word: String, in header: String) -> String? {
        guard let place = header.firstRange(of: word) else { return nil }
        let parts = header[place.upperBound...].split(
            separator: "'",
            maxSplits: 2,
            omittingEmptySubsequences: false
        )
        return parts.count == 3 ? String(parts[1]) : nil
    }

    /// The numbers in the parentheses of the header; nil when they are none.
    private static func shape(in header: String) -> [Int]? {
        guard let word = header.firstRange(of: "'shape':"),
            let open = header[word.upperBound...].firstIndex(of: "("),
            let close = header[open...].firstIndex(of: ")")
        else { return nil }
        var shape: [Int] = []
        for part in header[header.index(after: open)..<close].split(separator: ",") {
            guard let number = Int(part.drop { $0 == " " }), number >= 0 else { return nil }
            shape.append(number)
        }
        return shape
    }
}
