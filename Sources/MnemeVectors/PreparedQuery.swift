// A query in the two forms that a search needs: 8-bit lanes, rotated, for codes, and floats for
// full vectors.

internal import CKernels

/// A checked query, ready for any number of searches of one index.
///
/// SAFETY: the pointers lead into `memory`, which lives as long as the value and is not written
/// after `VectorCoder.prepare` made it.
@safe @usableFromInline package struct PreparedQuery: ~Copyable {
    /// The shape of the index that it was prepared for.
    package let shape: VectorShape
    let memory: AlignedBytes
    let codeQuery: mneme_code_query
    let exact: UnsafeMutablePointer<Float>
    /// The square of its length, as it is compared.
    private let squares: Float

    init(
        shape: VectorShape,
        memory: consuming AlignedBytes,
        codeQuery: mneme_code_query,
        exact: UnsafeMutablePointer<Float>,
        squares: Float
    ) {
        self.squares = squares
        self.shape = shape
        self.memory = memory
        unsafe self.codeQuery = codeQuery
        unsafe self.exact = exact
    }

    /// Writes the exact scores of full rows.
    ///
    /// - Precondition: the rows are readable for `shape.rowByteCount` bytes; the outputs have room.
    func score(
        rows: UnsafePointer<UnsafeRawPointer>,
        count: Int,
        into scores: UnsafeMutablePointer<Float>,
        norms: UnsafeMutablePointer<Float>
    ) {
        let operation =
            switch shape.metric {
            case .cosine: mneme_rows_dot_and_norm
            case .dot: mneme_rows_dot
            case .squaredEuclidean: mneme_rows_squared_distance
            }
        unsafe ask(operation, rows, count, scores, norms)
        switch shape.metric {
        case .cosine:
            for index in 0..<count {
                let norm = unsafe norms[index]
                unsafe scores[index] =
                    norm > 1e-30 && norm < 1e30
                    ? scores[index] / norm.squareRoot() : wideCosine(rows[index])
            }
        case .dot: break
        case .squaredEuclidean:
            for index in 0..<count { unsafe scores[index] = -scores[index] }
        }
    }

    /// About how far codes of rows like these are off, in scores.
    ///
    /// A code of four bits is off by about a tenth of its vector's length, whichever way.
    ///
    /// - Precondition: as `score`, and there is a row.
    func codeDeviation(
        rows: UnsafePointer<UnsafeRawPointer>,
        count: Int,
        scores: UnsafeMutablePointer<Float>,
        norms: UnsafeMutablePointer<Float>
    ) -> Float {
        let ofUnit = 0.1 / Float(shape.paddedDimension).squareRoot()
        if shape.metric == .cosine { return ofUnit }
        unsafe ask(mneme_rows_dot_and_norm, rows, count, scores, norms)
        var sum: Float = 0
        for index in 0..<count { sum += unsafe norms[index] }
        let lengths = (squares * (sum / Float(count))).squareRoot()
        return (shape.metric == .dot ? 1 : 2) * ofUnit * lengths
    }

    /// Has the kernel go over rows.
    private func ask(
        _ operation: Int,
        _ rows: UnsafePointer<UnsafeRawPointer>,
        _ count: Int,
        _ scores: UnsafeMutablePointer<Float>,
        _ norms: UnsafeMutablePointer<Float>
    ) {
        unsafe Kernels.chosen.rows_score(
            CInt(operation),
            CInt(shape.format.rawValue),
            exact,
            shape.dimension,
            rows,
            count,
            scores,
            norms
        )
    }

    /// The cosine of a row whose sum of squares a float cannot say well; NaN when it has none.
    private func wideCosine(_ row: UnsafeRawPointer) -> Float {
        var dot = 0.0
        var squares = 0.0
        for index in 0..<shape.dimension {
            let value =
                switch shape.format {
                case .float32:
                    unsafe Double(row.loadUnaligned(fromByteOffset: 4 * index, as: Float.self))
                case .float16:
                    unsafe Double(row.loadUnaligned(fromByteOffset: 2 * index, as: Float16.self))
                }
            dot += unsafe Double(exact[index]) * value
            squares += value * value
        }
        return Float(dot / squares.squareRoot())
    }
}
