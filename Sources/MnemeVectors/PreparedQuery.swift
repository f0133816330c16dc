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
    package var squaredLength: Float { squares }
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

    /// What the same vector scores.
    package var ownScore: Float { shape.metric == .squaredEuclidean ? 0 : squares }

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
            // Of 0, which has no sign.
            for index in 0..<count { unsafe scores[index] = 0 - scores[index] }
        }
    }

    /// About how far codes are off under cosine, where all vectors are as long.
    ///
    /// A code of four bits is off by about a tenth of its vector's length, whichever way.
    var unitDeviation: Float { Self.deviation / Float(shape.paddedDimension).squareRoot() }

    private static let deviation: Float = 0.1
    /// A vector is about so long, by its code's scale and the root of the dimension.
    private static let length: Float = 2.8

    /// The query by which an entry gets the best score that it may well have: that of its code, and
    /// above it its scale times the margin that comes with it, so many deviations of its code.
    ///
    /// The longer a vector the more its code is off, so that of vectors of unlike lengths what is
    /// best by code need not have the best among it. Under cosine all are as long, and the margin
    /// is 0.
    func hopeful(_ sureness: Float) -> (query: mneme_code_query, margin: Float) {
        var hopeful = unsafe codeQuery
        guard shape.metric != .cosine, unsafe codeQuery.scale > 0 else {
            return unsafe (hopeful, 0)
        }
        let margin = sureness * Self.deviation * Self.length * squares.squareRoot()
        let steps = unsafe (margin / codeQuery.scale).rounded(.up)
        guard steps < 0x1p24 else { return unsafe (hopeful, 0) }
        unsafe hopeful.correction -= Int32(steps)
        return unsafe (hopeful, steps * codeQuery.scale)
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
