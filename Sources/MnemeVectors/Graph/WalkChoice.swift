// What those know of walks who choose a beam by the recall that is wanted: which beams are worth
// being measured, and what a walk costs beside a scan.

/// Which walks there are.
package enum WalkChoice {
    /// The beams that are measured and chosen from, ascending.
    private static let steps = [
        16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144,
        8192, 12_288, 16_384,
    ]
    /// Up to here beams are measured also where a scan costs less.
    private static let plain = 512
    /// What a score on a walk costs beside one of a scan: its code is not the next one.
    private static let walkedScore = 7.0
    /// Where a walk is asked for, it may come to so many codes, however few nodes there are.
    private static let asked = 4_096

    /// The beam that answers for so many hits where nobody asks for one.
    package static func usualBeam(_ count: Int) -> Int {
        GraphChoice.beam(for: NearestLimits(count: count))
    }

    /// Whether a walk with a beam over so many nodes costs less than a scan of them.
    package static func isCheaper(beam: Int, over nodes: Int) -> Bool {
        beam <= GraphChoice.widest && scores(beam) * walkedScore < Double(nodes)
    }

    /// Whether a walk with a beam is made over so many nodes where it is asked for.
    package static func isMade(beam: Int, over nodes: Int) -> Bool {
        beam <= GraphChoice.widest && scores(beam) < Double(max(nodes, asked))
    }

    /// The beams that are worth being measured over so many nodes, ascending.
    package static func beams(over nodes: Int) -> [Int] {
        steps.filter { beam in
            isMade(beam: beam, over: nodes)
                && (beam <= plain || isCheaper(beam: beam, over: nodes))
        }
    }

    private static func scores(_ beam: Int) -> Double { GraphChoice.scores(beam: .init(beam)) }

    /// A beam that is wider than any walk has: everything is scanned.
    package static var scan: Int { GraphChoice.widest + 1 }
}
