/**
 * Keeps a scrolled box at its end while text comes, as long as the reader is there. Any move of
 * theirs away from it ends that at once: by wheel, keys, touch or the bar; and while they hold the
 * box, or have text in it selected, it stays still.
 */
import { isSelectedIn } from "./selected-in";

/** This near to its end the view counts as being there. */
const NEAR_PX = 32;

export class Following {
  readonly #box: HTMLElement;
  readonly #changed: (isAway: boolean) => void;
  readonly #life = new AbortController();
  readonly #resizes = new ResizeObserver(() => this.follow());
  #isFollowing = true;
  #isHeld = false;
  #top = 0;

  /** `content` is all that stands in the box. Tells `changed` whether its end is out of sight. */
  constructor(box: HTMLElement, content: HTMLElement, changed: (isAway: boolean) => void) {
    this.#box = box;
    this.#changed = changed;
    this.#resizes.observe(box);
    this.#resizes.observe(content);
    const { signal } = this.#life;
    box.addEventListener("scroll", () => this.#scrolled(), { signal });
    box.addEventListener("wheel", ({ deltaY }) => deltaY < 0 && this.#leave(), {
      signal,
      passive: true,
    });
    // The browser would go to where the end was when the key was pressed.
    box.addEventListener("keydown", (event) => this.#keyed(event), { signal });
    box.addEventListener("pointerdown", () => (this.#isHeld = true), { signal });
    for (const type of ["pointerup", "pointercancel"])
      window.addEventListener(type, () => this.#release(), { signal, capture: true });
  }

  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  /** Goes to the end and stays there. */
  toEnd(): void {
    this.#isFollowing = true;
    this.#box.scrollTo({ top: this.#box.scrollHeight, behavior: "instant" });
  }

  /** Goes to the end if the reader was there. */
  follow(): void {
    const mayMove = this.#isFollowing && !this.#isHeld && !isSelectedIn(this.#box);
    if (mayMove) this.#box.scrollTo({ top: this.#box.scrollHeight, behavior: "instant" });
    this.#tell();
  }

  end(): void {
    this.#resizes.disconnect();
    this.#life.abort();
  }

  get #distance(): number {
    const { scrollTop, scrollHeight, clientHeight } = this.#box;
    return scrollHeight - scrollTop - clientHeight;
  }

  #scrolled(): void {
    const isUp = this.#box.scrollTop < this.#top;
    this.#top = this.#box.scrollTop;
    // At the very end an upward move was the content getting shorter.
    if (isUp && this.#distance > 1) this.#isFollowing = false;
    else if (this.#distance < NEAR_PX) this.#isFollowing = true;
    this.#tell();
  }

  #keyed(event: KeyboardEvent): void {
    if (event.key !== "End" || event.shiftKey) return;
    event.preventDefault();
    this.toEnd();
  }

  #leave(): void {
    if (this.#box.scrollTop > 0) this.#isFollowing = false;
  }

  #release(): void {
    this.#isHeld = false;
  }

  #tell(): void {
    this.#changed(this.#distance > NEAR_PX);
  }
}
