// A figure as PNG, as it is shown: drawn from the page's own SVG with its colours written into it, so that it also works
// from disk. The SVG and the CSV are files beside the page.
"use strict";
(() => {
  const PROPERTIES = ["fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linejoin", "paint-order", "font-size", "font-weight", "opacity", "vector-effect"];
  const WIDTH = 2000;

  function standalone(svg, credit) {
    const copy = svg.cloneNode(true);
    const [from, to] = [svg, copy].map((root) => [root, ...root.querySelectorAll("*")]);
    from.forEach((element, i) => {
      if (element.closest("defs")) return; // a shape that is used elsewhere has the colours of its use
      const style = getComputedStyle(element);
      for (const name of PROPERTIES) to[i].style.setProperty(name, style.getPropertyValue(name));
    });
    const { width, height } = svg.viewBox.baseVal;
    const size = Math.round(width / 60), foot = size * 2.4;
    const body = getComputedStyle(document.body);
    copy.setAttribute("width", width);
    copy.setAttribute("height", height);
    const outer = document.createElementNS(svg.namespaceURI, "svg");
    for (const [name, value] of Object.entries({ viewBox: `0 0 ${width} ${height + foot}`, width: WIDTH, height: Math.round((WIDTH * (height + foot)) / width), "font-family": "system-ui, sans-serif" })) outer.setAttribute(name, value);
    const ground = document.createElementNS(svg.namespaceURI, "rect");
    for (const [name, value] of Object.entries({ width, height: height + foot, fill: body.backgroundColor })) ground.setAttribute(name, value);
    const text = document.createElementNS(svg.namespaceURI, "text");
    for (const [name, value] of Object.entries({ x: size, y: height + foot - size * 0.8, "font-size": size, fill: body.color })) text.setAttribute(name, value);
    text.textContent = credit;
    outer.append(ground, copy, text);
    return outer;
  }

  /** Save the figure of a button. */
  atlas.picture = async (button) => {
    const outer = standalone(button.closest("figure").querySelector("svg[viewBox]"), button.dataset.credit);
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(outer))}`;
    await image.decode();
    const canvas = atlas.make("canvas", { width: outer.getAttribute("width"), height: outer.getAttribute("height") });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/png"); });
    const link = atlas.make("a", { download: `${button.dataset.png}.png`, href: URL.createObjectURL(blob) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
})();
