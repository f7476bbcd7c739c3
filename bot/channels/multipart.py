"""A document and its fields as multipart/form-data."""

from __future__ import annotations

import secrets
from collections.abc import Mapping


def form(
    fields: Mapping[str, str], field: str, name: str, content: bytes, kind: str = "application/octet-stream"
) -> tuple[str, bytes]:
    """The content type, and the bytes; the document is the field `field`."""
    edge = secrets.token_hex(16)
    quoted = name.translate({ord('"'): "%22", ord("\r"): None, ord("\n"): None})
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{given}"\r\n\r\n{value}\r\n'
        for given, value in fields.items()
    ]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="{field}"; filename="{quoted}"\r\nContent-Type: {kind}\r\n\r\n'
    return f"multipart/form-data; boundary={edge}", b"%b%b\r\n--%b--\r\n" % (
        ("".join(parts) + head).encode(),
        content,
        edge.encode(),
    )
