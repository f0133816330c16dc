import Testing

@testable import MnemeProgram

@Suite struct MarkupTests {
    /// Whatever a text is, it comes back as a text, and nothing else came into being.
    @Test func textsMeanNothing() throws {
        let texts = [
            "<script>alert(1)</script>", "\" onload=\"x", "' &amp; <!-- ]]> --> &", "</svg></td>",
            "ж 猫 🐈", "",
        ]
        for text in texts {
            let page = Markup.element(
                "p",
                ["title": text],
                [.words(text), .element("b", [:], text)]
            )
            let read = try WrittenMarkup(page.text)
            #expect(read.elements.map(\.name) == ["p", "b"], "\(text)")
            #expect(read.elements[0].attributes == ["title": text], "\(text)")
            #expect(read.elements[0].text == text + text, "\(text)")
        }
    }

    /// What steers a terminal, a reader of XML or the direction of writing is seen as such.
    @Test func whatSteersIsSeen() throws {
        let steering = "a\u{0}b\u{1b}c\u{202e}d\u{2066}e\u{ffff}f\u{85}g\rh"
        let read = try WrittenMarkup(Markup.element("p", [:], steering).text)
        #expect(
            read.elements[0].text
                == "a\u{2400}b\u{241b}c\u{fffd}d\u{fffd}e\u{fffd}f\u{fffd}g\u{240d}h"
        )
    }

    @Test func aTableHasItsCells() throws {
        var table = MarkupTable("of <all>", ["a", "b"])
        #expect(table.isEmpty)
        table.add([.words("x<y"), .number("12")])
        table.add([.bar(0.5, "half"), .number("3")])
        table.add([.bar(7, "more than all"), .number("4")])
        let read = try WrittenMarkup(table.markup.text)
        #expect(read.all("caption").map(\.text) == ["of <all>"])
        #expect(read.all("th").map(\.text) == ["a", "b"])
        #expect(read.all("th").map { $0.attributes["class"] } == ["w", "n"])
        #expect(
            read.all("td").map(\.text) == ["x<y", "12", "half", "3", "more than all", "4"]
        )
        #expect(read.all("i").map { $0.attributes["style"] } == ["width:50.0%", "width:100.0%"])
    }

    @Test func scalesEndAtRoundFigures() {
        let ceilings = [
            (0.0, 1.0), (1, 1), (3, 5), (11, 20), (21, 50), (99, 100), (100, 100), (101, 200),
            (0.03, 0.05), (.infinity, 1),
        ]
        for (value, ceiling) in ceilings {
            let found = SeriesPicture.ceiling(value)
            #expect(abs(found - ceiling) < 1e-9 * ceiling, "\(value): \(found)")
        }
    }

    /// Every column is within the picture, and the highest is as high as it can be.
    @Test func picturesKeepTheirFrame() throws {
        for values in [[], [5.0], [1, 2, 3, 0, 10], [0, 0], [1e12, 3]] as [[Double]] {
            for form in [SeriesPicture.Form.rise, .columns] {
                var picture = SeriesPicture("figures", mark: "x", form, values)
                picture.labels = values.indices.map { ($0, "at \($0)") }
                let read = try WrittenMarkup(picture.markup.text)
                for column in read.all("rect") {
                    let y = Double(column.attributes["y"] ?? "") ?? -1
                    let height = Double(column.attributes["height"] ?? "") ?? -1
                    #expect(y >= 12 && height > 0 && y + height <= 172.1, "\(column)")
                }
                let drawn = form == .columns ? values.filter { $0 > 0 }.count : 0
                #expect(read.all("rect").count == drawn)
                #expect(read.all("svg").count == 1 && read.all("title").count == 1)
            }
        }
    }
}

@Suite struct RadialLayoutTests {
    private func distance(_ a: RadialLayout.Spot, _ b: RadialLayout.Spot) -> Double {
        ((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)).squareRoot()
    }

    /// No two nodes come too near to each other, and each is on the ring of its hop.
    @Test func nodesKeepApart() {
        var trees: [[Int?]] = [[nil], [nil, 0], [nil] + Array(repeating: 0, count: 59)]
        // All in one chain's last sector, and uneven families.
        trees.append([nil, 0] + Array(repeating: 1, count: 58))
        trees.append([nil, 0, 0, 0] + (0..<56).map { $0 % 7 == 0 ? 1 : $0 % 3 == 0 ? 2 : 3 })
        trees.append([nil] + (0..<59).map { $0 == 0 ? 0 : ($0 - 1) / 2 })
        for parents in trees {
            let layout = RadialLayout(parents)
            #expect(layout.spots.count == parents.count)
            #expect(layout == RadialLayout(parents))
            #expect(layout.spots[0].x == 0 && layout.spots[0].y == 0)
            for first in layout.spots.indices {
                let radius = distance(layout.spots[first], layout.spots[0])
                #expect(radius <= layout.radius + 0.001)
                for second in layout.spots.indices where second < first {
                    let between = distance(layout.spots[first], layout.spots[second])
                    #expect(between > 12, "\(parents): \(second), \(first): \(between)")
                }
            }
        }
    }
}
