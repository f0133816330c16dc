"""Encrypted stores: keys, frames and places. formats/encryption.md.

Without a key nothing here is needed: checksums are of the bytes as they stand in the files.
"""

import os

from primitives import Damage, Newer, Reader, checksum

PLACE, STORED = 1024, 1056
ROOT_PLACES = 16


def read_key(path: str) -> bytes:
    """A key file: 32 bytes, or 64 digits and at most one line end."""
    if os.stat(path).st_mode & 0o066:
        raise Damage(f"{path}: others than its owner may read or write it")
    with open(path, "rb") as file:
        data = file.read(67)
    if len(data) == 32:
        return data
    try:
        key = bytes.fromhex(data.decode("ascii"))
    except ValueError:
        key = b""
    if len(key) != 32:
        raise Damage(f"{path}: no key")
    return key


def derived(key: bytes, salt: bytes, info: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(hashes.SHA256(), 32, salt, info).derive(key)


def opened(key: bytes, nonce: bytes, sealed: bytes, head: bytes, what: str) -> bytes:
    """What was sealed; the tag stands behind it."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(nonce, sealed, head or None)
    except InvalidTag:
        raise Damage(f"{what}: was not written with the store's key") from None


class Vault:
    """The store key; None of it without a master key."""

    def __init__(self, key: "bytes | None", identity: bytes):
        self.key, self.identity = key, identity
        self.sessions: dict[bytes, bytes] = {}

    def segment(self, number: int, salt: bytes) -> "bytes | None":
        if self.key is None:
            return None
        info = b"mneme segment" + self.identity + number.to_bytes(8, "little")
        return derived(self.key, salt, info)

    def page_file(self, data: bytes, path: str) -> bytes:
        """The places of a page file."""
        places = []
        for number in range(len(data) // STORED):
            stored = data[number * STORED:(number + 1) * STORED]
            if not stored.strip(b"\x00"):
                places.append(bytes(PLACE))
                continue
            salt = stored[PLACE:PLACE + 12]
            if salt not in self.sessions:
                self.sessions[salt] = derived(self.key, salt, b"mneme pages" + self.identity)
            nonce = number.to_bytes(8, "little") + stored[PLACE + 12:PLACE + 16]
            try:
                what = f"{path}, place {number}"
                sealed = stored[:PLACE] + stored[PLACE + 16:]
                places.append(opened(self.sessions[salt], nonce, sealed, b"", what))
            except Damage:
                # A place that nobody needs may be torn; who needs it finds no page there.
                places.append(b"\xff" * PLACE)
        return b"".join(places)


def unlock(data: bytes, path: str, master: "bytes | None") -> "Vault | None":
    """The keys of an identity file of version 2, None of another."""
    for start in (0, 2048):
        copy = data[start:start + 128]
        if len(copy) < 128 or copy[8:16] != b"MNEMEST1":
            continue
        if checksum(copy[8:120]) != int.from_bytes(copy[120:], "little"):
            continue
        reader = Reader(copy, path, 16)
        version, cipher = reader.u32(), reader.u32()
        if version != 2 or cipher != 1:
            raise Newer(f"{path}: version {version}, cipher {cipher}")
        if master is None:
            return Vault(None, copy[24:40])
        wrapping = derived(master, copy[40:72], b"mneme master" + copy[24:40])
        return Vault(opened(wrapping, bytes(12), copy[72:120], copy[8:40], path), copy[24:40])
    return None
