"""A port for a server that a test starts: nobody else is given it before the server has it."""

import socket


def reserved() -> int:
    """A port nobody listens on, set aside for a minute.

    A connection that was closed on it a moment ago keeps the system from giving it away as any free port, to another
    test or program that asks at the same moment; a server that names it may still have it (``SO_REUSEADDR``).
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        # Set earlier, it would let the system give the port of another such connection.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.listen(1)
        port = int(listener.getsockname()[1])
        with socket.create_connection(("127.0.0.1", port)):
            # Whoever closes first keeps the port: the side that accepted.
            listener.accept()[0].close()
    return port
