// Texts like English, made from a number: the same number gives the same text everywhere.

internal import MnemeBase

/// Makes texts.
enum MadeText {
    /// Words of everyday talk, frequent ones first.
    static let words: [String] = """
        the of and to in that was it for is on with he as you had at his be by not she from \
        or have an they which one were her all their there been when who will more would up \
        some out into time about other people then two could new only its our now like over \
        man even most after also made years way where work day well year because house still \
        life world school between city night hand water room family place garden river bread \
        window mother winter summer letter morning friend market doctor music picture \
        journey bridge teacher village question answer story paper mountain harbour kitchen \
        station island engine captain blanket candle orchard painter violin library compass \
        lantern meadow harvest ribbon kettle anchor feather bicycle postcard thunder cottage \
        sparrow marble pepper saddle velvet walnut whistle
        """.split(separator: " ").map(String.init)

    /// So many words; earlier words of the list come more often.
    static func sentence(_ seed: UInt64, words count: Int) -> String {
        let chance = SeededRandomness(seed: seed &* 0x9e37_79b9 &+ 17)
        return (0..<count).map { _ in word(chance) }.joined(separator: " ")
    }

    private static func word(_ chance: SeededRandomness) -> String {
        let place = Double(chance.below(1 << 20)) / Double(1 << 20)
        return words[Int(place * place * Double(words.count))]
    }
}
