// Words that carry grammar, not topic. They stay in the index and are dropped from questions only.

/// Stop words of questions, folded, per language.
///
/// English only so far; other languages have none.
enum StopWords {
    private static let english: Set<String> = Set(
        """
        a about above after again against all also am an and any are aren't as at be because been
        before being below between both but by can can't cannot could couldn't d did didn't do does
        doesn't doing don't done down during each either else ever few for from further get gets
        getting go goes going got had hadn't has hasn't have haven't having he he'd he'll he's her
        here here's hers herself him himself his how how's i i'd i'll i'm i've if in into is isn't
        it it'd it'll it's its itself just let let's like ll made make makes many may me might mine
        more most much must my myself neither no nor not now of off oh ok on once only onto or other
        our ours ourselves out over own perhaps please quite rather re really s same shall she she'd
        she'll she's should shouldn't since so some such t than that that'd that'll that's the their
        theirs them themselves then there there's these they they'd they'll they're they've this
        those though through thus to too under until up upon us ve very was wasn't we we'd we'll
        we're we've were weren't what what's when when's where where's whether which while who who's
        whom whose why why's will with within without won't would wouldn't yes yet you you'd you'll
        you're you've your yours yourself yourselves
        """.split(whereSeparator: \.isWhitespace).map(String.init)
    )

    /// Whether a folded word is a stop word of the language.
    static func contains(_ word: [UInt8], _ language: TextLanguage) -> Bool {
        guard language == .english || language == .porter, word.count <= 12 else { return false }
        return english.contains(String(decoding: word, as: UTF8.self))
    }
}
