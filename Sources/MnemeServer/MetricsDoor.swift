// Figures and health over HTTP, on an address of their own: /metrics for Prometheus, /health for
// whoever decides whether the server is well. Nothing of what stores remember is told here but the
// names of stores and collections.

internal import CMicroHTTP
internal import Glibc
internal import Mneme
internal import MnemeBase
internal import MnemeModel
internal import MnemeTransport

/// Answers on an address until it is closed.
///
/// SAFETY: the library's thread reads what never changes; whoever owns it calls `close`, once.
@safe final class MetricsDoor: @unchecked Sendable {
    /// Where it listens, with the port that the system chose.
    let address: Address
    private let figures: ServerFigures
    private let shelf: StoreShelf
    private let recall: RecallWatch?
    private var server: OpaquePointer?

    /// Listens.
    ///
    /// - Throws: as `ListeningSocket`; `.system` where no thread can be had.
    init(
        _ address: Address,
        _ figures: ServerFigures,
        _ shelf: StoreShelf,
        _ recall: RecallWatch? = nil
    ) throws(TransportError) {
        var socket = try ListeningSocket(address)
        (self.address, self.figures, self.shelf) = (socket.address, figures, shelf)
        self.recall = recall
        // SAFETY: `close` ends the thread before this object goes.
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        let ask: mneme_http_ask = { context, path in
            guard let context = unsafe context, let path = unsafe path else {
                return unsafe mneme_http_answer()
            }
            let door = unsafe Unmanaged<MetricsDoor>.fromOpaque(context).takeUnretainedValue()
            return unsafe door.answer(String(cString: path))
        }
        let number = socket.number
        unsafe server = mneme_http_start(number, ask, context)
        guard unsafe server != nil else { throw .system(call: "MHD_start_daemon", code: errno) }
        socket.giveAway()
    }

    deinit { close() }

    /// Answers nobody any more.
    func close() {
        guard let server = unsafe server.take() else { return }
        unsafe mneme_http_stop(server)
    }

    private func answer(_ path: String) -> mneme_http_answer {
        switch path {
        case "/metrics": unsafe Self.answer(200, Self.metricsType, metrics)
        case "/health":
            if let trouble {
                unsafe Self.answer(503, Self.plainType, trouble)
            } else {
                unsafe Self.answer(200, Self.plainType, "ok\n")
            }
        default: unsafe mneme_http_answer()
        }
    }

    // They live as long as the process.
    private static let plainType: StaticString = "text/plain; charset=utf-8"
    private static let metricsType: StaticString = "text/plain; version=0.0.4; charset=utf-8"

    private static func answer(
        _ status: UInt32,
        _ type: StaticString,
        _ text: String
    ) -> mneme_http_answer {
        let bytes = Array(text.utf8)
        guard let body = unsafe malloc(max(1, bytes.count)) else {
            return unsafe mneme_http_answer()
        }
        unsafe bytes.withUnsafeBytes { source in
            if let base = source.baseAddress { unsafe memcpy(body, base, source.count) }
        }
        let name = unsafe UnsafeRawPointer(type.utf8Start).assumingMemoryBound(to: CChar.self)
        return unsafe mneme_http_answer(
            status: status,
            type: name,
            body: body.assumingMemoryBound(to: CChar.self),
            count: bytes.count
        )
    }

    // MARK: Health

    /// What is wrong with open stores, a line each; nil where nothing is.
    private var trouble: String? {
        var lines: [String] = []
        for (name, memory) in shelf.openStores.sorted(by: { $0.key < $1.key }) {
            do throws(MnemeError) {
                let statistics = try memory.statistics()
                if let refusal = memory.writeRefusal { lines.append("\(name): \(refusal)") }
                if let failure = statistics.upkeepFailure { lines.append("\(name): \(failure)") }
                for damage in statistics.damage { lines.append("\(name): \(damage)") }
            } catch {
                lines.append("\(name): \(error)")
            }
        }
        return lines.isEmpty ? nil : lines.joined(separator: "\n") + "\n"
    }

    // MARK: Metrics

    private var metrics: String {
        var text = MetricsText()
        figures.put(into: &text)
        text.put(shelf.openStores.sorted { $0.key < $1.key })
        if let recall { text.put(recall) }
        return text.text
    }
}
