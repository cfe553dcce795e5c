declare module "commonmark-spec" {
  interface Example {
    markdown: string;
    html: string;
    section: string;
    number: number;
  }
  const spec: { tests: readonly Example[] };
  export default spec;
}
