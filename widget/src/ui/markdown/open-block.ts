/** A block that may still grow, and can be drawn further without looking at all of it again. */
export interface OpenBlock {
  /**
   * Shows a longer source of the block. False where what came may not belong to it any more: then
   * the whole block is lexed again, with what follows.
   */
  update(source: string): boolean;
}
