"""A stand-in for a service: `python stand_in.py BEHAVIOUR [ARGUMENT]`; starts in a moment, imports nothing of ours."""

import http.server
import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def main() -> None:
    behaviour, argument = sys.argv[1], (sys.argv[2] if len(sys.argv) > 2 else "")
    BEHAVIOURS[behaviour](argument)


def beat(_argument: str) -> None:
    """A loop that makes progress."""
    heartbeat = Path(os.environ["MOTCUA_HEARTBEAT_FILE"])
    while True:
        heartbeat.touch()
        time.sleep(0.1)


def beat_with_child(pid_file: str) -> None:
    """A loop with a child of its own, which is told nothing when its parent is killed."""
    child = subprocess.Popen([sys.executable, __file__, "stubborn"])
    Path(pid_file).write_text(str(child.pid))
    beat("")


def beat_once(_argument: str) -> None:
    """A loop that stops making progress but stays up."""
    Path(os.environ["MOTCUA_HEARTBEAT_FILE"]).touch()
    signal.pause()


def stubborn(_argument: str) -> None:
    """Doesn't end when asked to."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    beat("") if "MOTCUA_HEARTBEAT_FILE" in os.environ else signal.pause()


def fail(code: str) -> None:
    """Ends at once."""
    print("what went wrong", flush=True)
    sys.exit(int(code))


def serve(port: str) -> None:
    """Answers every GET with 200."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

    http.server.HTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()


def serve_then_hang(port: str) -> None:
    """Answers a first question with 200; later ones are taken, and never answered."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.close_connection = True

    server = http.server.HTTPServer(("127.0.0.1", int(port)), Handler)
    server.handle_request()
    signal.pause()


def serve_then_refuse(port: str) -> None:
    """Answers a first question with 200 and all others with 503."""
    statuses = iter([200])

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(next(statuses, 503))
            self.end_headers()

    http.server.HTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()


def note(path: str) -> None:
    """Adds its start to a file, then makes progress."""
    with Path(path).open("a") as file:
        file.write(f"{Path(os.environ['MOTCUA_HEARTBEAT_FILE']).name}\n")
    beat("")


BEHAVIOURS = {
    "beat": beat,
    "beat-with-child": beat_with_child,
    "beat-once": beat_once,
    "stubborn": stubborn,
    "fail": fail,
    "serve": serve,
    "serve-then-hang": serve_then_hang,
    "serve-then-refuse": serve_then_refuse,
    "note": note,
}

if __name__ == "__main__":
    main()
