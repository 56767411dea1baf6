"""Decrypts an Office document with msoffcrypto-tool. The request is JSON on standard input, so that no password is an argument."""

import json
import sys

import msoffcrypto
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError


def unlock(request):
    with open(request["input"], "rb") as file:
        try:
            office = msoffcrypto.OfficeFile(file)
            if not office.is_encrypted():
                return "plain"
        except FileFormatError:
            return "plain"  # no format that can be encrypted: inspection says what it is
        try:
            # Only OOXML can tell a wrong key before it is used; the older formats always look first.
            options = {"verify_password": True} if office.format == "ooxml" else {}
            office.load_key(password=request["password"], **options)
            with open(request["output"], "wb") as output:
                office.decrypt(output)
        except InvalidKeyError:
            return "password-wrong"
        except (DecryptionError, FileFormatError):
            return "unsupported"
    return "decrypted"


try:
    print(json.dumps({"outcome": unlock(json.load(sys.stdin))}))
except Exception:  # whatever a hostile file makes the library do is one outcome
    print(json.dumps({"outcome": "unsupported"}))
