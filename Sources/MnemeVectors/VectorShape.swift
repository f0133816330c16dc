// What all vectors of one index have in common, and the byte form of a full vector
// (formats/vector-codes.md#rows).

internal import CKernels
internal import MnemeBase

/// How closeness is measured; a higher score is always closer.
package enum VectorMetric: UInt8, Sendable, CaseIterable {
    /// Score = cosine of the angle, in -1...1. Lengths do not matter.
    case cosine = 0
    /// Score = inner product.
    case dot = 1
    /// Score = minus the squared Euclidean distance.
    case squaredEuclidean = 2
}

/// How the elements of a full vector are stored, little-endian.
package enum ElementFormat: UInt8, Sendable, CaseIterable {
    /// IEEE 754 binary32.
    case float32 = 0
    /// IEEE 754 binary16.
    case float16 = 1

    /// Bytes an element.
    package var byteCount: Int { self == .float32 ? 4 : 2 }

    /// The stored form of a vector; float16 rounds to nearest, ties to even.
    ///
    /// - Throws: `.notFinite` and, for float16, `.elementOverflow`, naming the first element at
    ///   fault.
    package func encode(_ vector: [Float]) throws(VectorError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(vector.count * byteCount)
        for (index, element) in vector.enumerated() {
            guard element.isFinite else { throw .notFinite(index: index) }
            switch self {
            case .float32:
                let bits = element.bitPattern
                for shift in [UInt32(0), 8, 16, 24] {
                    bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
                }
            case .float16:
                let half = Float16(element)
                guard half.isFinite else { throw .elementOverflow(index: index) }
                bytes.append(UInt8(truncatingIfNeeded: half.bitPattern))
                bytes.append(UInt8(truncatingIfNeeded: half.bitPattern >> 8))
            }
        }
        return bytes
    }

    /// The elements of a stored vector.
    ///
    /// - Throws: `.wrongLength` (in bytes) unless there are exactly `dimension` elements,
    ///   `.notFinite` when one of them is no number.
    package func decode(_ bytes: [UInt8], dimension: Int) throws(VectorError) -> [Float] {
        guard bytes.count == dimension * byteCount else {
            throw .wrongLength(expected: dimension * byteCount, found: bytes.count)
        }
        var squares: Float = 0
        let vector = unsafe [Float](unsafeUninitializedCapacity: dimension) { target, filled in
            guard let values = target.baseAddress, dimension > 0 else { return }
            squares = unsafe bytes.withUnsafeBytes { row in
                guard let row = row.baseAddress else { return 0 }
                return unsafe Kernels.chosen.load(CInt(rawValue), row, dimension, values)
            }
            filled = dimension
        }
        // Large elements overflow the sum; only then are they looked at one by one.
        if !squares.isFinite, let index = vector.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(index: index)
        }
        return vector
    }
}

/// The dimension, metric and stored form of the vectors of one index.
package struct VectorShape: Equatable, Sendable {
    /// Elements of a vector.
    package let dimension: Int
    /// How closeness is measured.
    package let metric: VectorMetric
    /// How full vectors are stored.
    package let format: ElementFormat

    /// A shape.
    ///
    /// - Throws: `.badDimension` outside `VectorLimit.dimensions`.
    package init(dimension: Int, metric: VectorMetric, format: ElementFormat) throws(VectorError) {
        guard VectorLimit.dimensions.contains(dimension) else { throw .badDimension(dimension) }
        self.dimension = dimension
        self.metric = metric
        self.format = format
    }

    /// The dimension rounded up to a multiple of 64, as codes have it.
    package var paddedDimension: Int { (dimension + 63) / 64 * 64 }
    /// Bytes of a code.
    package var codeByteCount: Int { paddedDimension / 2 }
    /// Bytes of a full vector.
    package var rowByteCount: Int { dimension * format.byteCount }
}
