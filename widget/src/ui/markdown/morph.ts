/**
 * Makes the children of `parent`, from index `start` on, equal to those of `wanted`, keeping every
 * node that already is: a reader's selection and focus stay, and a growing block costs its end.
 * From `end` on children are left alone.
 */
import { isSameCode } from "./code";

export function morphChildren(parent: Node, start: number, wanted: Node, end = Infinity): void {
  const after = parent.childNodes[end] ?? null;
  let present = parent.childNodes[start] ?? null;
  let next = wanted.firstChild;
  while (next) {
    const following: ChildNode | null = next.nextSibling;
    if (present === after) parent.insertBefore(next, after);
    else if (present) present = morph(present, next).nextSibling;
    next = following;
  }
  while (present && present !== after) {
    const following: ChildNode | null = present.nextSibling;
    present.remove();
    present = following;
  }
}

/** The node that stands in the place of `present` afterwards. */
function morph(present: ChildNode, wanted: ChildNode): ChildNode {
  if (present.isEqualNode(wanted)) return present;
  if (present instanceof Text && wanted instanceof Text) {
    growText(present, wanted.data);
    return present;
  }
  if (present instanceof Element && wanted instanceof Element && isSameShell(present, wanted)) {
    // Colours come later than the code, and stay.
    if (!isSameCode(present, wanted)) morphChildren(present, 0, wanted);
    return present;
  }
  present.replaceWith(wanted);
  return wanted;
}

/** Appending to a text keeps a selection inside it; setting it anew would not. */
export function growText(text: Text, wanted: string): void {
  if (wanted === text.data) return;
  if (wanted.startsWith(text.data)) text.appendData(wanted.slice(text.data.length));
  else text.data = wanted;
}

function isSameShell(one: Element, other: Element): boolean {
  return one.cloneNode(false).isEqualNode(other.cloneNode(false));
}
