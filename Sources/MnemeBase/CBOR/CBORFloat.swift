// Floats in the shortest of the three widths that holds the same value (RFC 8949 §4.2.1). All
// not-a-numbers are one: 0x7e00 (§4.2.2), so that equal values have equal bytes.

/// Widths of floats.
enum CBORFloat {
    /// The bits of the only not-a-number that is written.
    static let notANumber: UInt16 = 0x7e00

    /// Half-precision bits of the same value, where there are any.
    static func half(_ value: Float) -> UInt16? {
        let bits = value.bitPattern
        let sign = UInt16(truncatingIfNeeded: bits >> 16) & 0x8000
        let exponent = Int(bits >> 23 & 0xff) - 127
        let fraction = bits & 0x7f_ffff
        if bits << 1 == 0 { return sign }
        if exponent == 128 { return fraction == 0 ? sign | 0x7c00 : nil }
        if exponent >= -14, exponent <= 15 {
            guard fraction & 0x1fff == 0 else { return nil }
            return sign | UInt16(exponent + 15) << 10 | UInt16(fraction >> 13)
        }
        guard exponent >= -24, exponent < -14 else { return nil }
        // A subnormal: the leading one is spelled out, and low bits fall off.
        let whole = fraction | 0x80_0000
        let shift = UInt32(-1 - exponent)
        guard whole & (1 << shift - 1) == 0 else { return nil }
        return sign | UInt16(whole >> shift)
    }

    /// The value of half-precision bits.
    static func value(half bits: UInt16) -> Double {
        let exponent = Int(bits >> 10 & 0x1f)
        let fraction = Double(bits & 0x3ff)
        let magnitude: Double
        switch exponent {
        case 0: magnitude = fraction * 0x1p-24
        case 31: magnitude = fraction == 0 ? .infinity : .nan
        default:
            magnitude = Double(
                sign: .plus,
                exponent: exponent - 15,
                significand: 1 + fraction / 1024
            )
        }
        return bits & 0x8000 == 0 ? magnitude : -magnitude
    }

    /// The value behind a float's head, whose additional information is 25, 26 or 27.
    static func value(information: UInt8, argument: UInt64) -> Double {
        switch information {
        case 25: value(half: UInt16(truncatingIfNeeded: argument))
        case 26: Double(Float(bitPattern: UInt32(truncatingIfNeeded: argument)))
        default: Double(bitPattern: argument)
        }
    }

    /// The additional information (25, 26 or 27) and the bits that `value` is written with.
    static func shortest(_ value: Double) -> (information: UInt8, argument: UInt64) {
        if value.isNaN { return (25, UInt64(notANumber)) }
        let single = Float(value)
        guard Double(single) == value else { return (27, value.bitPattern) }
        if let half = half(single) { return (25, UInt64(half)) }
        return (26, UInt64(single.bitPattern))
    }
}
