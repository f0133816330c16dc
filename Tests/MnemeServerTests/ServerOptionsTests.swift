import Testing

@testable import MnemeServer

/// How many connections and stores so many descriptors suffice for.
@Suite struct ServerOptionsTests {
    private func fitted(_ descriptors: Int) -> ServerOptions {
        var options = ServerOptions(root: "/", addresses: [])
        options.fit(descriptors: descriptors)
        return options
    }

    @Test func manyDescriptorsChangeNothing() {
        let options = fitted(1 << 20)
        #expect(options.connectionLimit == ServerOptions.usualConnectionLimit)
        #expect(options.storeLimit == 256)
    }

    @Test func tenThousandConnectionsNeedFewMoreDescriptors() {
        #expect(fitted(12_500).connectionLimit >= 10_000)
        #expect(fitted(12_500).storeLimit == 256)
    }

    @Test(arguments: [0, 1, 64, 129, 256, 1024, 4096, 10_000])
    func bothFitIntoWhatThereIs(_ descriptors: Int) {
        let options = fitted(descriptors)
        #expect(options.connectionLimit >= 1)
        #expect(options.storeLimit >= 1)
        guard descriptors >= 256 else { return }
        #expect(options.connectionLimit + 8 * options.storeLimit < descriptors)
        #expect(options.connectionLimit >= descriptors / 4)
    }
}
