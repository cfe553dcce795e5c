/** A stylesheet imported as text, to be put into a constructed sheet. */
declare module "*.css?inline" {
  const text: string;
  export default text;
}
