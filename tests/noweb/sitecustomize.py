"""Refuses every connection that leaves the machine; a library that phones home fails its test, and says to whom.

Python imports a module of this name at start-up when its folder is on the path, so processes that tests start are
guarded too.
"""

import ipaddress
import socket

_connect, _connect_ex, _getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo


class NetworkError(RuntimeError):
    """A test tried to reach another machine."""


def _is_here(host: object) -> bool:
    if host in (None, "", "localhost", b"localhost", "ip6-localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host))
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _check(host: object) -> None:
    if not _is_here(host):
        raise NetworkError(f"tests have no network, but something asked for {host!r}")


def _guarded(original):
    def method(self, address, *rest):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _check(address[0])
        return original(self, address, *rest)

    return method


def _guarded_lookup(host, *rest, **options):
    _check(host)
    return _getaddrinfo(host, *rest, **options)


def install() -> None:
    socket.socket.connect = _guarded(_connect)
    socket.socket.connect_ex = _guarded(_connect_ex)
    socket.getaddrinfo = _guarded_lookup


install()
