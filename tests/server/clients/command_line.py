"""Runs tccli: a command for each line of standard input, an answer for each.

Each command is tccli's own `main` in a process of its own, forked after what takes a second is imported.

    command_line.py HOST:PORT SECRET_ID SECRET_KEY POST
"""

import json
import os
import re
import sys
import tempfile

import tccli.main
from tccli.services.apigateway import apigateway_client  # noqa: F401

endpoint, secret_id, secret_key, _ = sys.argv[1:]


def run(arguments, out, err):
    """The exit code of tccli with these arguments."""
    child = os.fork()
    if child == 0:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        sys.argv = ["tccli", *arguments]
        status = 70
        try:
            status = tccli.main.main()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def call(action, parameters):
    arguments = ["apigateway", action, "--endpoint", "http://" + endpoint, "--region", "ap-guangzhou"]
    arguments += ["--secretId", secret_id, "--secretKey", secret_key]
    for name, value in parameters.items():
        arguments += ["--" + name, value if isinstance(value, str) else json.dumps(value)]
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        status = run(arguments, out, err)
        out.seek(0)
        err.seek(0)
        out, err = out.read(), err.read()
    if status == 0:
        return {"answer": json.loads(out)}
    found = re.search(r"code:(\S+) message:(.*) requestId:(\S+)", err, re.S)
    if status != 255 or not found:
        return {"code": f"tccli exits with {status}", "message": out + err, "request_id": None}
    return dict(zip(["code", "message", "request_id"], found.groups()))


# Standard output is tccli's in its processes.
answers = os.fdopen(os.dup(1), "w")
for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(call(asked["action"], asked["parameters"])), file=answers, flush=True)
