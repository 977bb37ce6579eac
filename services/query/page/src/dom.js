// Elements by hand: text is always text, never markup.

//   h("p", {class: "quiet"}, "words", h("b", {}, "more"))
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function byId(id) {
  return document.getElementById(id);
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// A table of two columns with a caption.
export function pairs(caption, rows) {
  return h("table", {class: "pairs"}, h("caption", {}, caption),
    h("tbody", {}, ...rows.map(([name, value]) => h("tr", {}, h("th", {scope: "row"}, name), h("td", {}, value)))));
}
