"""The form of a case, and what many have in common."""

from dataclasses import dataclass, field

from server import TEXT, frame

HELLO = b"hello"


@dataclass
class Case:
    name: str
    # What the server does with the connection.
    serve: object
    # The exit status.
    status: int
    # What the sentence on standard error has to name; where there is nothing to complain of, there is none.
    says: list
    # The code of the close frame that the client is to send, or those that it may; "none" for a frame without, None where it
    # sends no frame, "any" where that is its own affair.
    code: object
    # The texts and binaries that arrive.
    messages: list = field(default_factory=lambda: [HELLO.decode()])
    arguments: list = field(default_factory=list)
    # Seconds in which it is over.
    within: float = 5.0
    opens: bool = True
    # Given the peer and the run; returns what else is wrong, or nothing.
    check: object = None


def greet(peer, *more):
    """A handshake, and a message that shows that it was one."""
    peer.shake(*more)
    peer.send(frame(TEXT, HELLO))
