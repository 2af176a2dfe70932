"""The forms of a page as a browser would send them back."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


class _Forms(HTMLParser):
    """Every form with its address and the values that stand in it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, Any]]] = []
        self.values: dict[str, Any] | None = None
        self.select: tuple[str, bool] | None = None
        self.area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self.values = {}
            self.found.append((given.get("action", ""), self.values))
        elif self.values is None:
            return
        elif tag == "input" and name:
            if given.get("type") not in {"radio", "checkbox"} or "checked" in given:
                self.values[name] = given.get("value", "on")
        elif tag == "textarea":
            self.area, self.values[name] = name, ""
        elif tag == "select":
            self.select = (name, "multiple" in given)
            self.values[name] = [] if "multiple" in given else ""
        elif tag == "option" and self.select and "selected" in given:
            chosen, several = self.select
            value = given.get("value", "")
            self.values[chosen] = [*self.values[chosen], value] if several else value

    def handle_data(self, data: str) -> None:
        if self.area and self.values is not None:
            self.values[self.area] += data.removeprefix("\r\n").removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.values = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None


def form_with(text: str, field: str) -> tuple[str, dict[str, Any]]:
    """The address and values of the form of a page that has this field."""
    forms = _Forms()
    forms.feed(text)
    return next((action, values) for action, values in forms.found if field in values)
