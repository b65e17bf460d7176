"""Addresses of HTTP services; nothing here connects to one."""


def local_url(bind: str, port: int) -> str:
    """A service as seen from its own machine.

    >>> local_url("0.0.0.0", 8080), local_url("::1", 80)
    ('http://127.0.0.1:8080', 'http://[::1]:80')
    """
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(bind, f"[{bind}]" if ":" in bind else bind)  # noqa: S104
    return f"http://{host}:{port}"
