/** The mark: a stroke of marker and a question mark in ink. Drawn by calls, since markup is not to be trusted. */

const SVG = "http://www.w3.org/2000/svg";

/** The question mark, drawn twice: on any marker a line of paper sets the ink off. */
const QUESTION = "M47 49c0-11 8-17 17-17s17 6 17 15c0 13-16 14-16 27M65 93v1";

/** One above the other; the stylesheet tells them by their order. */
const PATHS = ["M18 78 108 50", QUESTION, QUESTION];

export function drawMark(parent: Element): void {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 128 128");
  for (const d of PATHS) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  parent.append(svg);
}
