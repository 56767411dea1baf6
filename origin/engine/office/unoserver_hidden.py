"""UnoServer 3.7 with a converter of our own: documents load hidden, options keep their types, outcomes have names.

The request is one JSON string in `filter_options`, the answer a JSON string; nobody has to read LibreOffice's messages.
"""

import json
import os
import socket
import sys
import time
import types

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.lang import DisposedException
from com.sun.star.uno import Exception as UnoException
from unoserver import converter, server

MACROS_NEVER = 0
LINKS_NEVER = 0


def properties(values):
    return tuple(PropertyValue(Name=name, Value=value) for name, value in values.items())


def filter_data(values):
    return uno.Any("[]com.sun.star.beans.PropertyValue", properties(values))


def load(desktop, request):
    url = uno.systemPathToFileUrl(request["input"])
    for name in request["importFilters"]:
        values = {
            "Hidden": True,
            "ReadOnly": True,
            "MacroExecutionMode": MACROS_NEVER,
            "UpdateDocMode": LINKS_NEVER,
            "FilterName": name,
        }
        if request.get("importOptions"):
            values["FilterOptions"] = request["importOptions"]
        try:
            document = desktop.loadComponentFromURL(url, "_blank", 0, properties(values))
        except DisposedException:
            raise
        except UnoException:
            document = None
        if document is not None:
            return document
    return None


def update_indexes(document):
    if not hasattr(document, "getDocumentIndexes"):
        return
    indexes = document.getDocumentIndexes()
    if indexes.getCount() == 0:
        return
    for _ in range(2):  # a table of contents grows at first, and then its page numbers move
        document.refresh()
        for index in range(indexes.getCount()):
            indexes.getByIndex(index).update()


def page_count(document, export_data):
    """Pages as the export numbers them, so those that it leaves out are not counted."""
    options = properties(export_data)
    return document.getRendererCount(document, options)


def failure(outcome, desktop):
    """A LibreOffice that dies in the midst of a call is not always a DisposedException; the document is to blame only if it lives."""
    try:
        desktop.getName()
        return outcome
    except UnoException:
        return "crashed"


def convert(self, inpath=None, indata=None, outpath=None, convert_to=None, filtername=None, filter_options=(), *_):
    request = json.loads(filter_options[0])
    if request.get("probe"):
        return self.desktop.getName()  # which LibreOffice itself must answer
    answer = {"libreoffice": self.uno_info() if request.get("versions") else None, "unoserver": server.__version__}
    try:
        document = load(self.desktop, request)
        if document is None:
            return json.dumps({**answer, "outcome": failure("load-failed", self.desktop)})
        try:
            if request.get("updateIndexes"):
                update_indexes(document)
            data = dict(request.get("exportData") or {})
            if request.get("pageRanges"):
                total = page_count(document, data)
                answer["pages"] = total
                if any((last or first) > total for first, last in request["pageRanges"]):
                    return json.dumps({**answer, "outcome": "pages-outside"})
                data["PageRange"] = ",".join(f"{first}-{last or total}" for first, last in request["pageRanges"])
            values = {"FilterName": request["exportFilter"], "Overwrite": True}
            if data:
                values["FilterData"] = filter_data(data)
            document.storeToURL(uno.systemPathToFileUrl(request["output"]), properties(values))
            return json.dumps({**answer, "outcome": "converted"})
        finally:
            document.close(True)
    except DisposedException:
        return json.dumps({**answer, "outcome": "crashed"})
    except UnoException:
        return json.dumps({**answer, "outcome": failure("export-failed", self.desktop)})


def sleep_until_listening(seconds):
    """UnoServer sleeps 5 s and 2 s while LibreOffice starts: wait for LibreOffice's port instead."""
    port = int(sys.argv[sys.argv.index("--uno-port") + 1])
    deadline = time.monotonic() + (60 if seconds == 5 else 0)
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    time.sleep(0.05)


converter.UnoConverter.convert = convert
server.time = types.SimpleNamespace(sleep=sleep_until_listening)

if __name__ == "__main__":
    os._exit(server.main() or 0)
