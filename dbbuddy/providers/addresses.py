"""Which hosts are ours: this machine and private networks."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from dbbuddy.providers.errors import ProviderError

# RFC 6598, shared address space: overlay networks such as Tailscale use it. Python counts it as neither private nor global.
_SHARED = ipaddress.ip_network("100.64.0.0/10")


def is_private_address(address: str) -> bool:
    """Whether an IP address is of this machine or a private network."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return ip.is_loopback or ip.is_private or ip.is_link_local or ip in _SHARED


def may_be_private(url: str) -> bool:
    """Whether an address may be private by what is written: a private IP, or a name, which is looked up when it is used."""
    host = urlsplit(url).hostname or ""
    try:
        return is_private_address(host)
    except ValueError:
        return bool(host)


def require_private(url: str) -> None:
    """Look up where a URL leads, before any connection is made.

    Raises:
        ProviderError: it leads, or may lead, to a public network, or nowhere.
    """
    host = urlsplit(url).hostname or ""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except OSError:
        raise ProviderError("unreachable", f"the host {host} is not known") from None
    public = sorted(address for address in found if not is_private_address(address))
    if public:
        raise ProviderError("misconfigured", f"{host} ({public[0]}) is not on a private network: nothing was sent")
