import Synchronization
import Testing

@testable import MnemeCommandLine

@Suite struct TextFlowTests {
    @Test func linesAreBrokenAtBlanks() {
        #expect(TextFlow.wrapped("one two  three\nfour", width: 9) == "one two\nthree\nfour")
        #expect(TextFlow.wrapped("one two", width: 6, indent: 2, hanging: 1) == "  one\n   two")
        #expect(TextFlow.wrapped("unbreakable a", width: 4) == "unbreakable\na")
        #expect(TextFlow.wrapped("", width: 4) == "")
    }

    @Test func longTextIsShortened() {
        #expect(TextFlow.shortened("a  b\nc", to: 5) == "a b c")
        #expect(TextFlow.shortened("abcdef", to: 5) == "abcd…")
    }

    @Test func columnsStandUnderEachOther() {
        let text = TextFlow.columns([("a", "one two"), ("long", "three")], width: 12)
        #expect(text == "  a     one\n        two\n  long  three\n")
        let wide = String(repeating: "x", count: 40)
        #expect(
            TextFlow.columns([(wide, "y")], width: 60) == "  \(wide)\n\(TextFlow.blanks(34))y\n"
        )
    }
}

@Suite struct TextTableTests {
    @Test func numbersStandRight() {
        var table = TextTable([("name", .left), ("count", .right)], indent: 1)
        #expect(table.isEmpty)
        table.add(["a", "7"])
        table.add(["longer", "1,000"])
        #expect(
            table.lines() == [
                " name    count", " ──────  ─────", " a           7", " longer  1,000",
            ]
        )
    }

    @Test func theLastColumnIsCut() {
        var table = TextTable([("a", .left), ("text", .left)])
        table.add(["x", "0123456789abcdef"])
        #expect(table.lines(width: 12).last == "x  01234567…")
        #expect(table.lines(width: 12).allSatisfy { $0.count <= 12 })
    }
}

@Suite struct FiguresTests {
    @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")])
    func counts(_ number: Int, _ text: String) { #expect(Figures.count(number) == text) }

    @Test(arguments: [
        (0.0, 2, "0.00"), (0.005, 2, "0.01"), (-0.001, 2, "0.00"), (1.25, 1, "1.3"),
        (99.999, 2, "100.00"), (-2.5, 0, "-3"), (.infinity, 1, "inf"), (0.07, 3, "0.070"),
    ])
    func decimals(_ number: Double, _ digits: Int, _ text: String) {
        #expect(Figures.decimal(number, digits: digits) == text)
    }

    @Test func notANumberHasAName() { #expect(Figures.decimal(.nan, digits: 2) == "nan") }

    @Test(arguments: [
        (0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (999_949, "999.9 kB"),
        (999_950, "1.0 MB"), (118_400_000, "118.4 MB"), (7_000_000_000_000_000, "7000.0 TB"),
    ])
    func bytes(_ count: Int, _ text: String) { #expect(Figures.bytes(count) == text) }

    @Test(arguments: [
        (0.000012, "12 µs"), (0.0034, "3.4 ms"), (7.23, "7.2 s"), (200, "3 min 20 s"),
        (7300, "2 h 1 min"),
    ])
    func seconds(_ seconds: Double, _ text: String) { #expect(Figures.seconds(seconds) == text) }
}

@Suite struct ProgressMeterTests {
    /// What a meter writes and the time that it sees.
    private final class Stage: Sendable {
        private let state = Mutex((time: 0.0, written: [String]()))

        var time: Double {
            get { state.withLock(\.time) }
            set { state.withLock { $0.time = newValue } }
        }
        var written: [String] { state.withLock(\.written) }

        func line(total: Int?, _ mode: ProgressMeter.Mode, isTerminal: Bool) -> ProgressLine {
            ProgressLine(
                "import",
                unit: "rows",
                total: total,
                mode: mode,
                isTerminal: isTerminal,
                now: { self.time },
                write: { text in self.state.withLock { $0.written.append(text) } }
            )
        }

        func meter(
            total: Int?,
            _ mode: ProgressMeter.Mode,
            isTerminal: Bool
        ) -> ProgressMeter {
            ProgressMeter(line(total: total, mode, isTerminal: isTerminal))
        }
    }

    @Test func shortJobsAreSilent() {
        let stage = Stage()
        var meter = stage.meter(total: 10, .always, isTerminal: true)
        stage.time = 1.9
        meter.advance(to: 9)
        meter.finish()
        #expect(stage.written.isEmpty)
    }

    @Test func aTerminalHasOneLine() {
        let stage = Stage()
        var meter = stage.meter(total: 4000, .automatic, isTerminal: true)
        stage.time = 2
        meter.advance(to: 2000)
        stage.time = 2.05
        meter.advance(to: 2001)
        stage.time = 2.5
        meter.advance(to: 3000)
        meter.finish()
        #expect(stage.written.count == 3)
        #expect(
            stage.written[0] == "\rimport: 50 %, 2,000 of 4,000 rows, 1,000/s, 2.0 s left"
        )
        #expect(stage.written[1].hasPrefix("\rimport: 75 %, 3,000 of 4,000 rows, 1,200/s"))
        #expect(stage.written[2].hasPrefix("\r   "))
    }

    @Test func elsewhereThereAreLinesOnRequest() {
        let stage = Stage()
        var silent = stage.meter(total: nil, .automatic, isTerminal: false)
        var asked = stage.meter(total: nil, .always, isTerminal: false)
        for second in 1...5 {
            stage.time = Double(second)
            silent.advance(to: second * 10)
            asked.advance(to: second * 10)
        }
        silent.finish()
        asked.finish()
        #expect(stage.written == ["import: 20 rows, 10/s\n", "import: 40 rows, 10/s\n"])
    }

    @Test func whoSaysNothingIsSeenToGoOn() {
        let stage = Stage()
        let line = stage.line(total: nil, .always, isTerminal: false)
        for second in 1...9 {
            stage.time = Double(second)
            if second == 5 { line.advance(to: 1000, of: 4000) }
            line.tick()
        }
        line.finish()
        stage.time = 20
        line.tick()
        #expect(
            stage.written == [
                "import: 2.0 s so far\n", "import: 4.0 s so far\n",
                "import: 25 %, 1,000 of 4,000 rows, 167/s, 18.0 s left\n",
                "import: 25 %, 1,000 of 4,000 rows, 125/s, 24.0 s left\n",
            ]
        )
    }

    @Test func aTerminalIsDrawnTwiceASecondAtMostWhileNothingIsSaid() {
        let stage = Stage()
        let line = stage.line(total: nil, .automatic, isTerminal: true)
        for tenth in 1...30 {
            stage.time = Double(tenth) / 10
            line.tick()
        }
        #expect(stage.written.count == 3)
        line.finish()
        #expect(stage.written.last?.allSatisfy { $0 == " " || $0 == "\r" } == true)
    }
}
