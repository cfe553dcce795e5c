/**
 * Keeps a scrolled box at its end while text comes, as long as the reader is there. Any move of
 * theirs away from it ends that at once: by wheel, keys, touch or the bar; and while they hold the
 * box, or have text in it selected, it stays still.
 */
import { isSelectedIn } from "./selected-in";

/** This near to its end the view counts as being there. */
const NEAR_PX = 32;

/** So many frames after it was stopped, a move that was under way may still be told of. */
const LATE_FRAMES = 3;

export class Following {
  readonly #box: HTMLElement;
  readonly #changed: (isAway: boolean) => void;
  readonly #life = new AbortController();
  readonly #resizes = new ResizeObserver(() => this.follow());
  #isFollowing = true;
  #isHeld = false;
  /** Where the view was last seen, or put: further up it is by a move of the reader's. */
  #top = 0;
  /** The frame waited for, while the view was just brought to the end. */
  #arriving = 0;

  /** `content` is all that stands in the box. Tells `changed` whether its end is out of sight. */
  constructor(box: HTMLElement, content: HTMLElement, changed: (isAway: boolean) => void) {
    this.#box = box;
    this.#changed = changed;
    this.#turn(true);
    this.#resizes.observe(box);
    this.#resizes.observe(content);
    const { signal } = this.#life;
    box.addEventListener("scroll", () => this.#scrolled(), { signal });
    box.addEventListener("wheel", (event) => this.#wheeled(event), { signal, passive: true });
    box.addEventListener("keydown", (event) => this.#keyed(event), { signal });
    box.addEventListener("pointerdown", () => this.#hold(), { signal });
    // Where a menu opened, the release was the menu's.
    box.addEventListener("pointermove", ({ buttons }) => buttons || this.#release(), { signal });
    for (const type of ["pointerup", "pointercancel"])
      window.addEventListener(type, () => this.#release(), { signal, capture: true });
  }

  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  #turn(isOn: boolean): void {
    this.#isFollowing = isOn;
    // At its end nothing has to be kept in its place, which the browser would look for among all there is.
    this.#box.style.overflowAnchor = isOn ? "none" : "";
  }

  /** Goes to the end and stays there, whatever move is under way. */
  toEnd(): void {
    this.#turn(true);
    stopMoving(this.#box);
    this.#move();
    this.#arrive(LATE_FRAMES);
  }

  /** Goes to the end if the reader was there. */
  follow(): void {
    // Of a move within this frame no event has told yet, and going to the end would undo it. What is
    // less than a pixel is rounding.
    this.#look(1);
    const mayMove = this.#isFollowing && !this.#isHeld && !isSelectedIn(this.#box);
    if (mayMove) this.#move();
    this.#tell();
  }

  end(): void {
    this.#arrive(0);
    this.#resizes.disconnect();
    this.#life.abort();
  }

  get #distance(): number {
    const { scrollTop, scrollHeight, clientHeight } = this.#box;
    return scrollHeight - scrollTop - clientHeight;
  }

  #move(): void {
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#top = this.#box.scrollTop;
  }

  /** Lets go of the end if the view is further up than it was, by more than so many pixels. */
  #look(slack: number): void {
    const isUp = this.#box.scrollTop < this.#top - slack;
    this.#top = this.#box.scrollTop;
    // At the very end an upward move was the content getting shorter.
    if (!isUp || this.#distance <= 1) return;
    if (this.#arriving) this.#move();
    else this.#turn(false);
  }

  #scrolled(): void {
    const before = this.#top;
    this.#look(0);
    if (this.#top >= before && this.#distance < NEAR_PX) this.#turn(true);
    this.#tell();
  }

  /** Until the frames are over, a move up is none of the reader's. */
  #arrive(frames: number): void {
    cancelAnimationFrame(this.#arriving);
    this.#arriving = frames && requestAnimationFrame(() => this.#arrive(frames - 1));
  }

  #keyed(event: KeyboardEvent): void {
    this.#arrive(0);
    if (event.key !== "End" || event.shiftKey) return;
    // The browser would go to where the end was when the key was pressed.
    event.preventDefault();
    this.toEnd();
  }

  #wheeled({ deltaY, ctrlKey }: WheelEvent): void {
    // With Ctrl it zooms.
    if (deltaY >= 0 || ctrlKey) return;
    this.#arrive(0);
    if (this.#box.scrollTop > 0) this.#turn(false);
  }

  #hold(): void {
    this.#arrive(0);
    this.#isHeld = true;
  }

  #release(): void {
    this.#isHeld = false;
  }

  #tell(): void {
    this.#changed(this.#distance > NEAR_PX);
  }
}

/**
 * Ends a smooth move under way, which the compositor would go on with from wherever the box is put:
 * what does not scroll does not move.
 */
function stopMoving(box: HTMLElement): void {
  box.style.overflow = "clip";
  void box.offsetTop;
  box.style.overflow = "";
}
