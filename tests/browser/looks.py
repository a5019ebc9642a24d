"""All that is asked of a page in two themes and at two sizes, seen in one visit."""

from dataclasses import dataclass, field

NARROW, WIDE = {"width": 360, "height": 740}, {"width": 1440, "height": 900}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Best practices are not part of WCAG; everything else of axe is.
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# The other rules judge elements and attributes, which are the same in each theme and at each size.
_DRAWN = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
RUN = """async (runOnly) => {
  const found = await axe.run(document, { preload: false, runOnly, resultTypes: ["violations"] });
  const first = (v) => v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200));
  return [found.passes.length, found.violations.map((v) => [v.id, v.help, first(v)])];
}"""

_SIDEWAYS = """() => {
  const wide = [...document.querySelectorAll(".scroll")].filter((e) => e.scrollWidth > e.clientWidth + 1);
  return wide.map((e) => e.querySelector("table")).filter(Boolean).map((t) => t.className);
}"""
_OPEN = "document.querySelectorAll('details:not([open])').forEach((d) => { d.open = d.dataset.opened = true; })"
_CLOSE = "document.querySelectorAll('[data-opened]').forEach((d) => { d.open = false; })"
# Rows of one table, entries of one list and columns of one matrix are written by one line of a template; the slow run
# looks at all of them. So are elements in which all has the same names, classes and attributes, wherever on the page
# they stand in such elements: of each two stay, which are neighbours where the page has neighbours of the kind.
_TWO_OF_EACH = """() => {
  document.querySelectorAll(`tbody > :nth-child(n+6), :is(ul, ol) > :nth-child(n+9),
    .matrix tr > :nth-child(n+9), details:is(.entry, .family, .mixes):nth-of-type(n+7)`).forEach((e) => e.remove());
  const free = /^(id|for|name|value|title|alt|content|datetime|src|headers|d|[xy]\\d?|c[xy]|points|transform|list)$/;
  const link = (value) => (value.startsWith("http") ? "http" : "here");
  const value = ({ name, value: v }) => (name === "href" ? link(v)
    : free.test(name) || /^(data|aria-(label|describ|control|own))/.test(name) ? Boolean(v.trim()) : v);
  const kinds = new Map(), asked = new Set();
  const kindOf = (e) => {
    const own = [...e.attributes].map((a) => `${a.name}=${value(a)}`).sort();
    const text = (node) => (node.nodeType === 3 && node.data.trim() ? "t" : "");
    const inner = [...e.childNodes].map((node) => (node.nodeType === 1 ? kindOf(node) : text(node)));
    for (const name of ["for", "aria-labelledby", "aria-describedby", "aria-controls", "list", "headers"]) {
      for (const id of (e.getAttribute(name) ?? "").split(" ")) asked.add(id);
    }
    kinds.set(e, `${e.localName} ${own}(${inner.join("")})`);
    return kinds.get(e);
  };
  kindOf(document.body);
  // What holds a sentence or a row together, and what names another element, goes only with what it is a part of.
  const parts = `a, b, code, em, strong, span, abbr, sub, sup, td, th, dt, dd, col, label, legend, title, summary,
    math *`;
  const seen = new Map();
  const thin = (parent, path) => {
    for (const e of [...parent.children]) {
      const kind = `${path} ${kinds.get(e)}`, number = (seen.get(kind) ?? 0) + 1;
      if (number > 2 && !e.matches(parts) && !(e.id && asked.has(e.id))) e.remove();
      else {
        seen.set(kind, number);
        thin(e, `${path}>${e.localName}.${e.getAttribute("class")}`);
      }
    }
  };
  thin(document.body, "");
}"""
# Of a page on which nobody has opened anything; `NARROW` has the list of its headings folded.
_AS_IT_COMES = """() => {
  const { documentElement: page } = document, links = [...document.querySelectorAll("nav.contents a")];
  const seen = {
    overflow: [page.scrollWidth - page.clientWidth], screens: page.scrollHeight / innerHeight,
    links: links.length, stays: true, uncovered: true,
  };
  if (!links.length) return seen;
  scrollTo(0, page.scrollHeight);
  scrollBy(0, -1.5 * innerHeight);
  const list = document.querySelector("nav.contents details"), summary = list.querySelector("summary");
  seen.stays = summary.getBoundingClientRect().y >= 0;
  if (!list.open) summary.click();
  links.at(-1).click();
  const heading = document.getElementById(links.at(-1).hash.slice(1));
  const { left, top, height } = heading.getBoundingClientRect();
  seen.uncovered = heading.contains(document.elementFromPoint(left + 2, top + height - 4));
  return seen;
}"""


@dataclass
class Look:
    """What was seen of a page in one theme and at one size.

    Attributes:
        overflow: By how many pixels it scrolls sideways: as it comes, and with all opened in both themes.
        screens: Its length.
        links: How many links its list of headings has.
        stays: The list of headings is in sight near the end of the page.
        uncovered: The last heading, which the list leads to, is in sight when one follows the link.
        sideways: The classes of the tables that scroll sideways.
        passed: How many rules of axe it keeps.
        violations: Those that it breaks.
    """

    overflow: list[int]
    screens: float
    links: int
    stays: bool
    uncovered: bool
    sideways: list[str] = field(default_factory=list)
    passed: int = 0
    violations: list = field(default_factory=list)


Way = tuple[str, dict[str, int]]
"""Theme and size of the window."""


_LOOK = f"""() => {{
  {_CLOSE}
  const seen = ({_AS_IT_COMES})();
  scrollTo(0, 0);  // there the list of headings lies on no other link
  {_OPEN}
  return {{ ...seen, sideways: ({_SIDEWAYS})(), overflow: [...seen.overflow, {OVERFLOW}] }};
}}"""


def look_at(page, axe: str, ways: list[Way], *, whole: bool) -> list[Look]:
    """All that the tests below ask of a page, in one visit, which begins and ends in the first of two ways."""
    looks = []
    for (_, viewport), (other, _) in zip(ways, reversed(ways), strict=True):
        page.set_viewport_size(viewport)
        look = Look(**page.evaluate(_LOOK))
        page.emulate_media(color_scheme=other)
        look.overflow.append(page.evaluate(OVERFLOW))
        looks.append(look)
    if not whole:
        page.evaluate(_TWO_OF_EACH)
    page.add_script_tag(url=axe)
    for (theme, viewport), look in reversed([*zip(ways, looks, strict=True)]):
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size(viewport)
        rules = WCAG if whole or look is looks[0] else _DRAWN
        look.passed, look.violations = page.evaluate(RUN, rules)
    return looks
