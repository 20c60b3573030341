"""Sends an event to a user and prints who has acknowledged it. Python 3, nothing to install."""

import json
import os
import sys
import urllib.error
import urllib.request

URL = os.environ.get("RTSERVER_URL", "http://127.0.0.1:3000")
TOKEN = os.environ["RTSERVER_TOKEN"]


def post(path, body):
    request = urllib.request.Request(
        URL + path,
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        problem = json.load(error)
        sys.exit(f"{problem['code']}: {problem['detail']} ({problem['correlationId']})")


result = post(
    "/api/emit",
    {
        "event": "protocol:updated",
        "payload": {"protocolId": "7", "version": 3},
        "to": {"users": ["42"]},
        "ack": {"timeoutMs": 2000},
    },
)
print("recipients:", result["recipients"])
for ack in result["acks"]:
    print(ack["userId"], "has it" if ack["ok"] else ack["error"]["code"])
