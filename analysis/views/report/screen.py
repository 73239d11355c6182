"""The browser's page that draws: Plotly and the outlines are loaded into it once, from this machine."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.views.report.browser import NoBrowser
from analysis.views.report.geo import assets

if TYPE_CHECKING:
    from choreographer import Browser, Tab
    from choreographer.utils import TmpDirectory

NOBODY = "http://127.0.0.1:9"
"""A proxy that is not there: nothing leaves the machine."""
STEP, STEPS = 0.02, 1500
"""Seconds between two looks whether the page is loaded, and how many."""
ENDING = 2.0
"""Seconds that the system has to end a process."""
FONTS = "Arial, 'Liberation Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
"""What the page may fetch: nothing; its script is in it."""
PAGE = """<!doctype html><html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}"><style>body {{ margin: 0 }}</style>
<script>window.PlotlyGeoAssets = {assets};</script><script>{plotly}</script></head>
<body><div id="chart" style="position:absolute;left:-9999px"></div><div id="picture"></div></body></html>"""
CHART = """async function (figure, width, height) {
    const place = document.getElementById("chart");
    await Plotly.newPlot(place, figure.data, { ...figure.layout, width, height }, { staticPlot: true });
    const svg = await Plotly.toImage(place, { format: "svg", imageDataOnly: true, width, height });
    Plotly.purge(place);
    return svg;
}"""
SHOW = """async function (svg) {
    document.getElementById("picture").innerHTML = svg;
    await Promise.all([...document.images].map(one => one.decode().catch(() => null)));
    await document.fonts.ready;
}"""
WRITE = """async function (html) {
    document.open(); document.write(html); document.close();
    await Promise.all([...document.images].map(one => one.decode().catch(() => null)));
    await document.fonts.ready;
}"""


class Screen:
    """A tab that is ready to draw, in a browser of its own.

    Attributes
    ----------
    program : Path
        The browser.
    """

    def __init__(self, program: Path, browser: "Browser", folder: "TmpDirectory") -> None:
        self.program = program
        self._browser = browser
        self._folder = folder
        self._tab: Tab | None = None
        self._sized: tuple[int, int, float] | None = None

    @classmethod
    async def open(cls, program: Path) -> "Screen":
        """Start the browser and load its page."""
        from choreographer import Browser
        from choreographer.utils import TmpDirectory

        browser = Browser(path=program, proxy_server=NOBODY)
        screen = cls(program, browser, TmpDirectory(sneak=browser.is_isolated()))
        try:
            await screen._load()
        except BaseException:
            screen.kill()
            await screen.close()
            raise
        return screen

    async def _load(self) -> None:
        import plotly

        script = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
        plotly_js = script.read_text("utf-8").replace("</script", "<\\/script")
        text = PAGE.format(policy=POLICY, assets=json.dumps(assets()).replace("</", "<\\/"), plotly=plotly_js)
        page = self._folder.path / "page.html"
        page.write_text(text, "utf-8")
        await self._browser.open()
        self._tab = self._browser.get_tab() or await self._browser.create_tab()
        await self.send("Page.navigate", url=page.as_uri())
        for _ in range(STEPS):
            ready = "document.readyState === 'complete' && !!window.Plotly"
            if (await self.send("Runtime.evaluate", expression=ready))["result"].get("value") is True:
                return
            await asyncio.sleep(STEP)
        raise NoBrowser("failed", path=str(self.program))

    async def close(self) -> None:
        """End the browser and remove what it wrote."""
        try:
            await self._browser.close()
        finally:
            self._folder.clean()

    def kill(self) -> None:
        """End the browser and all that it started at once, even where it hangs."""
        process = getattr(self._browser, "subprocess", None)
        if process is None:
            return
        try:
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(ENDING)
        except (ProcessLookupError, PermissionError, subprocess.TimeoutExpired):
            return

    async def send(self, command: str, *, to: "Tab | None" = None, **values: Any) -> dict[str, Any]:
        """One command of the browser's protocol, and its result."""
        tab = to or self._tab
        assert tab is not None
        answer = await tab.send_command(command, values)
        if "error" in answer:
            raise NoBrowser("drawing", why=str(answer["error"].get("message", "")))
        return dict(answer["result"])

    async def call(self, function: str, *values: Any, to: "Tab | None" = None) -> Any:
        """Value of a JavaScript function called on the page."""
        window = await self.send("Runtime.evaluate", to=to, expression="window")
        answer = await self.send(
            "Runtime.callFunctionOn",
            to=to,
            functionDeclaration=function,
            objectId=window["result"]["objectId"],
            arguments=[{"value": value} for value in values],
            awaitPromise=True,
            returnByValue=True,
        )
        if "exceptionDetails" in answer:
            why = answer["exceptionDetails"].get("exception", {}).get("description", "")
            raise NoBrowser("drawing", why=why.partition("\n")[0])
        return answer["result"].get("value")

    async def chart(self, figure: dict[str, Any], width: float, height: float) -> str:
        """A Plotly figure as SVG."""
        return str(await self.call(CHART, figure, width, height))

    async def shot(self, svg: str, width: int, height: int, scale: float) -> bytes:
        """PNG of an SVG."""
        if self._sized != (width, height, scale):
            command = "Emulation.setDeviceMetricsOverride"
            await self.send(command, width=width, height=height, deviceScaleFactor=scale, mobile=False)
            self._sized = (width, height, scale)
        await self.call(SHOW, svg)
        found = await self.send("Page.captureScreenshot", format="png", optimizeForSpeed=True)
        return b64decode(found["data"])

    async def printed(self, html: str) -> bytes:
        """PDF of a page that says its own paper size, with its headings as bookmarks."""
        tab = await self._browser.create_tab("about:blank")
        try:
            await self.call(WRITE, html, to=tab)
            found = await self.send(
                "Page.printToPDF",
                to=tab,
                preferCSSPageSize=True,
                printBackground=True,
                generateTaggedPDF=True,
                generateDocumentOutline=True,
            )
            return b64decode(found["data"])
        finally:
            await tab.close()
