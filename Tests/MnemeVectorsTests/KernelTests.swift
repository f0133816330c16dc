// Every set of kernels that this machine can run against the definitions.

import CKernels
import MnemeBase
import Testing

@testable import MnemeVectors

@Suite struct KernelTests {
    @Test(arguments: [1, 63, 64, 65, 100, 128, 192, 384, 640, 768, 1000, 1536])
    func rotationAndCodeFollowTheFormat(dimension: Int) throws {
        let random = SeededRandomness(seed: UInt64(dimension))
        let shape = try VectorShape(dimension: dimension, metric: .dot, format: .float32)
        let coder = VectorCoder(shape: shape, seed: 99)
        let reference = Reference(dimension: dimension, seed: 99)
        let vector = random.vector(dimension)
        let expected = reference.rotated(vector)
        let expectedCode = Reference.code(expected)
        // swift-format-ignore
        for unsafe kernels in unsafe Kernels.all {
            var values = vector + [Float](repeating: 0, count: shape.paddedDimension - dimension)
            unsafe kernels.rotate(&values, shape.paddedDimension, coder.signs)
            #expect(values == expected)
            var code = [UInt8](repeating: 0xee, count: shape.codeByteCount)
            let sums = unsafe kernels.encode(values, values.count, &code)
            #expect(code == expectedCode.code)
            #expect(sums.squares == expectedCode.squares)
            #expect(sums.correlation == expectedCode.correlation)
        }
    }

    @Test(arguments: [64, 128, 192, 320, 384, 1536])
    func codeScoresFollowTheFormat(padded: Int) {
        let random = SeededRandomness(seed: UInt64(padded) &* 3)
        let capacity = 70
        let codes = (0..<capacity).map { entry in
            (0..<padded / 2).map { _ in
                entry == 0 ? 0xff : entry == 1 ? 0 : UInt8(truncatingIfNeeded: random.next())
            }
        }
        let flat = codes.flatMap { $0 }
        let scales = random.vector(capacity)
        let biases = random.vector(capacity)
        for extreme in [false, true] {
            let query = extreme ? [Float](repeating: -3, count: padded) : random.vector(padded)
            // swift-format-ignore
            for unsafe kernels in unsafe Kernels.all {
                let memory = AlignedBytes(byteCount: (padded + 127) / 128 * 128)
                let lanes = unsafe memory.part(at: 0, of: Int8.self)
                var sum: Int32 = 0
                let step = unsafe kernels.quantise(query, padded, lanes, &sum)
                let greatest = query.reduce(0) { max($0, abs($1)) }
                let weights = query.map { Int(($0 * (127 / greatest)).rounded(.toNearestOrEven)) }
                #expect(step == greatest / 127)
                #expect(Int(sum) == weights.reduce(0, +))
                var prepared = unsafe mneme_code_query(
                    lanes: lanes,
                    code_byte_count: padded / 2,
                    correction: 15 * sum,
                    scale: step / 2,
                    offset: 0.5
                )
                let expected = (0..<capacity).map { entry in
                    let product = (0..<padded).reduce(0) {
                        $0 + Reference.nibble(codes[entry], $1) * weights[$1]
                    }
                    var score = Float(2 * product - 15 * Int(sum)) * (step / 2)
                    score *= scales[entry]
                    score -= biases[entry]
                    return score - 0.5
                }
                for count in [0, 1, 2, 3, 4, 5, 15, 16, 17, 31, 33, 37, 64, 70] {
                    var scores = [Float](repeating: .nan, count: count + 16)
                    unsafe kernels.codes_score(&prepared, flat, scales, biases, count, &scores)
                    #expect(Array(scores[..<count]) == Array(expected[..<count]))
                    #expect(scores[count].isNaN)
                    var indices = [UInt32](repeating: 0, count: count + 16)
                    let passed = unsafe kernels.codes_scan(
                        &prepared,
                        flat,
                        scales,
                        biases,
                        count,
                        expected[0],
                        flat,
                        &scores,
                        &indices
                    )
                    let above = (0..<count).filter { expected[$0] > expected[0] }
                    #expect(indices[..<passed].map(Int.init) == above)
                    #expect(Array(scores[..<passed]) == above.map { expected[$0] })
                    let chosen = (0..<count).map { _ in UInt32(random.below(capacity)) }
                    unsafe kernels.codes_score_indices(
                        &prepared,
                        flat,
                        scales,
                        biases,
                        chosen,
                        count,
                        &scores
                    )
                    #expect(Array(scores[..<count]) == chosen.map { expected[Int($0)] })
                    unsafe flat.withUnsafeBufferPointer { buffer in
                        guard let base = buffer.baseAddress else { return }
                        let pointers = unsafe chosen.map { unsafe base + Int($0) * padded / 2 }
                        let itsScales = chosen.map { scales[Int($0)] }
                        let itsBiases = chosen.map { biases[Int($0)] }
                        unsafe kernels.codes_score_pointers(
                            &prepared,
                            pointers,
                            itsScales,
                            itsBiases,
                            count,
                            &scores
                        )
                    }
                    #expect(Array(scores[..<count]) == chosen.map { expected[Int($0)] })
                }
            }
        }
    }

    @Test(arguments: [1, 2, 7, 8, 15, 16, 17, 31, 33, 100, 384, 385])
    func rowScoresAreRight(dimension: Int) throws {
        let random = SeededRandomness(seed: UInt64(dimension) &* 5)
        let query = random.vector(dimension)
        for format in ElementFormat.allCases {
            let rows = try (0..<9).map { _ in
                try format.encode(random.vector(dimension).map { $0 * 1000 })
            }
            // Every other row starts at an odd address.
            let flat = rows.flatMap { (row: [UInt8]) -> [UInt8] in [0xaa] + row }
            let decoded = try rows.map { try format.decode($0, dimension: dimension) }
            // swift-format-ignore
            for unsafe kernels in unsafe Kernels.all {
                for operation in [
                    mneme_rows_dot, mneme_rows_dot_and_norm, mneme_rows_squared_distance,
                ] {
                    var scores = [Float](repeating: 0, count: 9)
                    var norms = [Float](repeating: -1, count: 9)
                    unsafe flat.withUnsafeBytes { bytes in
                        guard let base = bytes.baseAddress else { return }
                        let stride = dimension * format.byteCount + 1
                        let pointers = unsafe (0..<9).map { unsafe base + $0 * stride + 1 }
                        unsafe kernels.rows_score(
                            CInt(operation),
                            CInt(format.rawValue),
                            query,
                            dimension,
                            pointers,
                            9,
                            &scores,
                            &norms
                        )
                    }
                    for row in 0..<9 {
                        var exact = 0.0
                        var norm = 0.0
                        var size = 0.0
                        for (wanted, value) in zip(query, decoded[row]) {
                            let (one, other) = (Double(wanted), Double(value))
                            let term =
                                operation == mneme_rows_squared_distance
                                ? (one - other) * (one - other) : one * other
                            exact += term
                            size += term.magnitude
                            norm += other * other
                        }
                        #expect(abs(Double(scores[row]) - exact) <= 1e-5 * size)
                        if operation == mneme_rows_dot_and_norm {
                            #expect(abs(Double(norms[row]) - norm) <= 1e-5 * norm)
                        } else {
                            #expect(norms[row] == -1)
                        }
                    }
                }
            }
        }
    }

    @Test func everyHalfIsRead() {
        // swift-format-ignore
        for unsafe kernels in unsafe Kernels.all {
            var different = 0
            for bits in UInt16.min...UInt16.max {
                var value: Float = 0
                var half = bits
                _ = unsafe kernels.load(CInt(ElementFormat.float16.rawValue), &half, 1, &value)
                let expected = Float(Float16(bitPattern: bits))
                if value != expected, !(value.isNaN && expected.isNaN) { different += 1 }
            }
            #expect(different == 0)
        }
    }

    @Test func byteProductsAreExact() {
        let random = SeededRandomness(seed: 11)
        for size in [64, 128, 384, 1536] {
            let query = (0..<size).map { $0 == 0 ? Int8(-127) : Int8(random.below(255) - 127) }
            let rows = (0..<20).map { row in
                (0..<size).map { _ in
                    row == 0 ? UInt8(0) : row == 1 ? 255 : UInt8(random.below(256))
                }
            }
            let flat = rows.flatMap { $0 }
            // swift-format-ignore
            for unsafe kernels in unsafe Kernels.all {
                var dots = [Int32](repeating: 0, count: 20)
                unsafe flat.withUnsafeBufferPointer { buffer in
                    guard let base = buffer.baseAddress else { return }
                    let pointers = unsafe (0..<20).map { unsafe base + $0 * size }
                    unsafe kernels.bytes_dot(query, size, pointers, 20, &dots)
                }
                for row in 0..<20 {
                    let expected = zip(query, rows[row]).reduce(0) {
                        $0 + Int($1.0) * (Int($1.1) - 128)
                    }
                    #expect(Int(dots[row]) == expected)
                }
            }
        }
    }
}
