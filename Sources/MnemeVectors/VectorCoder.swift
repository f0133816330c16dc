// Vectors into 4-bit codes and queries into lanes: rotation, levels and factors as
// formats/vector-codes.md defines them. The same vector, seed and shape give the same code and
// factors on every machine.

internal import CKernels
internal import MnemeBase
internal import MnemePages

/// What a code needs besides its levels for a score.
package struct CodeFactors: Equatable, Sendable {
    /// Multiplies the product of code and query.
    package let scale: Float
    /// Is taken from it.
    package let bias: Float
}

/// The coder of one index.
package struct VectorCoder: Sendable {
    /// The shape of the index.
    package let shape: VectorShape
    /// What the rotation is made of; stored with the index.
    package let seed: UInt64
    /// Sign masks, `[rounds, paddedDimension]`.
    let signs: [UInt32]
    /// The columns of the trees of the index, worked out once.
    let columns: ColumnShape
    let freshColumns: ColumnShape

    private static let greatestSquares: Float = 0x1p120
    private static let ordinarySquares: ClosedRange<Float> = 1e-30...1e30

    /// The coder of an index with this shape and seed.
    ///
    /// - Complexity: O(dimension).
    package init(shape: VectorShape, seed: UInt64) {
        self.shape = shape
        self.seed = seed
        columns = VectorIndex.columns(shape)
        freshColumns = VectorIndex.freshColumns(shape)
        let count = Int(mneme_rotation_rounds) * shape.paddedDimension
        let random = SeededRandomness(seed: seed)
        var masks: [UInt32] = []
        masks.reserveCapacity(count)
        while masks.count < count {
            let bits = random.next()
            for bit in 0..<64 { masks.append(UInt32(truncatingIfNeeded: bits >> bit & 1) << 31) }
        }
        signs = masks
    }

    /// Codes a vector; `code` receives `shape.codeByteCount` bytes.
    ///
    /// A zero vector is refused under cosine; under the other metrics it gets the factors (0, 0).
    ///
    /// - Precondition: `code` has room.
    /// - Throws: `.wrongLength`, `.notFinite`, `.zeroVector`, `.tooLarge`.
    /// - Complexity: O(d log d); about 1.3 µs at 384 dimensions.
    package func encode(
        _ vector: [Float],
        into code: inout MutableRawSpan
    ) throws(VectorError)
        -> CodeFactors
    {
        try encode(unsafe vector.span.bytes, as: .float32, into: &code)
    }

    /// Codes a vector in its stored form; otherwise as `encode(_:into:)`.
    package func encode(
        _ row: RawSpan,
        as format: ElementFormat,
        into code: inout MutableRawSpan
    ) throws(VectorError) -> CodeFactors {
        precondition(code.byteCount >= shape.codeByteCount)
        let scratch = AlignedBytes(byteCount: shape.paddedDimension * 4)
        let values = unsafe scratch.part(at: 0, of: Float.self)
        _ = try unsafe load(row, as: format, into: values)
        let sums = unsafe code.withUnsafeMutableBytes { target in
            unsafe signs.withUnsafeBufferPointer { masks in
                guard let masks = masks.baseAddress, let target = target.baseAddress else {
                    return mneme_code_sums(squares: 0, correlation: 0)
                }
                unsafe Kernels.chosen.rotate(values, shape.paddedDimension, masks)
                return unsafe Kernels.chosen.encode(
                    values,
                    shape.paddedDimension,
                    target.assumingMemoryBound(to: UInt8.self)
                )
            }
        }
        guard sums.squares > 0 else { return CodeFactors(scale: 0, bias: 0) }
        let ratio = sums.squares / sums.correlation
        switch shape.metric {
        case .cosine: return CodeFactors(scale: ratio / sums.squares.squareRoot(), bias: 0)
        case .dot: return CodeFactors(scale: ratio, bias: 0)
        case .squaredEuclidean: return CodeFactors(scale: 2 * ratio, bias: sums.squares)
        }
    }

    /// Makes a query ready for searches.
    ///
    /// - Throws: as `encode`; a zero query is refused under cosine only.
    /// - Complexity: O(d log d).
    package func prepare(_ query: [Float]) throws(VectorError) -> PreparedQuery {
        let padded = shape.paddedDimension
        let laneCount = (padded + 127) / 128 * 128
        let memory = AlignedBytes(byteCount: 8 * padded + laneCount)
        let exact = unsafe memory.part(at: 0, of: Float.self)
        let rotated = unsafe memory.part(at: 4 * padded, of: Float.self)
        let lanes = unsafe memory.part(at: 8 * padded, of: Int8.self)
        let squares = try unsafe load(unsafe query.span.bytes, as: .float32, into: exact)
        if shape.metric == .cosine {
            let inverse = 1 / squares.squareRoot()
            for index in 0..<shape.dimension { unsafe exact[index] *= inverse }
        }
        unsafe rotated.update(from: exact, count: padded)
        var sum: Int32 = 0
        let step = unsafe signs.withUnsafeBufferPointer { masks in
            if let masks = masks.baseAddress {
                unsafe Kernels.chosen.rotate(rotated, padded, masks)
            }
            return unsafe Kernels.chosen.quantise(rotated, padded, lanes, &sum)
        }
        let codeQuery = unsafe mneme_code_query(
            lanes: lanes,
            code_byte_count: shape.codeByteCount,
            correction: 15 * sum,
            scale: 0.5 * step,
            offset: shape.metric == .squaredEuclidean ? squares : 0
        )
        return unsafe PreparedQuery(
            shape: shape,
            memory: memory,
            codeQuery: codeQuery,
            exact: exact,
            squares: shape.metric == .cosine ? 1 : squares
        )
    }

    /// Reads and checks a vector; the sum of squares is that of what `values` then holds.
    ///
    /// Under cosine a very short or long vector is scaled by a power of two first.
    private func load(
        _ row: RawSpan,
        as format: ElementFormat,
        into values: UnsafeMutablePointer<Float>
    ) throws(VectorError) -> Float {
        let dimension = shape.dimension
        guard row.byteCount == dimension * format.byteCount else {
            throw .wrongLength(
                expected: dimension,
                found: row.byteCount / format.byteCount
            )
        }
        let squares = unsafe row.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return Float(0) }
            return unsafe Kernels.chosen.load(CInt(format.rawValue), base, dimension, values)
        }
        if !squares.isFinite {
            for index in 0..<dimension where unsafe !values[index].isFinite {
                throw .notFinite(index: index)
            }
        }
        guard shape.metric == .cosine else {
            guard squares <= Self.greatestSquares else { throw .tooLarge }
            return squares
        }
        if Self.ordinarySquares.contains(squares) { return squares }
        var greatest: Float = 0
        for index in 0..<dimension { greatest = unsafe max(greatest, values[index].magnitude) }
        guard greatest > 0 else { throw .zeroVector }
        let exponent = max(-126, min(126, -Int(greatest.exponent)))
        let factor = Float(sign: .plus, exponent: exponent, significand: 1)
        for index in 0..<dimension { unsafe values[index] *= factor }
        return unsafe Kernels.chosen.load(
            CInt(ElementFormat.float32.rawValue),
            values,
            dimension,
            values
        )
    }
}
