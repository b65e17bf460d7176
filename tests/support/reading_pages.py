"""What of a page counts, for tests of pages that are one file."""

from html.parser import HTMLParser


class Reader(HTMLParser):
    """Elements, attributes and text, apart for each language."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.ids: list[str] = []
        self.text: dict[str, str] = {"vi": "", "en": ""}
        self._main: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = {name: value or "" for name, value in attrs}
        self.attributes += [(tag, name, value) for name, value in given.items()]
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "main":
            self._main = given["lang"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self._main = None

    def handle_data(self, data: str) -> None:
        if self._main:
            self.text[self._main] += data

    def is_self_contained(self) -> bool:
        """Whether nothing is fetched and nothing runs."""
        tags = {"script", "link", "img", "iframe", "object", "embed", "base"} & set(self.tags)
        names = [name for _, name, _ in self.attributes if name.startswith("on") or name in {"src", "srcset", "action"}]
        links = [value for _, name, value in self.attributes if name in {"href", "xlink:href"}]
        policies = [value for tag, name, value in self.attributes if (tag, name) == ("meta", "content")]
        return (
            not tags
            and not names
            and bool(links)
            and all(link.startswith("#") and link[1:] in self.ids for link in links)
            and "default-src 'none'; style-src 'unsafe-inline'" in policies
        )
