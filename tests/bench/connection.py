"""One keep-alive connection to Envoy, and the answers that come over it. Standard library only."""

import socket

from failure import Failed

ANSWER_SECONDS = 120


class Answer:
    """A response: its status, its headers by lower-case name, its body."""

    def __init__(self, head, body):
        status_line, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(status_line.split(" ")[1])
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self.body = body


class Connection:
    """One HTTP/1.1 connection that stays open."""

    def __init__(self, port):
        self._stream = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)
        self._received = b""

    def send(self, request):
        """Sends a request as it is and reads the response to it."""
        self._stream.sendall(request)
        while b"\r\n\r\n" not in self._received:
            self._receive()
        head, _, self._received = self._received.partition(b"\r\n\r\n")
        answer = Answer(head, b"")
        length = int(answer.headers["content-length"])
        while len(self._received) < length:
            self._receive()
        answer.body, self._received = self._received[:length], self._received[length:]
        return answer

    def close(self):
        """Ends the connection."""
        self._stream.close()

    def _receive(self):
        chunk = self._stream.recv(65536)
        if not chunk:
            raise Failed("Envoy closed the connection")
        self._received += chunk
