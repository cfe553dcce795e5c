import { Component, type ComponentType } from "preact";

/**
 * A component whose module is fetched when it is first drawn; until then, and where it cannot be
 * fetched, `Meanwhile` stands in its place.
 */
export function lazily<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  Meanwhile: ComponentType<Props>,
): ComponentType<Props> {
  let Loaded: ComponentType<Props> | null = null;
  return class extends Component<Props> {
    override componentDidMount() {
      if (Loaded) return;
      load().then(
        (component) => {
          Loaded = component;
          this.forceUpdate();
        },
        (error: unknown) => console.warn("Asklight: a part of the panel did not load", error),
      );
    }
    override render() {
      const Drawn = Loaded ?? Meanwhile;
      return <Drawn {...this.props} />;
    }
  };
}
