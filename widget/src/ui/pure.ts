import { Component, type ComponentType, type FunctionComponent } from "preact";

/** A component that is drawn again only when one of its properties is another object or value. */
export function pure<Props extends object>(draw: FunctionComponent<Props>): ComponentType<Props> {
  return class extends Component<Props> {
    override shouldComponentUpdate(next: Props): boolean {
      const names = Object.keys(next) as (keyof Props)[];
      return names.some((name) => next[name] !== this.props[name]);
    }
    override render() {
      return draw(this.props);
    }
  };
}
