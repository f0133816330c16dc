// A picture of figures side by side: what rises over time, or columns. Drawn by sizes alone, so
// that the same figures make the same picture.

internal import Mneme
internal import MnemeCommandLine

/// Figures as a picture.
struct SeriesPicture: Sendable {
    /// How figures are drawn.
    enum Form: Sendable {
        case rise
        case columns
    }

    /// What is pictured, for those who do not see it.
    var title: String
    /// Tells pictures of one page apart: letters and digits.
    var mark: String
    var form: Form
    var values: [Double]
    /// What stands below some of the values, by their places.
    var labels: [(place: Int, text: String)]
    /// What stands at the left of a value.
    var shown: @Sendable (Double) -> String = { Figures.count(Int($0)) }
    /// What is said of each value when it is pointed at; nothing where empty.
    var hints: [String] = []
    var height = 200.0

    private static let width = 640.0
    private static let left = 74.0
    private static let right = 14.0
    private static let top = 12.0
    private static let bottom = 28.0

    init(_ title: String, mark: String, _ form: Form, _ values: [Double]) {
        self.title = title
        self.mark = mark
        self.form = form
        self.values = values
        labels = []
    }

    /// The next of 1, 2, 5, 10, 20, 50 … that is not below a value.
    static func ceiling(_ value: Double) -> Double {
        guard value > 0, value.isFinite else { return 1 }
        var unit = 1.0
        while unit < value { unit *= 10 }
        while unit / 10 >= value { unit /= 10 }
        return [unit / 5, unit / 2, unit].first { $0 >= value } ?? unit
    }

    /// A place in a picture, with one digit behind the point.
    static func place(_ number: Double) -> String { Figures.decimal(number, digits: 1) }

    /// It as a part of a page.
    var markup: Markup {
        let most = Self.ceiling(values.max() ?? 0)
        // Where halves cannot be told, there is no line for them.
        let shares = [0, 0.5, 1].filter { $0 != 0.5 || shown(most / 2) != shown(0) }
        let grid = shares.flatMap { line(at: $0, of: most) }
        return .element(
            "div",
            ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": title],
            [
                .element(
                    "svg",
                    [
                        "xmlns": "http://www.w3.org/2000/svg", "role": "img",
                        "viewBox": "0 0 \(Self.place(Self.width)) \(Self.place(height))",
                        "aria-labelledby": "t-\(mark)",
                    ],
                    [.element("title", ["id": "t-\(mark)"], title)] + grid + drawn(most)
                        + labels.map(label)
                )
            ]
        )
    }

    private var inner: Double { Self.width - Self.left - Self.right }

    private func x(_ place: Int) -> Double {
        switch form {
        case .rise: Self.left + inner * Double(place) / Double(max(1, values.count - 1))
        case .columns: Self.left + inner * (Double(place) + 0.5) / Double(max(1, values.count))
        }
    }

    private func y(_ value: Double, _ most: Double) -> Double {
        let room = height - Self.top - Self.bottom
        return Self.top + room * (1 - min(1, max(0, value / most)))
    }

    private func line(at share: Double, of most: Double) -> [Markup] {
        let y = y(share * most, most)
        return [
            .element(
                "line",
                [
                    "class": "grid", "x1": Self.place(Self.left), "y1": Self.place(y),
                    "x2": Self.place(Self.width - Self.right), "y2": Self.place(y),
                ]
            ),
            .element(
                "text",
                [
                    "class": "soft", "x": Self.place(Self.left - 8), "y": Self.place(y + 4),
                    "text-anchor": "end",
                ],
                shown(share * most)
            ),
        ]
    }

    private func drawn(_ most: Double) -> [Markup] {
        guard !values.isEmpty else { return [] }
        switch form {
        case .rise:
            let points = values.indices.map {
                "\(Self.place(x($0))),\(Self.place(y(values[$0], most)))"
            }
            let ground = Self.place(y(0, most))
            let ends = (Self.place(x(0)), Self.place(x(values.count - 1)))
            let area = ["\(ends.0),\(ground)"] + points + ["\(ends.1),\(ground)"]
            return [
                .element("polygon", ["class": "area", "points": area.joined(separator: " ")]),
                .element("polyline", ["class": "rise", "points": points.joined(separator: " ")]),
            ]
        case .columns:
            let width = max(1, inner / Double(values.count) * 0.8)
            return values.indices.filter { values[$0] > 0 }.map { place in
                // What is there is seen, however little it is.
                let high = max(1.5, y(0, most) - y(values[place], most))
                let hint = hints.indices.contains(place) ? hints[place] : ""
                return .element(
                    "rect",
                    [
                        "class": "col", "x": Self.place(x(place) - width / 2),
                        "y": Self.place(y(0, most) - high), "width": Self.place(width),
                        "height": Self.place(high),
                    ],
                    hint.isEmpty ? [] : [.element("title", [:], hint)]
                )
            }
        }
    }

    private func label(_ place: Int, _ text: String) -> Markup {
        let isFirst = place == 0 && values.count > 1
        let isLast = place == values.count - 1 && values.count > 1
        let isWide = text.count > 8
        return .element(
            "text",
            [
                "class": "soft", "x": Self.place(x(place)), "y": Self.place(height - 8),
                "text-anchor": isWide && isFirst ? "start" : isWide && isLast ? "end" : "middle",
            ],
            text
        )
    }
}
