/** The mark: a stroke of marker and a question mark in ink. Drawn by calls, since markup is not to be trusted. */

const SVG = "http://www.w3.org/2000/svg";

/** The question mark, drawn twice: on any marker a line of paper sets the ink off. */
const QUESTION = "M11.8 12.2c0-2.7 1.9-4.3 4.3-4.3s4.2 1.5 4.2 3.8c0 3.2-4 3.4-4 6.8M16.2 23.2v.1";

const PATHS = [
  ["stroke", "M4.6 19.6 26.9 12.4"],
  ["halo", QUESTION],
  ["", QUESTION],
] as const;

export function drawMark(parent: Element): void {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 32 32");
  for (const [name, d] of PATHS) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", name);
    path.setAttribute("d", d);
    svg.append(path);
  }
  parent.append(svg);
}
