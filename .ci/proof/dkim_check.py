"""Reads {"Records": {name: TXT}, "Mails": [{"Name", "Raw" (base64)}]} from standard
input, verifies every DKIM signature with dkimpy, and writes a list of {"Name",
"Signatures": [{"Selector", "Signed", "Error"}]}: Signed are the headers under it.
The DNS is the records that are given; nothing is asked elsewhere.
"""

import base64
import json
import sys

import dkim

given = json.load(sys.stdin)


def lookup(name, timeout=5):
    text = given["Records"].get(name.decode().rstrip("."))
    return text.encode() if text else None


def verify(raw, index):
    """Verifies one signature; its error is empty where it holds."""
    d = dkim.DKIM(raw)
    try:
        error = "" if d.verify(idx=index, dnsfunc=lookup) else "the signature does not fit"
    except dkim.DKIMException as e:
        error = str(e)
    fields = getattr(d, "signature_fields", None) or {}
    return {
        "Selector": fields.get(b"s", b"").decode(),
        "Signed": [name.strip().lower() for name in fields.get(b"h", b"").decode().split(":")],
        "Error": error,
    }


result = []
for mail in given["Mails"]:
    raw = base64.b64decode(mail["Raw"])
    head = raw.replace(b"\r\n", b"\n").split(b"\n\n", 1)[0].lower()
    n = (b"\n" + head).count(b"\ndkim-signature:")
    result.append({"Name": mail["Name"], "Signatures": [verify(raw, i) for i in range(n)]})
json.dump(result, sys.stdout)
