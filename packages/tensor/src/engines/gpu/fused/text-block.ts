/** The statements of one block of kernel text. Names are different in the whole text, see {@link Names}. */
export class Statements {
  readonly lines: string[] = [];
  constructor(private readonly names: Names) {}

  add(statement: string): void {
    this.lines.push(statement);
  }

  /** A local that holds `value` from now on; its name. What gpu.js takes for an integer (Math.floor) is a float in it. */
  keep(value: string): string {
    const name = this.names.next();
    this.add(`const ${name}=${value};`);
    return name;
  }

  /** A local that later statements change. */
  variable(value: string): string {
    const name = this.names.next();
    this.add(`let ${name}=${value};`);
    return name;
  }

  /** A name that nothing else has. */
  name(): string {
    return this.names.next();
  }
}

/** Numbered names. */
export class Names {
  private count = 0;

  next(): string {
    return `v${this.count++}`;
  }
}
