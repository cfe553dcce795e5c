// The copy buttons of the start page. They are hidden in the HTML, so that nobody meets a button that does nothing.

const said = document.getElementById("copied");

for (const button of document.querySelectorAll("button[data-copies]")) {
  const source = document.getElementById(button.dataset.copies);
  button.hidden = false;
  button.addEventListener("click", async () => {
    const isCopied = await copy(source);
    said.textContent = isCopied ? "Copied." : "Selected. Copy it with your keyboard.";
    show(button, isCopied ? "Copied" : "Selected");
    button.addEventListener("blur", () => show(button, "Copy"), { once: true });
  });
}

/** Puts a word on a button; its hidden rest, what is copied, stays. */
function show(button, word) {
  button.firstChild.data = word;
  button.classList.toggle("done", word !== "Copy");
}

/** Copies an element's text, or selects it where there is no clipboard (plain http on a network). */
async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent.trim());
    return true;
  } catch {
    getSelection().selectAllChildren(element);
    return false;
  }
}
