"""Opens a document in a LibreOffice that runs every macro: what the suite's canary looks like when it dies."""

import subprocess
import sys
import tempfile
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

with tempfile.TemporaryDirectory() as folder:
    pipe = f"hostile{time.time_ns()}"
    office = subprocess.Popen(
        ["soffice", "--headless", "--norestore", f"-env:UserInstallation=file://{folder}/profile", f"--accept=pipe,name={pipe};urp;"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        context = uno.getComponentContext()
        resolver = context.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", context)
        for _ in range(150):
            try:
                remote = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
                break
            except NoConnectException:
                time.sleep(0.2)
        desktop = remote.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", remote)
        always_execute = (PropertyValue(Name="MacroExecutionMode", Value=4),)
        document = desktop.loadComponentFromURL(uno.systemPathToFileUrl(sys.argv[1]), "_blank", 0, always_execute)
        time.sleep(1)
        document.close(True)
        try:
            desktop.terminate()
        except Exception:  # the bridge may be gone before the answer
            pass
        office.wait(20)
    finally:
        office.kill()
