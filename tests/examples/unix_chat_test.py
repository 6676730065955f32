"""Several clients, each a socat, talk in the chat and leave it; Ctrl-C ends it for the one that stays."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import servers

if not shutil.which("socat"):
    print("there is no socat")
    sys.exit(77)
programs = pathlib.Path(sys.argv[1])


class Client:
    def __init__(self, path, name):
        self.process = subprocess.Popen(["socat", "-", f"UNIX-CONNECT:{path}"], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.say(f"{name}\n")

    def say(self, text):
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def hears(self, line):
        got = self.process.stdout.readline()
        assert got == line + "\n", f"{got!r} instead of {line!r}"

    def leave(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)

    def is_left_alone(self):
        assert self.process.stdout.read() == ""
        self.leave()


for backend in servers.backends():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "socket")
        with servers.started([programs / "unix_chat", path], backend) as line:
            assert line == f"listening on {path}", line
            ann = Client(path, "ann")
            ann.hears("* 1 in the room")
            bob = Client(path, "bob")
            bob.hears("* 2 in the room")
            ann.hears("* bob is here")
            eve = Client(path, "eve")
            eve.hears("* 3 in the room")
            for other in ann, bob:
                other.hears("* eve is here")
            ann.say("hello\n")
            for other in bob, eve:
                other.hears("ann: hello")
            bob.say("no end of line")
            bob.leave()
            for other in ann, eve:
                other.hears("bob: no end of line")
                other.hears("* bob has left")
            eve.leave()
            ann.hears("* eve has left")
        ann.is_left_alone()
        assert not os.path.exists(path), "the socket's file must go with the server"
    print(f"{backend}: ok")
