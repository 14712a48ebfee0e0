"""The vault: sealing of identities, wrapping of data keys, with the master keys of accounts.keyring. No models here."""

from accounts.keyring import VERSION, Keyring, VaultError, keyring, seal, unseal

__all__ = ["VERSION", "Keyring", "VaultError", "keyring", "seal", "seal_text", "unseal", "unseal_text"]


def seal_text(text: str, *, purpose: str, row) -> bytes:
    return seal(text.encode(), purpose=purpose, context=row.pk.bytes)


def unseal_text(sealed: bytes, *, purpose: str, row) -> str:
    return unseal(sealed, purpose=purpose, context=row.pk.bytes).decode()
