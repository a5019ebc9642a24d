"""A URL template renders, with its `template_values`, to the `example_url`.

Example: `.../{year}/grid_{lon:.2f}_{lat:.2f}.npy` with `{year: 2024, lon: 0.15, lat: 52.05}`.
"""

from collections.abc import Iterator
from string import Formatter

from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Render every template."""
    for product in context.catalog.products.values():
        file = f"products/{product.id}.yaml"
        for place in product.distributions:
            path = f"distributions.{place.id}.url_template"
            if place.url_template is None:
                if place.template_values is not None:
                    yield Fault(file, f"distributions.{place.id}.template_values", "values without a template")
                continue
            try:
                names = {name for _, name, _, _ in Formatter().parse(place.url_template) if name is not None}
            except ValueError as error:
                yield Fault(file, path, f"the template cannot be read: {error}")
                continue
            if any(not name.isidentifier() for name in names):
                yield Fault(file, path, "placeholders must be plain names")
                continue
            if place.template_values is None:
                if place.example_url is not None:
                    yield Fault(file, path, "an example needs the template_values that it is made of")
                continue
            missing, extra = names - set(place.template_values), set(place.template_values) - names
            if missing or extra:
                what = f"no value for {sorted(missing)}" if missing else f"not in the template: {sorted(extra)}"
                yield Fault(file, f"distributions.{place.id}.template_values", what)
                continue
            try:
                rendered = place.url_template.format(**place.template_values)
            except (ValueError, KeyError, IndexError) as error:
                yield Fault(file, path, f"the template does not render: {error}")
                continue
            if rendered != place.example_url:
                yield Fault(file, path, f"renders to {rendered}, not to the example {place.example_url}")


RULE = Rule("template-renders", "error", check, __doc__)
