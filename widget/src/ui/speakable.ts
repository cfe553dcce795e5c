/** Markdown as it is read aloud: without marks, addresses and definitions. */
export function speakable(markdown: string): string {
  return markdown
    .replace(/^ {0,3}\[[^\]]+\]:.*$/gm, "")
    .replace(/^ {0,3}(```|~~~).*$/gm, "")
    .replace(/^ {0,3}(#{1,6}|>|[-*+]) +/gm, "")
    .replace(/!?\[([^\]]*)\](\([^)]*\)|\[[^\]]*\])/g, "$1")
    .replace(/[*_`~|]{1,3}/g, "")
    .replace(/\s+/g, " ")
    .trim();
}
