/** The names under which a chat keeps what a reload needs. */
export const CONVERSATION = "conversation";
export const DRAFT = "draft";
export const PENDING = "pending";
export const TURN = "turn";
