// Codes: golden bytes, estimates, and what is refused.

import MnemeBase
import Testing

@testable import MnemeVectors

@Suite struct CoderTests {
    static func encode(_ coder: VectorCoder, _ vector: [Float]) throws -> ([UInt8], CodeFactors) {
        var code = [UInt8](repeating: 0, count: coder.shape.codeByteCount)
        var elements = code.mutableSpan
        var span = unsafe elements.mutableBytes
        let factors = try coder.encode(vector, into: &span)
        return (code, factors)
    }

    @Test func goldenBytes() throws {
        let shape = try VectorShape(dimension: 70, metric: .squaredEuclidean, format: .float32)
        let vector = (0..<70).map { Float($0 % 7) - 2.5 }
        let (code, factors) = try Self.encode(VectorCoder(shape: shape, seed: 42), vector)
        #expect(Checksum.xxh3(code) == 0x7c8c4694ea54bd8)
        #expect(factors.scale.bitPattern == 0x3f93d81f)
        #expect(factors.bias.bitPattern == 0x4394bffe)
    }

    @Test(arguments: VectorMetric.allCases)
    func estimatesAreClose(metric: VectorMetric) throws {
        let random = SeededRandomness(seed: 5)
        let shape = try VectorShape(dimension: 300, metric: metric, format: .float32)
        let coder = VectorCoder(shape: shape, seed: 1)
        var bias = 0.0
        for _ in 0..<200 {
            let vector = random.vector(300)
            let query = random.vector(300)
            let (code, factors) = try Self.encode(coder, vector)
            let rotated = Reference(dimension: 300, seed: 1).rotated(query)
            let levels = (0..<320).map { Float(Reference.nibble(code, $0)) - 7.5 }
            let product = zip(levels, rotated).reduce(Float(0)) { $0 + $1.0 * $1.1 }
            let dot = zip(vector, query).reduce(Float(0)) { $0 + $1.0 * $1.1 }
            let vectorSquares = vector.reduce(Float(0)) { $0 + $1 * $1 }
            let expected =
                switch metric {
                case .dot: dot
                case .cosine: dot / vectorSquares.squareRoot()
                case .squaredEuclidean: 2 * dot - vectorSquares
                }
            let error = product * factors.scale - factors.bias - expected
            let unit: Float = metric == .cosine ? 1 : metric == .dot ? 17 : 35
            #expect(abs(error) < 0.75 * unit)
            bias += Double(error / unit)
        }
        #expect(abs(bias / 200) < 0.05)
    }

    @Test func codesDoNotDependOnTheLengthUnderCosine() throws {
        let shape = try VectorShape(dimension: 96, metric: .cosine, format: .float32)
        let coder = VectorCoder(shape: shape, seed: 3)
        let vector = SeededRandomness(seed: 8).vector(96)
        let plain = try Self.encode(coder, vector)
        for factor: Float in [0x1p-100, 0x1p-3, 0x1p10, 0x1p100] {
            let scaled = try Self.encode(coder, vector.map { $0 * factor })
            #expect(scaled.0 == plain.0)
            #expect(abs(scaled.1.scale / plain.1.scale - 1) < 1e-6)
        }
    }

    @Test func badInputIsNamed() throws {
        for metric in VectorMetric.allCases {
            let shape = try VectorShape(dimension: 20, metric: metric, format: .float32)
            let coder = VectorCoder(shape: shape, seed: 3)
            var vector = [Float](repeating: 1, count: 20)
            #expect(throws: VectorError.wrongLength(expected: 20, found: 19)) {
                try Self.encode(coder, Array(vector.dropLast()))
            }
            for bad in [Float.nan, .infinity, -.infinity] {
                vector[17] = bad
                #expect(throws: VectorError.notFinite(index: 17)) {
                    try Self.encode(coder, vector)
                }
                #expect(throws: VectorError.notFinite(index: 17)) {
                    let query = try coder.prepare(vector)
                    _ = query.shape
                }
            }
            let zero = [Float](repeating: 0, count: 20)
            let huge = [Float](repeating: 3e38, count: 20)
            if metric == .cosine {
                #expect(throws: VectorError.zeroVector) { try Self.encode(coder, zero) }
                _ = try Self.encode(coder, huge)
            } else {
                let (code, factors) = try Self.encode(coder, zero)
                #expect(code == [UInt8](repeating: 0x88, count: 32))
                #expect(factors == CodeFactors(scale: 0, bias: 0))
                #expect(throws: VectorError.tooLarge) { try Self.encode(coder, huge) }
            }
        }
        #expect(throws: VectorError.badDimension(0)) {
            try VectorShape(dimension: 0, metric: .dot, format: .float32)
        }
        #expect(throws: VectorError.badDimension(4097)) {
            try VectorShape(dimension: 4097, metric: .dot, format: .float32)
        }
    }

    @Test func elementFormatsRoundTrip() throws {
        let vector: [Float] = [0, -0.0, 1, -1.5, 65504, 6e-8, 0.333]
        #expect(
            try ElementFormat.float32.decode(ElementFormat.float32.encode(vector), dimension: 7)
                == vector
        )
        let halves = try ElementFormat.float16.encode(vector)
        #expect(Array(halves[4..<8]) == [0x00, 0x3c, 0x00, 0xbe])
        #expect(
            try ElementFormat.float16.decode(halves, dimension: 7)
                == vector.map { Float(Float16($0)) }
        )
        #expect(throws: VectorError.elementOverflow(index: 1)) {
            try ElementFormat.float16.encode([1, 65520])
        }
        #expect(throws: VectorError.notFinite(index: 0)) {
            try ElementFormat.float32.encode([.nan])
        }
        #expect(throws: VectorError.wrongLength(expected: 8, found: 7)) {
            try ElementFormat.float32.decode([0, 0, 0, 0, 0, 0, 0], dimension: 2)
        }
        #expect(throws: VectorError.notFinite(index: 1)) {
            try ElementFormat.float16.decode([0, 0, 0, 0x7c], dimension: 2)
        }
    }
}
