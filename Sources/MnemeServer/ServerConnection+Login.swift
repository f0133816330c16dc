// Letting a client in: by the token that its hello shows, where the server has tokens, and for as
// long as that token is good (formats/security.md).

internal import Mneme
internal import MnemeBase
internal import MnemeModel
internal import MnemeTransport
internal import MnemeWire

/// How a client was let in.
struct Login {
    let shown: Shown
    let hello: Hello
    /// The tokens under which that was looked at last.
    var version: UInt64
}

extension ServerConnection {
    /// Has TLS spoken on a connection.
    func secure(_ connection: Connection, _ tls: TLSKeeper) {
        guests.refreshFiles(connection.loop)
        guard let session = try? tls.context.session() else { return connection.close() }
        connection.secure(with: session, tellingOthers: Self.plainAnswer)
    }

    /// Lets a client in; where it refuses it, it says so, and false.
    func letIn(_ hello: Hello, _ connection: Connection) -> Bool {
        let address = LoginBrake.name(of: connection.peer)
        let now = connection.loop.now()
        let wait = guests.logins.wait(address, now: now)
        guard wait == 0 else {
            let fields: [LogEvent.Field] = [
                ("address", .text("\(connection.peer.address)")),
                ("milliseconds", .milliseconds(wait)),
            ]
            guests.options.report?(LogEvent(.loginSlowed, connection: connection.id, fields))
            session.refuse(Self.tooManyLogins(wait), detail: UInt32(clamping: wait / 1000 + 1))
            return false
        }
        guests.refreshTokens(connection.loop, atOnce: true)
        do throws(MnemeError) {
            let login = try Self.login(hello, connection, guests.tokens.version)
            let permit = try admit(login)
            self.login = login
            origin = AuditOrigin(hello, connection, permit: permit)
            guests.logins.succeed(address)
            return true
        } catch {
            // Who has a token that is good, and asks for what it does not open, guesses nothing.
            let isFailure = error.code != .forbidden
            if isFailure { guests.logins.fail(address, now: now) }
            let isKept = isFailure || guests.logins.keepsRefusal(now: now)
            noteFailedLogin(hello, error, connection, isKept: isKept)
            session.refuse(error)
            return false
        }
    }

    /// Why nothing more is done for the client: its token was revoked, or is over.
    ///
    /// Nil as a rule.
    func objection(_ connection: Connection) -> MnemeError? {
        guests.refreshTokens(connection.loop, atOnce: false)
        let version = guests.tokens.version
        guard var login, login.version != version else { return nil }
        do throws(MnemeError) {
            let permit = try admit(login)
            login.version = version
            self.login = login
            origin = AuditOrigin(login.hello, connection, permit: permit)
            return nil
        } catch {
            return error
        }
    }

    /// Whether a client is let in, and under which permit; nil where everything is allowed.
    ///
    /// - Throws: `.unauthenticated`, `.tokenExpired`, `.forbidden`.
    private func admit(_ login: Login) throws(MnemeError) -> Permit? {
        guard let admission = try guests.tokens.admit(login.shown) else { return nil }
        let name = login.hello.store.isEmpty ? StoreShelf.standardName : login.hello.store
        guard admission.opens(name) else {
            throw MnemeError(
                .forbidden,
                "token \"\(admission.permit.name)\" does not open the store "
                    + "\"\(name.prefix(80))\"; ask for another token, or another store"
            )
        }
        return admission.permit
    }

    /// The login that a hello asks for.
    ///
    /// - Throws: `.unauthenticated`.
    private static func login(
        _ hello: Hello,
        _ connection: Connection,
        _ version: UInt64
    ) throws(MnemeError) -> Login {
        let shown: Shown
        switch hello.method {
        case "": shown = .nothing
        case Hello.tokenMethod: shown = .token(TokenText.hash(hello.token))
        case Hello.certificateMethod:
            guard let name = connection.certifiedName else { throw TokenBook.uncertified }
            shown = .certificate(name)
        default: throw TokenBook.unknownMethod
        }
        return Login(shown: shown, hello: hello, version: version)
    }

    /// Tells the store of a login that failed, where it is open and keeps such.
    private func noteFailedLogin(
        _ hello: Hello,
        _ error: MnemeError,
        _ connection: Connection,
        isKept: Bool
    ) {
        let name = hello.store.isEmpty ? StoreShelf.standardName : hello.store
        let fields: [LogEvent.Field] = [
            ("address", .text("\(connection.peer.address)")), ("client", .text(hello.client)),
        ]
        guests.options.report?(
            .failure(.loginRefused, error, store: name, connection: connection.id, fields)
        )
        guard isKept, let memory = guests.shelf.openStores[name] else { return }
        let asker = Asker(AuditOrigin(hello, connection, permit: nil))
        memory.noteRefusal("login", error, for: asker)
    }
}
