"""The fields of a form as a browser would send them: hidden ones, what is filled in, the first choice of each."""

from html.parser import HTMLParser

Fields = dict[str, str]


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, Fields]] = []  # where it goes, and its fields
        self._select, self._area = "", ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.forms.append((given.get("action", ""), {}))
        if not self.forms:
            return
        fields, name = self.forms[-1][1], given.get("name", "")
        if tag == "input" and name and given.get("type") not in ("submit", "button", "checkbox", "file"):
            if given.get("type") != "radio" or "checked" in given or name not in fields:
                fields[name] = given.get("value", "")
        elif tag == "textarea" and name:
            self._area = name
            fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or not fields.get(self._select)):
            fields[self._select] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._area and self.forms:
            self.forms[-1][1][self._area] += data


def fields_of(page: str, *, having: str, action: str = "") -> Fields:
    """The fields of the first form of a page that has the field `having`, and goes to an address with `action` in it.
    Raises LookupError when there is none."""
    parser = _Forms()
    parser.feed(page)
    for where, fields in parser.forms:
        if having in fields and action in where:
            return dict(fields)
    raise LookupError(f"no form with {having}")
