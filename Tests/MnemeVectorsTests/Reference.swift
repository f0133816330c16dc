// The definitions of formats/vector-codes.md, written a second time and slowly, to hold the kernels
// against.

@testable import MnemeBase

/// A reader of the format page.
struct Reference {
    let dimension: Int
    let seed: UInt64
    var padded: Int { (dimension + 63) / 64 * 64 }

    static func sum(_ terms: [Float]) -> Float {
        var lanes = [Float](repeating: 0, count: 16)
        for (index, term) in terms.enumerated() { lanes[index % 16] += term }
        for width in [8, 4, 2, 1] {
            for lane in 0..<width { lanes[lane] += lanes[lane + width] }
        }
        return lanes[0]
    }

    func rotated(_ vector: [Float]) -> [Float] {
        var values = vector + [Float](repeating: 0, count: padded - dimension)
        let random = SeededRandomness(seed: seed)
        var window = 64
        while window * 2 <= padded { window *= 2 }
        let scale = 1 / Float(window).squareRoot()
        for round in 0..<4 {
            let words = (0..<padded / 64).map { _ in random.next() }
            let start = round % 2 == 0 ? 0 : padded - window
            for index in start..<start + window {
                if words[index / 64] >> UInt64(index % 64) & 1 == 1 { values[index].negate() }
                values[index] *= scale
            }
            var distance = 1
            while distance < window {
                for index in 0..<window where index & distance == 0 {
                    let (low, high) = (values[start + index], values[start + index + distance])
                    values[start + index] = low + high
                    values[start + index + distance] = low - high
                }
                distance *= 2
            }
            guard window < padded else { continue }
            for index in 0..<padded / 2 {
                let (low, high) = (values[index], values[index + padded / 2])
                values[index] = (low + high) * (round % 2 == 1 ? 0.5 : 1)
                values[index + padded / 2] = (low - high) * (round % 2 == 1 ? 0.5 : 1)
            }
        }
        return values
    }

    static func level(_ value: Float, _ step: Float) -> Int {
        let shifted = value * (1 / step) + 8
        return Int(max(0, min(15.5, shifted)))
    }

    static func code(_ values: [Float]) -> (code: [UInt8], squares: Float, correlation: Float) {
        let squares = sum(values.map { $0 * $0 })
        let deviation = (squares / Float(values.count)).squareRoot()
        guard deviation > 1e-18 else {
            return ([UInt8](repeating: 0x88, count: values.count / 2), 0, 0)
        }
        var best = (step: deviation, correlation: Float(0), levels: Float(1))
        for attempt in 0..<9 {
            let step =
                attempt < 8
                ? deviation * (Float(26 + 2 * attempt) / 100) : best.correlation / best.levels
            let centred = values.map { Float(level($0, step)) - 7.5 }
            let correlation = sum(zip(centred, values).map { $0 * $1 })
            let levels = sum(centred.map { $0 * $0 })
            if Double(correlation) * Double(correlation) * Double(best.levels)
                > Double(best.correlation) * Double(best.correlation) * Double(levels)
            {
                best = (step, correlation, levels)
            }
        }
        var code = [UInt8](repeating: 0, count: values.count / 2)
        for (index, value) in values.enumerated() {
            let group = index / 128
            let half = values.count - group * 128 < 128 ? 32 : 64
            let place = index % 128
            let byte = group * 64 + place % half
            code[byte] |= UInt8(level(value, best.step)) << (place < half ? 0 : 4)
        }
        return (code, squares, best.correlation)
    }

    static func nibble(_ code: [UInt8], _ index: Int) -> Int {
        let group = index / 128
        let half = code.count * 2 - group * 128 < 128 ? 32 : 64
        let place = index % 128
        return Int(code[group * 64 + place % half] >> (place < half ? 0 : 4) & 15)
    }
}

extension SeededRandomness {
    /// About normal, mean 0, deviation 1.
    func normal() -> Float {
        var sum: Float = -6
        for _ in 0..<12 { sum += Float(next() >> 40) / 16_777_216 }
        return sum
    }

    /// A vector of normal elements.
    func vector(_ dimension: Int) -> [Float] { (0..<dimension).map { _ in normal() } }
}
