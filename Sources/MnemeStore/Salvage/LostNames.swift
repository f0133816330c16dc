// Which files are gone where whole segments of a log are missing: they themselves, or the cold
// segment that stood for them and is missing. Format: formats/salvage.md.

internal import MnemeLog

/// Names the files of what is lost.
struct LostNames {
    private let survey: LogSurvey
    /// Cold segments that the newest checkpoint names, and that are not there; nil where it cannot
    /// be read.
    private let cold: [UInt64]?
    /// Whether one cold segment is missing and in one place the log is, so that it stood there.
    private let isCertain: Bool

    /// Of the losses of a log.
    init(_ losses: [LogLoss], _ pages: SalvagePages?, _ survey: LogSurvey) {
        self.survey = survey
        cold = pages.map { pages in
            pages.cold.filter { $0.isComplete && survey.isMissing($0.number) }.map(\.number)
        }
        let gaps = losses.count(where: { Self.isGap($0, survey) })
        isCertain = gaps == 1 && cold?.count == 1
    }

    /// Whether whole segments are missing there.
    private static func isGap(_ loss: LogLoss, _ survey: LogSurvey) -> Bool {
        loss.bytes == nil && survey.isMissing(loss.segments.lowerBound)
    }

    /// The file that a loss begins in, and what is the matter.
    func name(_ loss: LogLoss) -> (file: String, reason: String) {
        let plain = LogFile.name(loss.segments.lowerBound)
        guard Self.isGap(loss, survey), cold != [] else { return (plain, loss.reason) }
        let rest = loss.reason.split(separator: "; ").filter { !$0.hasSuffix(" is missing") }
        let behind = rest.isEmpty ? "" : "; " + rest.joined(separator: "; ")
        let isOne = loss.segments.count == 1
        let segments =
            isOne
            ? "segment \(loss.segments.lowerBound)"
            : "segments \(loss.segments.lowerBound) to \(loss.segments.upperBound)"
        if isCertain, let number = cold?.first {
            let file = LogFile.name(number)
            return (file, "\(file) is missing, which stood for \(segments)" + behind)
        }
        var reason = segments + ", or the cold segment that stands for "
        reason += isOne ? "it, is missing" : "them, are missing"
        if let cold {
            let names = cold.map { LogFile.name($0) }.joined(separator: ", ")
            reason += "; of the cold ones these are not there: \(names)"
        }
        return (plain, reason + behind)
    }
}
