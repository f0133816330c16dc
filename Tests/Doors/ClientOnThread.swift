// The client that waits as a door for tasks: it does so on a thread of its own.

internal import MnemeBase
package import MnemeClient
package import MnemeModel

/// A `BlockingClient` that tasks may ask.
///
/// SAFETY: the client is used by the one thread of the pool alone.
package final class ClientOnThread: Door, @unchecked Sendable {
    private let client: BlockingClient
    private let thread = WorkerPool(threadCount: 1)

    /// A door before a client that nobody else uses.
    package init(_ client: BlockingClient) { self.client = client }

    package func perform(_ request: Request) async throws(MnemeError) -> Response {
        let result: Result<Response, MnemeError> = await withCheckedContinuation { waiter in
            thread.submit {
                waiter.resume(
                    returning: Result { () throws(MnemeError) in try self.client.perform(request) }
                )
            }
        }
        return try result.get()
    }

    package func close() async throws(MnemeError) {
        await withCheckedContinuation { waiter in
            thread.submit {
                self.client.close()
                waiter.resume()
            }
        }
    }
}
